"""What the parts of `make bench` share: programs on a core of their own, their processor time and memory with children and
threads, medians of runs taken in turn, and rows as tests/bench/run reads them.

    values = measure.in_turn(den=lambda: run_den(), nginx=lambda: run_nginx())      # A B A B ..., {"den": [..], "nginx": [..]}
    measure.compare("what", values, "den", reach=0.6, unit="ms", floor=[..], steady=True)

Times are seconds, sizes bytes."""

import contextlib
import os
import pathlib
import signal
import statistics
import subprocess
import time

SHORT = os.environ.get("BENCH_SHORT") == "1"  # of `make bench-check`: steady rows only, few runs
RUNS = 3 if SHORT else 5
SECONDS = 60  # what one run may take
BUILD = pathlib.Path(os.environ.get("DEN_BUILD", "build/host")).resolve()


class Done:
    """A program that has ended: exit code, seconds of its own and of the clock, the most memory it had, its output."""

    def __init__(self, code, cpu, wall, peak, out):
        self.code, self.cpu, self.wall, self.peak, self.out = code, cpu, wall, peak, out


def pinned(command, core=None):
    """The command line that keeps the program, and all that it starts, on that core."""
    words = [*map(str, command)]
    return words if core is None else ["taskset", "-c", str(core % os.cpu_count()), *words]


def spawn(command, core=None, **popen):
    """A program beside, without input, and with its output thrown away unless told otherwise."""
    popen = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | popen
    return subprocess.Popen(pinned(command, core), **popen)


@contextlib.contextmanager
def beside(command, core=None, **popen):
    """The same for as long as a block lasts."""
    child = spawn(command, core, **popen)
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def status(pid, which):
    """A size of /proc/PID/status, 0 once it is gone."""
    with contextlib.suppress(OSError):
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(which + ":"):
                return 1024 * int(line.split()[1])
    return 0


def family(pid):
    """The process and its descendants, as far as they live."""
    found = [pid]
    for one in found:
        for task in pathlib.Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += map(int, task.read_text().split())
    return found


def cpu(pid):
    """What the living process and its living descendants have used so far, all their threads in, to the nanosecond."""
    total = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            total += time.clock_gettime(~one << 3 | 2)  # CLOCK_PROCESS_CPUTIME_ID of another, see clock_getcpuclockid(3)
    return total


def resident(pid):
    """Memory of the process and its descendants now."""
    return sum(status(one, "VmRSS") for one in family(pid))


def reap(child, timeout=SECONDS):
    """Waits for a spawned program's end: (exit code, processor time with all children that it waited for, peak memory)."""
    deadline, peak = time.monotonic() + timeout, 0
    while True:
        peak = max(peak, status(child.pid, "VmHWM"))  # ru_maxrss would count the parent before exec
        pid, code, usage = os.wait4(child.pid, os.WNOHANG)
        if pid != 0:
            break
        if time.monotonic() > deadline:
            child.kill()
            os.wait4(child.pid, 0)
            child.returncode = -signal.SIGKILL
            raise AssertionError(f"{child.args}: still running after {timeout} s")
        time.sleep(0.02)
    child.returncode = os.waitstatus_to_exitcode(code)
    return child.returncode, usage.ru_utime + usage.ru_stime, peak


def run(command, core=None, timeout=SECONDS, **popen):
    """Runs a program to its end. Its standard output and error come along if they go to no pipe of the caller's."""
    with open(os.path.join(os.environ.get("TMPDIR", "/tmp"), f"out-{os.getpid()}"), "w+b") as out:
        begun = time.monotonic()
        child = spawn(command, core, **({"stdout": out, "stderr": out} | popen))
        code, used, peak = reap(child, timeout)
        wall = time.monotonic() - begun
        out.seek(0)
        text = out.read().decode(errors="replace")
    os.unlink(out.name)
    return Done(code, used, wall, peak, text)


def in_turn(runs=None, **measures):
    """Calls each of them again and again, one after the other; {name: [what it returned, ...]}."""
    values = {name: [] for name in measures}
    for _ in range(runs or RUNS):
        for name, measure in measures.items():
            values[name].append(measure())
    return values


def median(values):
    return statistics.median(values)


def show(value):
    """With three digits that say something."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"


def spread(values):
    return f"{show(min(values))} to {show(max(values))}"


def ratio(ours, theirs):
    """The median of the rounds' ratios, which a machine's moods change less than a ratio of medians."""
    return median([a / b for a, b in zip(ours, theirs)])


def remark(text):
    """A paragraph, as one line."""
    print(" ".join(text.split()), flush=True)


def row(what, ours, other="-", figure="-", reach="-", floor="-", runs="", steady=False):
    """One row, of texts; a number as figure, or as ours (then it is the figure, too), is shown fitly."""
    figure = f"{figure:.3f}" if isinstance(figure, float) else str(figure)
    print(" | ".join([what, ours, other, figure, str(reach), floor, runs, "steady" if steady else ""]), flush=True)


def compare(what, values, ours, reach, unit="", floor=None, better=min, steady=False):
    """A row of ours against the best of the others, all of them lists of runs in turn; better=max: more is better. floor:
    runs of what nobody can beat, for show."""
    others = {name: runs for name, runs in values.items() if name != ours}
    best = better(others, key=lambda name: median(others[name]))
    row(what, f"{show(median(values[ours]))} {unit}".strip(), f"{best} {show(median(values[best]))}",
        ratio(values[ours], values[best]), reach, show(median(floor)) if floor else "-",
        f"{len(values[ours])}: {spread(values[ours])}, {spread(values[best])}", steady)


def quantity(what, values, reach, unit="", steady=False):
    """A row of a figure that stands for itself."""
    value = median(values)
    row(what, f"{show(value)} {unit}".strip(), "-", float(value), reach, "-", f"{len(values)}: {spread(values)}", steady)
