"""What dend may still do once it listens, and what programs hand on to others."""

import ctypes
import os
import pathlib
import re
import shutil
import stat

import kit
from cinema_room import HEADLESS, card, frames, play

CLOSED_ON_EXEC = 0o2000000


def landlock():
    """The kernel's ABI number, 0 where it has no Landlock."""
    return max(0, ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1))


def filtered():
    """Whether this dend was built with its filter."""
    return kit.tool("sh", "-c", f"grep -c seccomp_load '{kit.program('dend')}' || :").strip() != b"0"


def statuses(pid):
    """/proc/PID/status of each thread, as dictionaries."""
    return [dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines() if ":\t" in line)
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]


def sandboxed(place, *options):
    if kit.SANITIZED:
        raise kit.Skip("a dend with sanitizers has no sandbox: they look at it from outside")
    return kit.Server(place, *options)


def kept_on_exec(pid):
    """What a program that this one starts would get, besides 0, 1 and 2."""
    kept = []
    try:
        for info in pathlib.Path(f"/proc/{pid}/fdinfo").iterdir():
            flags = int(re.search(r"flags:\s+(\d+)", info.read_text())[1], 8)
            if int(info.name) > 2 and not flags & CLOSED_ON_EXEC:
                kept.append((info.name, os.readlink(f"/proc/{pid}/fd/{info.name}")))
    except PermissionError:
        raise kit.Skip("only root can see the descriptors of a program that is not dumpable") from None
    return kept


@kit.case
def every_thread_is_bound(place):
    server = sandboxed(place)
    threads = statuses(server.process.pid)
    assert len(threads) > 3
    for thread in threads:
        assert thread["NoNewPrivs"] == "1", thread
        assert thread["Seccomp"] == ("2" if filtered() else "0"), thread


@kit.case
def it_says_what_holds(place):
    server = sandboxed(place)
    server.process.errors("sandbox: .*\n")
    said = re.search(r"dend: sandbox: (.*)\n", server.process.err.decode())[1]
    files = f"Landlock {landlock()}" if landlock() else "no Landlock in this kernel"
    assert said == f"{files}, system call filter{'' if filtered() else ' not built in'}", said


@kit.case
def it_can_be_switched_off(place):
    server = kit.Server(place, "--no-sandbox")
    server.process.errors("dend: sandbox: off\n")
    for thread in statuses(server.process.pid):
        assert (thread["NoNewPrivs"], thread["Seccomp"]) == ("1", "0"), thread


@kit.case
def the_library_is_only_read(place):
    """The index of a clip that came without one is kept in the state directory."""
    folder = card(place, heights="120,240")
    for index in folder.glob("*.idx"):
        index.unlink()
    before = sorted(os.listdir(folder))
    server = sandboxed(place)
    if not landlock():
        raise kit.Skip("this kernel has no Landlock")
    assert len(play(server, "card")["frame"]) == 24
    assert sorted(os.listdir(folder)) == before
    kept = sorted(os.listdir(server.state / "indexes"))
    assert kept == ["card.120p.mjpeg.idx", "card.240p.mjpeg.idx"], kept
    times = [(server.state / "indexes" / name).stat().st_mtime_ns for name in kept]
    server.restart()
    assert len(play(server, "card")["frame"]) == 24
    assert times == [(server.state / "indexes" / name).stat().st_mtime_ns for name in kept], "they were made anew"


@kit.case
def what_takes_the_place_of_the_library_is_not_read(place):
    """man dend says so; what is put into it is."""
    card(place, heights="120")
    server = sandboxed(place)
    if not landlock():
        raise kit.Skip("this kernel has no Landlock")
    card(place, "new", heights="120")
    assert len(play(server, "new")["frame"]) == 24
    (place / "lib").rename(place / "old")
    shutil.copytree(place / "old", place / "lib")
    assert [e["code"] for e in play(server, "card", code=1)["error"]] == ["not-played"]
    server.restart()
    assert len(play(server, "card")["frame"]) == 24


@kit.case
def a_library_is_made(place):
    kit.Server(place)
    assert stat.S_ISDIR((place / "lib").stat().st_mode)


@kit.case
def it_goes_on_when_a_library_can_not_be_made(place):
    (place / "lib").write_text("in the way")
    server = kit.Server(place)
    server.process.errors("sandbox: ")
    assert "frame" not in play(server, "card", code=1)


@kit.case
def descriptors_of_dend_are_its_own(place):
    card(place, seconds=30, heights="120,240")
    server = kit.Server(place)
    alice, bob = kit.Client(server, "alice", *HEADLESS), kit.Client(server, "bob")
    alice.send("/play card")
    frames(alice, 0, 2)
    bob.send("/msg alice hello")
    alice.expect("message", text="hello")
    assert kept_on_exec(server.process.pid) == []


@kit.case
def descriptors_of_den_are_its_own(place):
    card(place, seconds=30, heights="120,240")
    server = kit.Server(place)
    alice = kit.Client(server, "alice", *HEADLESS)
    alice.send("/play card")
    frames(alice, 0, 2)
    assert kept_on_exec(alice.pid) == []


@kit.case
def ffmpeg_gets_three_descriptors(place):
    """A stand-in for ffmpeg and ffprobe writes down what it was given, then is them."""
    kit.need("ffmpeg")
    kit.tool("ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=160x120:r=4:d=1", place / "film.mp4")
    (place / "bin").mkdir()
    for name in ("ffmpeg", "ffprobe"):
        stand_in = place / "bin" / name
        stand_in.write_text(f"#!/bin/bash\nls -l /proc/$$/fd >> '{place}/given'\nexec {shutil.which(name)} \"$@\"\n")
        stand_in.chmod(0o755)
    path = f"{place / 'bin'}:{os.environ['PATH']}"
    kit.run("den-clip", "import", "--library", place / "lib", place / "film.mp4", env=os.environ | {"PATH": path})
    given = [line.split(" ", 8)[8].split(" -> ")[0].split()[-1] for line in (place / "given").read_text().splitlines()
             if " -> " in line and str(place / "bin") not in line]
    assert given and set(given) == {"0", "1", "2"}, (place / "given").read_text()


kit.main()
