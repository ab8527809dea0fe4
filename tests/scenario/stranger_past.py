"""What a member missed (section 9.5), asked for by a client that was written from the document."""

import stranger  # before kit: it may change to another Python

import os
import time

from stranger import wire
from stranger.peer import EPHEMERAL, ONE_SHOT, VIDEO, Peer

import kit


def texts(peer, past):
    """What is for it, in order."""
    letters = [peer.judge(message) for message in past]
    return [letter.body.decode() for letter in letters if letter]


def back(server, peer, **more):
    return Peer(server, peer.name, peer.me, **more)


def envelope_for(peer, name):
    return peer.seal(name, "one of many").envelope


def marked(sealed, number):
    """Another one by its outside: the server looks at no more."""
    return sealed[:3] + wire.number(16, number) + sealed[19:]


def send(peer, sealed, ids):
    peer.link.raw(b"".join(wire.frame(wire.SEND, wire.pack(wire.SEND, id=i, envelope=marked(sealed, i))) for i in ids))


def flood(peer, sealed, ids):
    """Sends them all and waits for the answers: id -> number."""
    send(peer, sealed, ids)
    answers = [peer.wait(wire.ACCEPTED) for _ in ids]
    assert [a.id for a in answers] == list(ids)
    return {a.id: a.number for a in answers}


def check_there(past, sealed, accepted):
    """Each accepted one stands under its number as it was sent."""
    there = {message.number: message.envelope for message in past}
    for i, number in accepted.items():
        assert there.get(number) == marked(sealed, i), (i, number)


def stats(server):
    out, _ = kit.run("dend", "ctl", "--state", server.state, "stats")
    return {key: int(value) for key, value in (line.split(": ") for line in out.splitlines())}


def segments(server):
    return sorted((server.state / "log").glob("*.seg"))


