"""What scenarios share: cases that report themselves, and the programs under test.

    @kit.case
    def bob_reads_it(place):        # place: a pathlib.Path, a new empty directory
        server = kit.Server(place)
        alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
        alice.expect("joined", name="bob")
        alice.send("/msg bob hello")
        assert bob.expect("message", text="hello")["from"] == "alice"
        server.den("carol", "msg", "nobody", "hello", code=4)       # one shot
        kit.run("den-clip", "list")                                 # any program, to its end

    kit.main()

A case fails by an exception (assert says why), and is skipped by kit.Skip(why). Nothing here sleeps: what is waited
for is an event, a line or an end, for PATIENCE seconds at most. What a case leaves running is ended by its pid.
"""

import contextlib
import functools
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("DEN_BUILD", TOP / "build" / "host")).resolve()
SANITIZED = bool(os.environ.get("DEN_SANITIZE"))
PATIENCE = 60 if SANITIZED or "DEN_UNDER" in os.environ else 20
DEND_OPTIONS = os.environ.get("DEN_DEND_OPTIONS", "").split()

_cases = []
_running = []
_keys = {}  # by the name of the state directory: private keys that were made here, for the next case


class Skip(Exception):
    pass


def case(function):
    """Those of a module that is imported for what else it has are not run."""
    if function.__module__ == "__main__":
        _cases.append(function)
    return function


def in_namespaces(flags, *needed):
    """For a case that changes the system: it runs as the root of namespaces of its own (unshare(1)'s flags), which an ordinary user
    may have, too. Skipped where that can't be, or what else it needs is not installed."""

    def decorate(function):
        @functools.wraps(function)
        def outside(place):
            if os.environ.get("DEN_INSIDE"):
                return function(place)
            for tool in ("unshare", *needed):
                need(tool)
            if subprocess.run(["unshare", flags, "true"], capture_output=True).returncode != 0:
                raise Skip("no user namespaces here")
            done = subprocess.run(["unshare", flags, sys.executable, sys.argv[0], function.__name__], capture_output=True, text=True,
                                  env=os.environ | {"DEN_INSIDE": "1"}, stdin=subprocess.DEVNULL, timeout=110)
            assert done.returncode == 0, done.stdout[-800:] + done.stderr[-400:]
            if skipped := re.search("^skip .* - (.*)", done.stdout):
                raise Skip(skipped[1])

        return case(outside)

    return decorate


def main():
    """Runs the cases that argv names, else all; the exit code tells whether all went well."""
    failed = 0
    for function in _cases:
        name = function.__name__
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        place = pathlib.Path(tempfile.mkdtemp(prefix="den-"))
        try:
            function(place)
            print(f"ok {name}")
        except Skip as why:
            print(f"skip {name} - {why}")
        except Exception as error:
            failed += 1
            at = traceback.extract_tb(error.__traceback__)
            mine = [f for f in at if not f.filename.endswith("kit.py") and f.filename.startswith(str(TOP))] or at
            why = " ".join(str(error).split()) or at[-1].line
            print(f"not ok {name} - {pathlib.Path(mine[-1].filename).name}:{mine[-1].lineno}: {why}")
        finally:
            end_all()
            _keys.update({file.parent.name: file.read_bytes() for file in place.glob("*/identity.pem")})
            shutil.rmtree(place, ignore_errors=True)
        sys.stdout.flush()
    sys.exit(1 if failed else 0)


def end_all():
    while _running:
        _running.pop().close()


def program(name):
    return str(BUILD / name)


def run(name, *words, code=0, **options):
    """Runs one of ours to its end, checks its exit code, and returns (standard output, error)."""
    if "input" not in options:
        options["stdin"] = subprocess.DEVNULL
    done = subprocess.run([program(name), *map(str, words)], text=True, capture_output=True, timeout=100, **options)
    assert done.returncode == code, f"{name} {words}: exit {done.returncode}: {done.stdout[-500:]} {done.stderr}"
    return done.stdout, done.stderr


def tool(*words, code=0, **options):
    """Runs a stranger's program to its end and returns its standard output, as bytes."""
    need(words[0])
    if "input" not in options:
        options["stdin"] = subprocess.DEVNULL
    done = subprocess.run([*map(str, words)], capture_output=True, timeout=100, **options)
    assert done.returncode == code, f"{words}: exit {done.returncode}: {done.stderr}"
    return done.stdout


