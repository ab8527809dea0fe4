"""Live pictures: who casts, who watches, what comes of it, and what ends it. Frames come from a pipe, as those of
ffmpeg would. That the server can't see them is in live_stranger.py."""

import hashlib
import os
import re
import signal
import subprocess
import threading
import time

import kit
from cinema_room import HEADLESS, card, jpegs, viewer, works
from console_ctl import ctl
from kiosk import kiosk


class Feed:
    """Frames in turns into a pipe, so many a second, until it is ended; `sent` are their hashes."""

    def __init__(self, fd, frames, fps=40):
        self.fd, self.frames, self.fps, self.sent, self.stop = fd, frames, fps, {}, threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        number = 0
        try:
            while not self.stop.wait(1 / self.fps):
                jpeg = self.frames[number % len(self.frames)]
                self.sent.setdefault(hashlib.sha256(jpeg).hexdigest(), time.monotonic())
                view = memoryview(jpeg)
                while view and not self.stop.is_set():
                    view = view[os.write(self.fd, view):]
                number += 1
        except OSError:
            pass

    def end(self, close=True):
        self.stop.set()
        self.thread.join(kit.PATIENCE)
        if close:
            os.close(self.fd)


def film(place, seconds=2, heights="120", **more):
    """The frames of a test card."""
    return jpegs(card(place, "film", seconds=seconds, heights=heights, **more) / f"{heights}p.mjpeg")


class Cast(kit.Client):
    """den cast, one shot, of a pipe that is fed."""

    def __init__(self, server, name, *words, frames, fps=40, options=()):
        reading, writing = os.pipe()
        kit.Running.__init__(self, kit.program("den"), *server.options_for(name, "--json", *options), "cast", server.address, *words,
                             stdin=reading)
        os.close(reading)
        self.feed = Feed(writing, frames, fps)


def shown(client, feed, count=5):
    """So many frames were shown, each one that was fed, in rising order."""
    last = -1
    for _ in range(count):
        frame = client.take(lambda e: e["event"] == "frame" and e["outcome"] in ("shown", "late"), "a frame that is shown")
        assert frame["sha256"] in feed.sent and frame["number"] > last, frame
        last = frame["number"]


@kit.case
def a_pipe_is_seen_by_two(place):
    frames = film(place)
    server = kit.Server(place)
    caster = Cast(server, "cam", "door", "-", frames=frames)
    caster.expect("cast", name="door", sealed=True)
    alice, bob = viewer(server, "alice"), viewer(server, "bob")
    alice.send("/videos")
    videos = alice.expect("videos")
    assert videos["live"] == [{"name": "door", "title": "", "from": "cam", "sealed": True}], videos
    assert [clip["name"] for clip in videos["clips"]] == ["film"]
    carol = kit.Talker(server, "carol", *HEADLESS)  # who makes no digests: so another path through the player
    carol.send("/play door")
    carol.line("Playing door  live from cam, sealed")
    for client in alice, bob:
        client.send("/play door")
        assert client.expect("live")["from"] == "cam"
        caster.expect("viewer", name=client.name, what="admitted")
    for client in alice, bob:
        shown(client, caster.feed)
    works(alice, bob)
    bob.send("/seek 1", "/stop")
    bob.expect("error", code="no-clip")
    assert bob.expect("stream_end")["reason"] == "stopped"
    caster.expect("viewer", name="bob", what="left")
    caster.expect("cast_key", epoch=2)
    shown(alice, caster.feed)
    caster.feed.end()
    caster.wait(0)
    assert alice.expect("stream_end")["reason"] == "over"
    seen = re.search(r"over \(over\): (\d+) frames shown", carol.line("The clip is over"))
    assert int(seen[1]) >= 5, seen
    carol.send("/quit")
    carol.wait(0)
    alice.send("/play door")
    alice.expect("error", code="not-played")
    alice.quit(1)
    bob.quit()


