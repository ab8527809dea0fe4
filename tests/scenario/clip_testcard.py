"""den-clip testcard, info, verify and list, and the command line that all commands share."""

import hashlib
import os
import pty
import resource
import signal
import struct
import subprocess
import time

import kit


def testcard(place, name, *words, **options):
    return kit.run("den-clip", "testcard", name, "--library", place / "lib", *words, **options)


def small(place, name="card", *words, **options):
    return testcard(place, name, "--seconds", 1, "--fps", 6, "--heights", "240,480", *words, **options)


def index(path):
    """[(offset, length)...] as src/video/index.h says."""
    raw = path.read_bytes()
    magic, version, width, height, zero, size, mtime, broken, count = struct.unpack_from("<8sIIIIqqQQ", raw)
    assert (magic, version, zero) == (b"DENINDEX", 1, 0) and len(raw) == 56 + 12 * count + 4
    return [struct.unpack_from("<qI", raw, 56 + 12 * i) for i in range(count)]


def hidden(library):
    return [entry.name for entry in library.iterdir() if entry.name.startswith(".")] if library.exists() else []


@kit.case
def the_same_words_give_the_same_bytes(place):
    digests = []
    for name in ("one", "two"):
        testcard(place, name, "--seconds", 1, "--title", "the same")
        folder = place / "lib" / name
        digests.append({p.name: hashlib.sha256(p.read_bytes()).hexdigest()
                        for p in folder.iterdir() if p.suffix != ".idx"})
    assert digests[0] == digests[1]
    assert sorted(digests[0]) == ["1440p.mjpeg", "240p.mjpeg", "720p.mjpeg", "clip.conf"]


@kit.case
def strangers_read_it(place):
    kit.need("ffprobe")
    small(place)
    for height, width in ((240, 426), (480, 852)):
        film = place / "lib" / "card" / f"{height}p.mjpeg"
        out = subprocess.run(["ffprobe", "-v", "error", "-f", "mjpeg", "-count_frames", "-show_entries",
                              "stream=width,height,pix_fmt,nb_read_frames", "-of", "csv=p=0", film],
                             check=True, text=True, capture_output=True).stdout
        assert out.strip() == f"{width},{height},yuvj420p,6", out


@kit.case
def the_index_points_at_whole_jpegs(place):
    small(place)
    for height in (240, 480):
        film = (place / "lib" / "card" / f"{height}p.mjpeg").read_bytes()
        entries = index(place / "lib" / "card" / f"{height}p.mjpeg.idx")
        assert len(entries) == 6 and sum(length for _, length in entries) == len(film)
        for offset, length in entries:
            frame = film[offset:offset + length]
            assert frame[:3] == b"\xff\xd8\xff" and frame[-2:] == b"\xff\xd9"


@kit.case
def info_and_list_say_what_is_there(place):
    small(place, "card", "--title", "Zwölf Bilder")
    out, _ = kit.run("den-clip", "info", "card", "--library", place / "lib")
    for part in ("title:  Zwölf Bilder\n", "fps:    6\n", "frames: 6\n", "240p  426x240", "480p  852x480"):
        assert part in out, out
    out, _ = kit.run("den-clip", "list", "--library", place / "lib")
    assert len(out.splitlines()) == 1 and out.startswith("card ") and "240p 480p" in out, out