def need(name):
    """Skips the case if a stranger's program is not installed."""
    if shutil.which(name) is None:
        raise Skip(f"{name} is not installed")


def lend_key(state):
    """Saves a new state directory the making of a key, if an earlier case had one of that name."""
    if state.name in _keys and not state.exists():
        state.mkdir(mode=0o700)
        (state / "identity.pem").touch(mode=0o600)
        (state / "identity.pem").write_bytes(_keys[state.name])
    return state


class Running:
    """A program beside the case. Every line that it writes can be taken once."""

    def __init__(self, *command, **options):
        options.setdefault("stdin", subprocess.PIPE)
        self.child = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.pid = self.child.pid
        self.out, self.err = b"", b""   # all of it so far
        self.items, self.taken = [], set()
        self.changed = threading.Condition()
        self.open = 2
        self.threads = [threading.Thread(target=self._read, args=a, daemon=True)
                        for a in ((self.child.stdout, "out"), (self.child.stderr, "err"))]
        for thread in self.threads:
            thread.start()
        _running.append(self)

    def _read(self, pipe, which):
        for line in pipe:
            with self.changed:
                setattr(self, which, getattr(self, which) + line)
                if which == "out":
                    self.items.append(self.parse(line))
                self.changed.notify_all()
        with self.changed:
            self.open -= 1
            self.changed.notify_all()

    @staticmethod
    def parse(line):
        return line.decode(errors="backslashreplace").rstrip("\n")

    def take(self, fits, what, timeout=None):
        """The first line that fits and was not taken before, as soon as it is there."""
        deadline = time.monotonic() + (timeout or PATIENCE)
        with self.changed:
            while True:
                for i, item in enumerate(self.items):
                    if i not in self.taken and fits(item):
                        self.taken.add(i)
                        return item
                ended = self.open == 0
                if ended or not self.changed.wait(max(0, deadline - time.monotonic())):
                    raise AssertionError(f"{'ended' if ended else 'waited in vain'}: no {what} among "
                                         f"{str(self.items[-8:])[-1200:]} {self.err[-300:]}")

    def line(self, pattern, timeout=None):
        return self.take(lambda text: re.search(pattern, text), pattern, timeout)

    def errors(self, pattern, timeout=None):
        """Waits until standard error fits the pattern."""
        deadline = time.monotonic() + (timeout or PATIENCE)
        with self.changed:
            while not re.search(pattern, self.err.decode(errors="replace")):
                assert self.open and self.changed.wait(max(0, deadline - time.monotonic())), (pattern, self.err)

    def send(self, *lines):
        for line in lines:
            self.child.stdin.write((line.encode() if isinstance(line, str) else line) + b"\n")
        self.child.stdin.flush()

    def end_input(self):
        self.child.stdin.close()

    def signal(self, number):
        self.child.send_signal(number)

    def cpu(self):
        """Seconds of CPU that it has used."""
        fields = open(f"/proc/{self.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wait(self, code=None, timeout=None):
        """Waits for the end, and for the last of its output."""
        got = self.child.wait(timeout or PATIENCE)
        for thread in self.threads:
            thread.join(PATIENCE)
        assert code is None or got == code, f"exit {got}, not {code}: {self.out[-500:]} {self.err[-500:]}"
        return got

    def close(self):
        """Ends it. A sanitizer looks for leaks at an end in order, so it gets one where that can be."""
        if SANITIZED and self.child.poll() is None:
            self.child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.child.wait(10)
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        with contextlib.suppress(OSError):
            if self.child.stdin is not None:
                self.child.stdin.close()


class Server:
    """dend on a free port of the loopback, with its state below `place`."""

    def __init__(self, place, *options, state="server", listen="127.0.0.1:0", **popen):
        self.place, self.options, self.popen = place, options, popen
        self.state, self.listen = place / state, listen
        self.start()

    def start(self):
        self.process = Running(program("dend"), "--config", "off", "--listen", self.listen, "--state", lend_key(self.state), "--library",
                               self.place / "lib", *DEND_OPTIONS, *self.options, stdin=subprocess.DEVNULL, **self.popen)
        ready = self.process.line("^dend: listening on ")
        self.address, self.fingerprint = re.fullmatch(r"dend: listening on (\S+), fingerprint (SHA256:[0-9a-f]{64})",
                                                      ready).groups()
        self.host, self.port = self.address.rsplit(":", 1)[0].strip("[]"), int(self.address.rsplit(":", 1)[1])

    def stop(self, number=signal.SIGTERM, code=None):
        self.process.signal(number)
        return self.process.wait(code=code if code is not None else -9 if number == signal.SIGKILL else 0)

    def restart(self, number=signal.SIGTERM):
        """Ends and comes back at the same address with the same state."""
        self.stop(number)
        self.listen = self.address
        self.start()

    def options_for(self, name, *options):
        """What den is told by default: its name, a state directory of its own, and whom to expect."""
        own = [] if "--state" in options or "--ephemeral" in options else ["--state", lend_key(self.place / name)]
        # A case about something else wants to see a lost link end it.
        stay = [] if "--reconnect" in options else ["--reconnect", "off"]
        stay += [] if "--receipts" in options else ["--receipts", "off"]
        return ["--name", name, *own, "--pin", self.fingerprint, *stay, *options]

    def den(self, name, verb, *words, options=(), **more):
        """One shot of den: returns (standard output, error)."""
        return run("den", *self.options_for(name, *options), verb, self.address, *words, **more)


def readable(place):
    """For Running: who started the program may look into it, though it forbids that to all but root."""
    return {} if os.geteuid() == 0 else preloaded(place, "readable")


def preloaded(place, name, **variables):
    """For Running: the program has NAME.c of this directory loaded before it, and these variables."""
    library = place / f"{name}.so"
    if not library.exists():
        tool("cc", "-shared", "-fPIC", "-o", library, TOP / "tests" / "scenario" / f"{name}.c")
    # A sanitizer's own library wants to be the first, and needs not be.
    return {"env": {**os.environ, **variables, "LD_PRELOAD": str(library),
                    "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}}


class Client(Running):
    """den in the room of a server, speaking JSON. `entered` False: don't wait until it is in."""

    def __init__(self, server, name, *options, entered=True, **popen):
        self.name = name
        super().__init__(program("den"), *server.options_for(name, "--json", *options), server.address, **popen)
        if entered:
            self.ready = self.expect("ready")
            self.directory = self.expect("directory")
            self.fingerprint = self.ready["fingerprint"]

    @staticmethod
    def parse(line):
        return json.loads(line)

    def expect(self, event, timeout=None, **members):
        """The next event of that kind whose members are these; from_="bob" is for the member `from`."""
        wanted = {"event": event} | {key.rstrip("_"): value for key, value in members.items()}
        return self.take(lambda item: all(item.get(k) == v for k, v in wanted.items()), str(wanted)[:200], timeout)

    def seen(self, event):
        """All events of that kind so far, taken or not."""
        with self.changed:
            return [item for item in self.items if item["event"] == event]

    def quit(self, code=0):
        self.send("/quit")
        return self.wait(code)


class Talker(Running):
    """den in the room as a person without a terminal sees it: text."""

    def __init__(self, server, name, *options, **popen):
        super().__init__(program("den"), *server.options_for(name, *options), server.address, **popen)
        self.line("^\\* Here ")


class Terminal:
    """den at a terminal that can't move its cursor: prompts and lines, one behind the other."""

    def __init__(self, server, name, *options, term="dumb", words=None, **env):
        """words: what stands behind the options, instead of the server's address."""
        self.outer, inner = pty.openpty()
        self.text = ""
        words = [server.address] if words is None else words
        self.child = subprocess.Popen([program("den"), *server.options_for(name, *options), *words], stdin=inner,
                                      stdout=inner, stderr=inner, close_fds=True, start_new_session=True,
                                      env=os.environ | {"TERM": term} | env)
        os.close(inner)
        _running.append(self)

    def until(self, pattern):
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.text)):
            ready, _, _ = select.select([self.outer], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"no {pattern} in {self.text[-500:]!r}"
            try:
                self.text += os.read(self.outer, 65536).decode(errors="replace").replace("\r", "")
            except OSError as gone:  # den has ended
                raise AssertionError(f"ended: no {pattern} in {self.text[-500:]!r}") from gone
        return found

    def after(self, pattern):
        """Waits for it, and forgets all up to its end."""
        end = self.until(pattern).end()
        self.text = self.text[end:]

    def type(self, line):
        os.write(self.outer, line.encode() + b"\n")

    def close(self):
        self.child.kill()
        self.child.wait()
        os.close(self.outer)
