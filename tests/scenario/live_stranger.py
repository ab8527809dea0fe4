"""Live pictures with the independent client: what the server can see of them, who was put out, and what hostile casters and
viewers get."""

import stranger  # before kit: it may change to another Python

import os
import time

from cinema_room import viewer, works
from live_cast import Cast, Feed, fifo, film, shown
from stranger import envelope, keys, live, wire
from stranger.peer import LIVE, ONE_SHOT, VIDEO, Peer
from talk_memory import found

import kit

ZOE, MAX = keys.Identity(), keys.Identity()
FEATURES = VIDEO | LIVE


def peer(server, name="zoe", identity=ZOE):
    return Peer(server, name, identity, features=FEATURES)


def opened(watching, frames, count=3):
    """So many frames come, are opened and are those that were cast; returns the last."""
    last, seen = -1, 0
    while seen < count:
        shot = watching.frame()
        assert shot.type == wire.SHOT and shot.number > last, shot
        last = shot.number
        jpeg = watching.open(shot)
        if jpeg is not None:
            assert jpeg in frames, shot
            seen += 1
    return shot


def pieces(frames):
    """Of what only the frames hold."""
    return {f"frame {i}": f[len(f) // 2:len(f) // 2 + 24] for i, f in enumerate(frames)}


def of_the_disk(place, secrets):
    return [(name, file) for file in place.rglob("*") if file.is_file()
            for name, secret in secrets.items() if secret in file.read_bytes()]


@kit.case
def the_server_sees_only_what_is_plain(place):
    """And the document is enough to open what is sealed."""
    frames = film(place, seconds=1, heights="240")
    secrets = pieces(frames)
    server = kit.Server(place, **kit.readable(place))
    for plain in False, True:
        options = ("--plain",) if plain else ()
        caster = Cast(server, "cam", "door", "-", frames=frames, options=options)
        caster.expect("cast", sealed=not plain)
        zoe = peer(server)
        zoe.link.send(wire.LIST)
        listed, = wire.casts_of(zoe.wait(wire.CASTS))
        assert (listed.name, listed.caster, listed.flags) == ("door", "cam", 0 if plain else 1)
        watching = live.Watching(zoe, "door")
        if not plain:
            watching.get_key()
        opened(watching, frames, 8)
        if not kit.SANITIZED:  # it keeps copies of its own, and its memory has no end
            seen = found(server.process.pid, secrets)
            assert bool(seen) == plain, seen
        zoe.link.send(wire.STOP, stream=1)
        zoe.wait(wire.STREAM_END, reason=2)
        zoe.quit()
        caster.feed.end()
        caster.wait(0)
    assert not of_the_disk(server.state, secrets)
    assert not list((server.state / "log").rglob("*")) or zoe.room.last == 0


@kit.case
def who_is_put_out_reads_no_next_frame(place):
    """max keeps all keys that he was given, and comes again."""
    frames = film(place, seconds=1)
    server = kit.Server(place)
    alice, bob = viewer(server, "alice"), viewer(server, "bob")
    pipe = fifo(place)
    alice.send(f"/cast door {pipe} all,!carol")
    alice.expect("cast")
    feed = Feed(os.open(pipe, os.O_WRONLY), frames)
    bob.send("/play door")
    shown(bob, feed)
    carol, other = peer(server, "carol", ZOE), peer(server, "max", MAX)
    late = live.Watching(carol, "door")
    late.ask()
    assert late.frame().type in (wire.SHOT, wire.STREAM_END)
    alice.expect("viewer", name="carol", what="refused")
    watching = live.Watching(other, "door")
    watching.get_key()
    last = opened(watching, frames)
    alice.send("/viewers door all,!max,!carol")
    alice.expect("viewer", name="max", what="put-out")
    epoch = alice.expect("cast_key")["epoch"]
    while (shot := watching.frame()).type == wire.SHOT:
        assert shot.epoch < epoch and watching.open(shot), shot
    assert shot.reason == 6
    again = live.Watching(other, "door", stream=2)
    again.keys = watching.keys                      # what he has
    for _ in range(3):
        shot = again.frame()
        assert shot.type == wire.SHOT and shot.number > last.number and shot.epoch >= epoch, shot
        assert all(again.open(shot, key) is None for key in again.keys.values())
    again.ask()
    while (shot := again.frame()).type == wire.SHOT:
        assert again.open(shot) is None
    assert shot.reason == 6 and max(again.keys) < epoch
    shown(bob, feed)
    works(alice, bob)
    # Leaving by itself changes the key as well, at most once a second.
    before = time.monotonic()
    for stream in 3, 4, 5, 6:
        carol = peer(server, f"dave{stream}", keys.Identity())
        leaving = live.Watching(carol, "door", stream=stream)
        leaving.get_key()
        carol.quit()
    bob.send("/stop")
    alice.expect("viewer", name="bob", what="left")
    alice.expect("cast_key")
    feed.end()
    changes = len([e for e in alice.seen("cast_key")]) - 1
    assert 1 <= changes <= 2 + (time.monotonic() - before), changes
    alice.expect("cast_end", reason="done")
    alice.quit()


def begin(zoe, name="zoecast", number=1):
    zoe.link.send(wire.CAST, cast=number, flags=0, id=os.urandom(16), name=name, title="")
    zoe.wait(wire.CASTING)
    return number


@kit.case
def hostile_casters_end_themselves(place):
    frames = film(place, seconds=1)
    server = kit.Server(place)
    bob = viewer(server, "bob")
    chunk = live.first_chunk
    for insults in ([chunk(1, 5, b"x" * 100), chunk(1, 5, b"x")],                       # a number that does not rise
                    [chunk(1, 5, b"x" * 100, flags=1)],                                # whole, and not the end
                    [chunk(1, 5, b"x" * 100, length=50)],                              # more than it said
                    [chunk(1, 5, b"x", length=8388609)],                               # a frame over the limit
                    [chunk(1, 5, b"x", length=200, flags=1), chunk(1, 6, b"x")],       # another in the middle
                    [chunk(2, 5, b"x")],                                               # not its own
                    [chunk(1, 5, b"x" * 100, epoch=1)],                                # sealed, and it said that it is not
                    [chunk(1, n, b"x" * 16000) for n in range(1, 400)]):               # more than is granted
        zoe = peer(server)
        begin(zoe)
        bob.send("/play zoecast")
        bob.expect("live", name="zoecast", sealed=False)
        zoe.wait(wire.GRANT)
        try:
            for insult in insults:
                zoe.link.send(wire.SHOT, **insult)
        except OSError:
            pass
        if len(insults) < 10:
            assert zoe.refused() == 1
            assert bob.expect("stream_end")["reason"] == "lost"
        else:
            zoe.link.cut()
            bob.expect("stream_end")
    # What is no picture is no reason to end anything.
    zoe = peer(server)
    begin(zoe)
    bob.send("/play zoecast")
    zoe.wait(wire.GRANT)
    for number, data in enumerate((b"no JPEG", b"\xff\xd8\xff\xd9", frames[0][:-30] + bytes(40), frames[0])):
        zoe.link.send(wire.SHOT, **chunk(1, number, data))
        bob.take(lambda e: e["event"] == "frame" and e["bytes"] == len(data), "its frame")
    zoe.quit()
    assert bob.expect("stream_end")["reason"] == "over"
    bob.quit(1)


@kit.case
def hostile_viewers_harm_nobody(place):
    frames = film(place, seconds=1)
    server = kit.Server(place)
    caster = Cast(server, "cam", "door", "-", frames=frames)
    caster.expect("cast")
    bob = viewer(server, "bob")
    bob.send("/play door")
    shown(bob, caster.feed)
    zoe = peer(server)
    live.Watching(zoe, "door", credit=67108864)
    zoe.link.send(wire.CREDIT, stream=1, bytes=1, wanted=0)
    assert zoe.refused() == 1
    zoe = peer(server)
    watching = live.Watching(zoe, "door", credit=1)     # one byte, for ever
    watching.ask(body=b"no question")
    watching.ask(kind=1)
    watching.ask(receiver=bytes(32))
    zoe.link.send(wire.ASK, stream=1, envelope=zoe.seal("bob", "for another").envelope)
    zoe.link.send(wire.ASK, stream=99, envelope=zoe.seal("bob", "of no stream").envelope)
    zoe.link.send(wire.GIVE, cast=1, viewer=0, envelope=zoe.seal("bob", "not mine").envelope)
    for _ in range(3):
        watching.ask()
    while not watching.take_key(zoe.wait(wire.GIVEN)):
        pass
    shown(bob, caster.feed)
    zoe.link.send(wire.ASK, stream=1, envelope=b"no envelope")
    assert zoe.refused() == 1
    shown(bob, caster.feed)
    caster.feed.end()
    caster.wait(0)
    bob.quit(0)


@kit.case
def a_slow_viewer_slows_nobody_else(place):
    """It is given a frame now and then, each whole and new; the server does not grow."""
    frames = film(place, seconds=1, heights="480")
    server = kit.Server(place)
    caster = Cast(server, "cam", "door", "-", frames=frames, options=("--plain",))
    caster.expect("cast")
    bob = viewer(server, "bob")
    bob.send("/play door")
    zoe = peer(server)
    slow = live.Watching(zoe, "door", credit=len(frames[0]) // 2)
    shown(bob, caster.feed, 40)
    zoe.link.send(wire.CREDIT, stream=1, bytes=1 << 20, wanted=0)
    old = slow.frame()
    new = slow.frame()
    newest = max(e["number"] for e in bob.seen("frame") if e["outcome"] == "shown")
    assert old.number < newest - 10 and new.number > newest - 10, (old.number, new.number, newest)
    assert old.whole in frames and new.whole in frames
    caster.feed.end()
    caster.wait(0)
    zoe.quit()
    bob.quit(0)


if __name__ == "__main__":
    kit.main()