@kit.case
def who_was_away_reads_it_on_return(place):
    server = kit.Server(place, "--room-rate", "0")
    alice = kit.Client(server, "alice")
    zoe, eve = Peer(server, "zoe"), Peer(server, "eve")
    assert zoe.answer.features & 4, zoe.answer
    alice.expect("joined", name="zoe")
    alice.expect("joined", name="eve")
    alice.send("/msg zoe one")
    assert zoe.hear()[1].body == b"one"
    alice.expect("sent")
    zoe.quit()
    alice.expect("left", name="zoe")
    began = time.time_ns() // 1_000_000
    eve.say("alice", "not for zoe")
    alice.send("/all to all")       # zoe is away: no slot for her
    alice.expect("sent")
    for i in range(3):
        zoe = back(server, zoe)
        alice.expect("joined", name="zoe")
        alice.send(f"/msg zoe while you watched {i}")
        alice.expect("sent")
        zoe.hear()
        zoe.quit()
        alice.expect("left", name="zoe")
    server.restart()
    zoe, eve = back(server, zoe), back(server, eve)
    past, end, _ = zoe.resume(after=1)
    assert [m.number for m in past] == [2, 3, 4, 5, 6] and (end.start, end.lost) == (1, 0), past
    assert all(began - 5000 <= m.time <= time.time_ns() // 1_000_000 + 5000 for m in past)
    assert texts(zoe, past) == [f"while you watched {i}" for i in range(3)]
    assert len(past[1].envelope) < 1100 + 19 + 6, "slots of others"
    # Its own are among them, and what others can't open looks the same to them.
    past, end, _ = eve.resume(after=1, fields=wire.field(200, b"x"))
    assert past[0].sender == "eve" and texts(eve, past) == ["to all"]
    past, end, _ = eve.resume(after=6)
    assert not past and (end.start, end.last, end.lost) == (6, 6, 0)


@kit.case
def a_newcomer_starts_at_its_binding(place):
    server = kit.Server(place, "--room-rate", "0")
    old = Peer(server, "old")
    flood(old, sealed := envelope_for(old, "old"), range(1, 51))
    young = Peer(server, "young")
    past, end, _ = young.resume()
    assert not past and (end.start, end.last, end.lost) == (50, 50, 0)
    young.quit()
    flood(old, sealed, range(51, 61))
    for _ in range(2):
        young = back(server, young)
        for log, after in ((None, 0), (os.urandom(16), 0), (os.urandom(16), 55), (None, 49)):
            past, end, _ = young.resume(after, log)
            assert [m.number for m in past] == list(range(51, 61)) and (end.start, end.lost) == (50, 0), end
        past, end, _ = young.resume(10**18)
        assert not past and end.start == end.last == 60
        young.quit()
        server.restart()
    # The name goes to another key: it has not even what the first one had.
    kit.run("dend", "ctl", "--state", server.state, "release", "young")
    other = Peer(server, "young")
    past, end, _ = other.resume()
    assert not past and end.start == 60
    for name, flag, me in (("guest", EPHEMERAL, None), ("young", ONE_SHOT, other.me), ("old", EPHEMERAL, old.me)):
        visitor = Peer(server, name, me, flags=flag)
        past, end, _ = visitor.resume()
        assert not past and end.start == end.last == 60, (name, end)
        visitor.quit()


@kit.case
def another_log_begins_anew(place):
    server = kit.Server(place, "--room-rate", "0")
    zoe = Peer(server, "zoe")
    flood(zoe, sealed := envelope_for(zoe, "zoe"), range(1, 6))
    before = zoe.room
    server.stop()
    for segment in segments(server):
        segment.unlink()
    server.listen = server.address
    server.start()
    zoe = back(server, zoe)
    assert zoe.room.log != before.log and zoe.room.last == 0
    flood(zoe, sealed, range(6, 9))
    zoe = back(server, zoe)
    past, end, _ = zoe.resume(5, before.log)
    assert [m.number for m in past] == [1, 2, 3] and end.start == 0


@kit.case
def one_question_at_a_time(place):
    server = kit.Server(place, "--room-rate", "0")
    zoe = Peer(server, "zoe")
    flood(zoe, envelope_for(zoe, "zoe"), range(1, 101))
    zoe = back(server, zoe)
    question = wire.frame(wire.RESUME, wire.pack(wire.RESUME, log=zoe.room.log, after=0))
    zoe.link.raw(question + question)
    assert zoe.refused() == 1
    for payload in (b"", bytes(23), bytes(25), bytes(65)):
        zoe = back(server, zoe)
        zoe.link.send(wire.RESUME, payload)
        assert zoe.refused() == 1
    zoe = back(server, zoe, features=VIDEO)     # did not announce it: is answered all the same
    assert len(zoe.resume()[0]) == 100


@kit.case
def the_rooms_life_overtakes_and_little_waits(place):
    """zoe asks for some 8 MB and does not read: the server keeps a piece, not all; what is said meanwhile is not behind it."""
    server = kit.Server(place, "--room-rate", "0")
    alice, zoe = Peer(server, "alice"), Peer(server, "zoe")
    alice.wait_for("zoe")
    sealed = envelope_for(alice, "zoe")
    zoe.quit()
    alice.wait_for("zoe", "left")
    for first in range(1, 6001, 500):
        flood(alice, sealed, range(first, first + 500))
    zoe = back(server, zoe)
    alice.wait_for("zoe")
    zoe.ask_on()
    alice.say("zoe", "are you here?")
    assert stats(server)["bytes waiting"] < 256 * 1024
    past, end, between = zoe.catch_up()
    assert [m.number for m in past] == list(range(1, 6001)) and end.lost == 0
    live = [m for m in between if m.type == wire.SEALED]
    assert [m.number for m in live] == [6001] and zoe.judge(live[0]).body == b"are you here?"
    # Who goes in the middle of it harms nobody.
    for how in ("cut", "close"):
        zoe = back(server, zoe)
        zoe.ask_on()
        zoe.get(wire.PAST)
        getattr(zoe.link, how)()
        alice.wait_for("zoe", "left")
    alice.say(None, "still here")


@kit.case
def thirty_come_back_at_once(place):
    server = kit.Server(place, "--room-rate", "0")
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    crowd = [Peer(server, "p0")]
    crowd += [Peer(server, f"p{i}", crowd[0].me) for i in range(1, 30)]     # many names, one key: that is soon made
    for peer in crowd[1:]:
        peer.quit()
    flood(crowd[0], envelope_for(crowd[0], "alice"), range(1, 301))
    crowd[1:] = [back(server, peer) for peer in crowd[1:]]
    for peer in crowd[1:]:
        peer.ask_on()
    for i in range(10):
        alice.send(f"/msg bob ping {i}")
        bob.expect("message", text=f"ping {i}")
    for peer in crowd[1:]:
        past, end, _ = peer.catch_up()
        assert len(past) == 300 and end.lost == 0


if __name__ == "__main__":
    kit.main()
