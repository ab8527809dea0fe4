"""den --kiosk: clips in a loop with nobody at a keyboard, through lost links, missing and damaged clips and a server that comes
late."""

import itertools
import os
import pathlib
import signal
import subprocess

import kit
from cinema_room import card

FPS = {"one": 12, "two": 8}
FRAMES = {name: fps for name, fps in FPS.items()}  # a second of each


def kiosk(server, *clips, name="kiosk", **popen):
    options = server.options_for(name, "--display", "headless", "--json", "--reconnect", "on", "--kiosk")
    return kit.Client.__new__(Kiosk).start(options, server.address, *clips, **popen)


class Kiosk(kit.Client):
    def start(self, options, *words, **popen):
        popen.setdefault("stdin", subprocess.DEVNULL)
        kit.Running.__init__(self, kit.program("den"), *options, *words, **popen)
        return self

    def frames(self, count):
        """The next frames, each an event in order."""
        return [self.expect("frame") for _ in range(count)]


def in_order(frames, clips):
    """They go through the clips, each whole, in a loop; each is due one frame time after the one before."""
    wanted = ((clip, number) for clip in itertools.cycle(clips) for number in range(FRAMES[clip]))
    due = frames[0]["pts_ms"]
    for frame, (clip, number) in zip(frames, wanted):
        assert frame["number"] == number, (frame, clip, number)
        assert abs(frame["pts_ms"] - due) < 0.01, (frame, due)
        due += 1000 / FPS[clip]


def library(place):
    for name, fps in FPS.items():
        card(place, name, seconds=1, fps=str(fps), heights="240")


@kit.case
def clips_follow_each_other_without_a_gap(place):
    library(place)
    server = kit.Server(place)
    show = kiosk(server, "one", "two")
    in_order(show.frames(3 * 20), ["one", "two"])
    ends = [show.expect("stream_end") for _ in range(4)]
    assert [end["shown"] + end["late"] + end["dropped"] + end["skipped"] for end in ends] == [12, 8, 12, 8]
    assert {end["reason"] for end in ends} == {"done"}
    assert [event["clip"] for event in show.seen("stream")][:5] == ["one", "two", "one", "two", "one"]
    # The display was opened once.
    assert len([note for note in show.seen("note") if note["text"].startswith("Showing on")]) == 1
    show.signal(signal.SIGTERM)
    show.wait(0)


@kit.case
def it_comes_back_to_a_server_that_was_gone(place):
    library(place)
    server = kit.Server(place)
    server.stop()
    server.listen = server.address
    show = kiosk(server, "one", "two")                  # nobody is there yet
    show.expect("away")
    server.start()
    frames = show.frames(15)
    server.restart(signal.SIGKILL)
    show.expect("back")
    frames += show.frames(45)
    wanted = itertools.cycle([*range(12), *range(8)])
    assert [frame["number"] for frame in frames] == list(itertools.islice(wanted, 60))
    assert all(a["pts_ms"] < b["pts_ms"] for a, b in itertools.pairwise(frames))
    show.signal(signal.SIGTERM)
    show.wait(0)


@kit.case
def missing_clips_are_told_once_and_left_out(place):
    library(place)
    server = kit.Server(place)
    show = kiosk(server, "one", "none", "two", stdin=None)
    in_order(show.frames(45), ["one", "two"])
    show.errors("clip none: ")
    assert show.err.count(b"clip none: ") == 1
    show.signal(signal.SIGTERM)
    show.wait(0)
    (place / "lib" / "one").rename(place / "elsewhere")
    (place / "lib" / "two").rename(place / "other")
    server.restart()                                    # it reads its library when it starts
    show = kiosk(server, "one", "two", name="later")
    show.errors("clip one: (.|\n)*clip two: ")
    (place / "elsewhere").rename(place / "lib" / "one")
    (place / "other").rename(place / "lib" / "two")
    server.restart()
    in_order(show.frames(20), ["one", "two"])
    assert show.err.count(b"den: clip ") == 2
    show.signal(signal.SIGTERM)
    show.wait(0)


def spoil(folder, *numbers):
    """Frames that have all their bytes, but can not be decoded."""
    film = folder / "240p.mjpeg"
    pieces = film.read_bytes().split(b"\xff\xda")
    film.write_bytes(pieces[0] + b"".join(b"\xff\xda" + (b"\0\x03" if i in numbers else piece[:2]) + piece[2:] for i, piece in enumerate(pieces[1:])))


@kit.case
def damaged_frames_are_told_once_and_left_out(place):
    library(place)
    spoil(place / "lib" / "two", 3, 4)
    card(place, "gone", seconds=1, fps="4", heights="240")
    spoil(place / "lib" / "gone", *range(4))
    server = kit.Server(place)
    show = kiosk(server, "two", "gone", "one")
    for _ in range(2):
        lost = [{frame["number"] for frame in show.frames(count) if frame["outcome"] == "dropped"} for count in (8, 4, 12)]
        assert lost[0] >= {3, 4} and lost[1] == {0, 1, 2, 3} and len(lost[2]) < 12, lost
    show.signal(signal.SIGTERM)
    show.wait(0)
    assert show.err.count(b"clip two: ") == show.err.count(b"clip gone: ") == 1, show.err
    assert b"clip one" not in show.err and not show.seen("error"), show.err


@kit.case
def a_clip_that_is_cut_while_it_plays_is_told_once(place):
    library(place)
    film = card(place, "long", seconds=4, fps="10", heights="240") / "240p.mjpeg"
    server = kit.Server(place)
    show = kiosk(server, "long", "one")
    show.frames(2)
    os.truncate(film, film.stat().st_size // 4)
    show.errors("clip long: ")
    for clip in "one", "long", "one":
        show.expect("stream", clip=clip)
        show.expect("stream_end")
    show.signal(signal.SIGTERM)
    show.wait(0)
    assert show.err.count(b"den: clip ") == 1, show.err


def seconds(pid):
    """Of a processor, that it has used."""
    user, system = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@kit.case
def without_an_input(place):
    """Standard input is a file that ends, and is not there at all: den goes on, and asks for it no more."""
    library(place)
    server = kit.Server(place)
    for how in {}, {"stdin": None, "preexec_fn": lambda: os.close(0)}:
        show = kiosk(server, "one", "two", **how)
        in_order(show.frames(24), ["one", "two"])
        assert b"den: clip" not in show.err and seconds(show.pid) < (5 if kit.SANITIZED else 1), (show.err, seconds(show.pid))
        show.signal(signal.SIGTERM)
        show.wait(0)


@kit.case
def wrong_words(place):
    for words in ["--kiosk"], ["--kiosk", "host"], ["--kiosk", "play", "host", "clip"], ["--kiosk", "host", "x" * 1000]:
        _, err = kit.run("den", "--name", "x", *words, code=2)
        assert err.count("\n") == 1, err


if __name__ == "__main__":
    kit.main()