@kit.case
def what_ffmpeg_makes(place):
    """As README.md has it."""
    kit.need("ffmpeg")
    server = kit.Server(place)
    film = subprocess.Popen(("ffmpeg", "-nostdin", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc", "-f", "mjpeg", "-"),
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    caster = kit.Client.__new__(kit.Client)
    kit.Running.__init__(caster, kit.program("den"), *server.options_for("cam", "--json"), "cast", server.address, "desk", "-",
                         stdin=film.stdout)
    film.stdout.close()
    caster.expect("cast", name="desk")
    alice = viewer(server, "alice")
    alice.send("/play desk")
    for _ in range(5):
        alice.take(lambda e: e["event"] == "frame" and e["outcome"] == "shown", "a frame")
    film.kill()
    film.wait(kit.PATIENCE)
    caster.wait(0)
    assert alice.expect("stream_end")["reason"] == "over"
    assert not alice.seen("error"), alice.seen("error")
    alice.quit(0)


def fifo(place, name="pipe"):
    os.mkfifo(place / name)
    return place / name


@kit.case
def several_at_once_in_the_room(place):
    """alice casts a pipe and a file from inside the room, bob a file; each watches the other."""
    frames = film(place, seconds=3)
    server = kit.Server(place)
    alice, bob = viewer(server, "alice"), viewer(server, "bob")
    pipe = fifo(place)
    alice.send(f"/cast one {pipe}", f"/cast two {place}/lib/film/120p.mjpeg all", f"/cast three {place}/none", "/cast film /dev/null")
    assert alice.expect("error", code="cast")["text"].startswith("three: ")
    assert alice.expect("error", code="not-cast")["text"] == "film: there is a clip of that name"
    alice.expect("cast", name="one")
    alice.expect("cast", name="two")
    bob.send(f"/cast one {place}/lib/film/120p.mjpeg")
    assert bob.expect("error", code="not-cast")["text"] == "one: somebody casts under that name"
    bob.send("/uncast one", "/viewers two all", "/cast x", "/viewers")
    bob.expect("error", code="no-cast")
    bob.expect("error", code="no-cast")
    bob.expect("error", code="usage")
    bob.expect("error", code="usage")
    bob.send("/play two")
    bob.expect("live", name="two", sealed=True)
    end = alice.expect("cast_end", name="two")
    assert (end["reason"], end["frames"]) == ("done", len(frames)), end
    assert bob.expect("stream_end")["reason"] == "over"
    writing = os.open(pipe, os.O_WRONLY)
    bob.taken.update(range(len(bob.items)))  # frames of the other one
    bob.send("/play one")
    bob.expect("live", name="one")
    os.write(writing, b"\xff\xd8\xff rubbish" + frames[0][:-20])
    feed = Feed(writing, frames)
    shown(bob, feed)
    assert alice.expect("error", code="broken-frame")["text"].startswith("one: ")
    alice.send("/cast", "/uncast one")
    assert alice.expect("cast_end", name="one")["reason"] == "stopped"
    assert bob.expect("stream_end")["reason"] == "over"
    assert len([e for e in alice.seen("error") if e["code"] == "broken-frame"]) == 1
    works(alice, bob)
    feed.end()
    alice.quit(1)
    bob.quit(1)


def watched(place):
    """cam casts a film, and alice sees it."""
    frames = film(place)
    server = kit.Server(place)
    caster = Cast(server, "cam", "door", "-", frames=frames)
    caster.expect("cast")
    alice = viewer(server, "alice")
    alice.send("/play door")
    shown(alice, caster.feed)
    return server, caster, alice, frames


@kit.case
def a_caster_that_is_killed_is_told_of_at_once(place):
    server, caster, alice, _ = watched(place)
    watching = kit.Running(kit.program("den"), *server.options_for("bob", "--display", "headless"), "play", server.address, "door")
    caster.expect("viewer", name="bob")
    before = time.monotonic()
    caster.signal(signal.SIGKILL)
    alice.expect("error", code="cast-lost")
    assert alice.expect("stream_end")["reason"] == "lost"
    assert time.monotonic() - before < 1
    watching.wait(1)
    caster.wait(-9)
    caster.feed.end()
    alice.quit(1)


@kit.case
def another_key_of_that_name_is_not_watched(place):
    """Nor is one whose key has changed let in."""
    server, caster, alice, frames = watched(place)
    caster.feed.end()
    caster.wait(0)
    alice.expect("stream_end")
    ctl(server, "release", "cam")
    other = Cast(server, "cam", "door", "-", frames=frames, options=("--state", place / "other"))
    other.expect("cast")
    alice.send("/play door")
    alice.expect("error", code="key-changed")
    assert alice.expect("stream_end")["reason"] == "refused"
    alice.send("/trust cam", "/play door")
    shown(alice, other.feed)
    alice.quit(3)
    # The caster's side: it met alice, whose name goes to another key.
    other.expect("viewer", name="alice", what="left")
    ctl(server, "release", "alice")
    again = viewer(server, "alice", "--state", place / "again")
    again.send("/play door")
    other.expect("viewer", name="alice", what="refused")
    again.expect("error", code="put-out")
    assert again.expect("stream_end")["reason"] == "put-out"
    again.quit(3)
    other.feed.end()
    other.wait(0)


@kit.case
def the_server_comes_back(place):
    """Killed: caster and viewer find back to each other, and go on with new keys."""
    frames = film(place)
    server = kit.Server(place)
    caster = Cast(server, "cam", "door", "-", frames=frames, options=("--reconnect", "on"))
    caster.expect("cast")
    alice = viewer(server, "alice", "--reconnect", "on")
    alice.send("/play door")
    alice.expect("live")
    shown(alice, caster.feed)
    server.restart(signal.SIGKILL)
    alice.expect("back", timeout=60)
    caster.expect("cast", timeout=60)
    alice.expect("live", timeout=60)
    shown(alice, caster.feed)
    assert not alice.seen("stream_end")
    caster.signal(signal.SIGINT)
    caster.wait(0)
    assert alice.expect("stream_end")["reason"] == "over"
    caster.feed.end()
    alice.quit(0)


@kit.case
def a_kiosk_shows_clips_alone(place):
    """A cast of a name that it waits for is nothing to it."""
    frames = film(place, seconds=1)
    server = kit.Server(place)
    caster = Cast(server, "cam", "door", "-", frames=frames)
    caster.expect("cast")
    show = kiosk(server, "door", "film")
    show.frames(len(frames) + 5)
    assert {e["clip"] for e in show.seen("stream")} == {"film"} and not show.seen("live") and not show.seen("error")
    caster.feed.end()
    caster.wait(0)
    show.signal(signal.SIGTERM)
    show.wait(0)


@kit.case
def what_is_wrong_is_said(place):
    card(place, "film", heights="120")
    server = kit.Server(place)
    options = server.options_for("cam")
    for words, code, said in (
            (("cast", server.address, "film", "/dev/null"), 1, "there is a clip of that name"),
            (("cast", server.address, "../x", "/dev/null"), 1, "not a name for a cast"),
            (("cast", server.address, "door", place / "none"), 1, "No such file"),
            (("cast", server.address, "door", place), 1, "a directory"),
            (("cast", server.address, "door"), 2, "FILE is missing"),
            (("--viewers", "a b", "cast", server.address, "door", "-"), 2, "'a b'"),
            (("--viewers", "bob", "--plain", "cast", server.address, "door", "-"), 2, "--plain"),
            (("--plain", "who", server.address), 2, "only for den cast"),
            (("--fps", "x", "cast", server.address, "door", "-"), 2, "'x'")):
        _, err = kit.run("den", *options, *words, code=code)
        assert said in err and len(err.splitlines()) <= 2, (words, err)
    kit.run("den", *options, "cast", server.address, "door", "-")  # an empty pipe: a cast that is over at once


if __name__ == "__main__":
    kit.main()