@kit.case
def verify_names_broken_frames(place):
    small(place)
    out, _ = kit.run("den-clip", "verify", "card", "--library", place / "lib")
    assert out == "card: 2 renditions, 12 frames, all whole\n", out
    film = place / "lib" / "card" / "480p.mjpeg"
    entries = index(film.with_name("480p.mjpeg.idx"))
    with open(film, "r+b") as f:
        f.seek(entries[2][0] + entries[2][1] // 2)
        f.write(b"\xff\xd9" * 8)  # ends too early
        f.seek(entries[4][0] + 20)
        f.write(b"\x00\x00")  # no marker where one should be
    out, err = kit.run("den-clip", "verify", "card", "--library", place / "lib", code=1)
    assert [line.split(":")[0] for line in out.splitlines()] == ["480p frame 2", "480p frame 4", "480p"], out
    assert "1 places" in out  # what is behind the early end belongs to no frame
    assert "240p" not in out and err.startswith("den-clip: card: ") and err.count("\n") == 1, out + err


@kit.case
def verify_sees_a_cut_off_end(place):
    small(place)
    film = place / "lib" / "card" / "240p.mjpeg"
    os.truncate(film, film.stat().st_size - 100)
    out, _ = kit.run("den-clip", "verify", "card", "--library", place / "lib", code=1)
    assert "cut-off end" in out, out
    out, _ = kit.run("den-clip", "info", "card", "--library", place / "lib")
    assert "frames: 5\n" in out and "1 broken" in out, out


@kit.case
def a_name_is_not_taken_twice_unless_forced(place):
    small(place)
    _, err = small(place, "card", "--title", "new", code=1)
    assert err == "den-clip: there is a clip 'card' already (--force replaces it)\n", err
    small(place, "card", "--title", "new", "--force")
    assert "title = new" in (place / "lib" / "card" / "clip.conf").read_text()
    assert hidden(place / "lib") == []


@kit.case
def the_library_is_where_xdg_says(place):
    env = {**os.environ, "XDG_DATA_HOME": str(place / "data")}
    kit.run("den-clip", "testcard", "card", "--seconds", 1, "--fps", 2, "--heights", 120, env=env)
    assert (place / "data" / "den" / "clips" / "card" / "120p.mjpeg").exists()


def begin(place, name="card"):
    """A long drawing, once it has begun to write."""
    child = subprocess.Popen([kit.program("den-clip"), "testcard", name, "--seconds", "3600", "--heights",
                              "240", "--library", str(place / "lib")], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while not any(p.stat().st_size > 0 for p in (place / "lib").glob(f".making-{name}-*/*.mjpeg")):
        assert time.monotonic() < deadline and child.poll() is None
        time.sleep(0.01)  # between looks, not for luck: the loop ends when it is there
    return child


@kit.case
def an_interrupt_leaves_nothing(place):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        child = begin(place)
        child.send_signal(number)
        _, err = child.communicate(timeout=30)
        assert child.returncode == 1 and err == "den-clip: stopped, and nothing kept\n", err
        assert list((place / "lib").iterdir()) == []


@kit.case
def what_a_killed_one_left_goes_next_time(place):
    child = begin(place)
    busy = begin(place, "busy")
    child.kill()
    child.communicate()
    assert len(hidden(place / "lib")) == 2
    small(place, "other")
    left = hidden(place / "lib")
    busy.terminate()
    busy.communicate()
    assert len(left) == 1 and "busy" in left[0], left  # whoever still works keeps his
    assert sorted(p.name for p in (place / "lib").iterdir()) == ["other"]


@kit.case
def a_terminal_sees_how_far_it_is(place):
    ours, theirs = pty.openpty()
    child = subprocess.Popen([kit.program("den-clip"), "testcard", "card", "--seconds", "2", "--library",
                              str(place / "lib")], stdin=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # how a pty ends
            break
        shown += piece
    os.close(ours)
    assert child.wait() == 0
    assert b"drawing: [" in shown and b" %, " in shown and b" left" in shown, shown
    assert shown.endswith(b"\r\033[K"), shown[-40:]


@kit.case
def wrong_use_is_one_line_and_exit_2(place):
    library = ["--library", place / "lib"]
    for words, named in (
            ([], "a command is missing"),
            (["draw"], "'draw'"),
            (["testcard"], "usage: den-clip testcard NAME"),
            (["testcard", "a", "b", *library], "usage: den-clip testcard NAME"),
            (["info", "a", "b", "c"], "'c'"),
            (["testcard", "../a", *library], "'../a'"),
            (["testcard", ".a", *library], "'.a'"),
            (["testcard", "a", "--seconds", "0", *library], "'0'"),
            (["testcard", "a", "--seconds=x", *library], "'x'"),
            (["testcard", "a", "--fps", "fast", *library], "'fast'"),
            (["testcard", "a", "--heights", "240,240", *library], "'240,240'"),
            (["testcard", "a", "--heights", "240,", *library], "'240,'"),
            (["testcard", "a", "--heights", "241", *library], "'241'"),
            (["testcard", "a", "--heights", "4320", *library], "'4320'"),
            (["testcard", "a", "--quality", "101", *library], "'101'"),
            (["testcard", "a", "--title", "x" * 129, *library], "x" * 129),
            (["testcard", "a", "--title", "\033[2J", *library], "--title"),
            (["testcard", "a", "--force=yes", *library], "'--force=yes'"),
            (["list", "--force"], "'--force'"),
            (["list", "--library"], "--library needs a value"),
            (["list", "--library", ""], "--library must be a directory")):
        out, err = kit.run("den-clip", *words, code=2)
        assert out == "" and err.count("\n") == 1 and named in err and "\033" not in err, (words, err)
    assert not (place / "lib").exists()


@kit.case
def failures_are_one_line_and_exit_1(place):
    (place / "file").write_text("")
    (place / "lib" / "empty").mkdir(parents=True)
    for words, named in ((["info", "none"], "there is no clip none"),
                         (["info", "../lib"], "there is no such clip"),
                         (["verify", "empty"], "clip.conf"),
                         (["info", "empty"], "clip.conf")):
        out, err = kit.run("den-clip", *words, "--library", place / "lib", code=1)
        assert out == "" and err.count("\n") == 1 and named in err, (words, err)
    _, err = kit.run("den-clip", "testcard", "a", "--library", place / "file", code=1)
    assert err.count("\n") == 1 and str(place / "file") in err, err
    _, err = kit.run("den-clip", "list", "--library", place / "none", code=1)
    assert err.count("\n") == 1 and "it is not there" in err, err


@kit.case
def a_disk_that_fills_up_leaves_nothing(place):
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000000, 1000000))
    # Python ignores SIGXFSZ, and so do its children then: writing fails as on a full disk.
    _, err = testcard(place, "card", code=1, preexec_fn=limit, restore_signals=False)
    assert err == "den-clip: can't write the clip: File too large\n", err
    assert list((place / "lib").iterdir()) == []


@kit.case
def an_output_that_is_full_is_one_line(place):
    if not os.path.exists("/dev/full"):
        raise kit.Skip("no /dev/full")
    small(place)
    with open("/dev/full", "w") as full:
        done = subprocess.run([kit.program("den-clip"), "list", "--library", place / "lib"], stdout=full,
                              stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and done.stderr == "den-clip: can't write to standard output\n", done.stderr


@kit.case
def help_and_version(place):
    out, _ = kit.run("den-clip", "--help")
    for word in ("testcard", "import", "info", "verify", "list", "--heights", "--all-heights", "--library"):
        assert word in out, word
    out, _ = kit.run("den-clip", "import", "--help")
    assert "usage: den-clip" in out
    out, _ = kit.run("den-clip", "--version")
    assert out.startswith("den-clip ") and out.count("\n") == 1


kit.main()
