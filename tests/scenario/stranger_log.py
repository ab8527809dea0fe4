"""Nothing that was accepted is lost: not by kill -9, not by a full disk, not by damage elsewhere in the log; only by the
bounds that the log has. Read back by a client that was written from the document."""

import stranger  # before kit: it may change to another Python

import os
import resource
import signal
import time

from stranger import wire
from stranger.link import Ended
from stranger.peer import Peer
from stranger_past import back, check_there, envelope_for, flood, segments, send, stats

import kit

AWAY = 100 * 24 * 3600


@kit.case
def what_was_accepted_survives_kill_9(place):
    server = kit.Server(place, "--room-rate", "0", "--log-bytes", "8M")
    alice, accepted, first = Peer(server, "alice"), {}, 1
    sealed = envelope_for(alice, "alice")
    for round_ in range(8):
        send(alice, sealed, range(first, first + 200))
        for _ in range(20 * round_ + 1):
            answer = alice.wait(wire.ACCEPTED)
            accepted[answer.id] = answer.number
        server.process.signal(signal.SIGKILL)
        try:
            while True:     # what it said before it died counts
                answer = alice.wait(wire.ACCEPTED)
                accepted[answer.id] = answer.number
        except Ended:
            pass
        server.process.wait(-9)
        server.listen = server.address
        server.start()
        alice = back(server, alice)
        past, end, _ = alice.resume()
        assert end.lost == 0 and [m.number for m in past] == list(range(1, end.last + 1))
        check_there(past, sealed, accepted)
        first += 200
    assert len(accepted) > 500


@kit.case
def a_full_disk_is_told_and_the_room_goes_on(place):
    server = kit.Server(place, "--room-rate", "0")
    alice, bob = Peer(server, "alice"), Peer(server, "bob")
    alice.wait_for("bob")
    sealed = envelope_for(alice, "bob")
    accepted = flood(alice, sealed, range(1, 51))
    limits = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    size = segments(server)[-1].stat().st_size
    for room in (0, 1, 5000):
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size + room, limits[1]))
        for peer, ids in ((alice, range(100, 110)), (bob, range(200, 210))):
            send(peer, sealed, ids)
        for peer, ids in ((alice, range(100, 110)), (bob, range(200, 210))):
            told = {}
            while len(told) < 10:
                message = peer.next()
                if message.type == wire.ACCEPTED:
                    told[message.id] = message.number
                elif message.type == wire.REFUSED:
                    assert message.code == 14 and message.sentence, message
                    told[message.about] = None
            assert sorted(told) == list(ids) and None in told.values()
            accepted |= {i: n for i, n in told.items() if n}
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, limits)
        accepted |= flood(bob, sealed, range(3000 + 10 * room, 3003 + 10 * room))   # the room is there, and so is space again
        size = segments(server)[-1].stat().st_size
    server.process.errors("can't write the log: ")
    server.restart(signal.SIGKILL)
    alice = back(server, alice)
    past, end, _ = alice.resume()
    assert end.lost == 0 and end.last == len(past) == len(accepted), (end, len(past), len(accepted))
    check_there(past, sealed, accepted)


@kit.case
def the_log_is_bounded_in_bytes(place):
    server = kit.Server(place, "--room-rate", "0", "--log-bytes", "1M")
    alice = Peer(server, "alice")
    sealed = envelope_for(alice, "alice")
    for first in range(1, 3001, 100):
        flood(alice, sealed, range(first, first + 100))
    assert sum(s.stat().st_size for s in segments(server)) < 1_300_000
    alice = back(server, alice)
    past, end, _ = alice.resume()
    assert end.start == 0 and end.last == 3000 and 2000 < end.lost < 2600
    assert [m.number for m in past] == list(range(end.lost + 1, 3001))
    assert stats(server)["log oldest"] == end.lost + 1
    server.restart()
    assert stats(server)["log number"] == 3000
    assert flood(back(server, alice), sealed, [3001]) == {3001: 3001}


def filled(server):
    """Those that hold something; the newest may have been begun and not be used yet."""
    return [s for s in segments(server) if s.stat().st_size > 40]


def aged(place, *options):
    """A server started again with those options: all but its newest messages were last written 100 days ago."""
    server = kit.Server(place, "--room-rate", "0", "--log-bytes", "1M", state="-".join(["server", *options]))
    alice = Peer(server, "alice")
    flood(alice, envelope_for(alice, "alice"), range(1, 201))
    server.stop()
    old = time.time() - AWAY
    for segment in filled(server)[:-1]:
        os.utime(segment, (old, old))
    server.options, server.listen = (*server.options, *options), server.address
    server.start()
    return server, alice


@kit.case
def the_log_is_bounded_in_days(place):
    for options, goes in ((("--log-days", "0"), False), ((), True)):
        server, alice = aged(place, *options)
        alice = back(server, alice)             # a turn of the loop and more
        deadline = time.monotonic() + kit.PATIENCE
        while goes and len(filled(server)) > 1:
            assert time.monotonic() < deadline, filled(server)
            alice.say(None, "tick")
        past, end, _ = back(server, alice).resume()
        assert (end.lost > 0) == goes == (len(filled(server)) == 1), (options, end)
        assert past and past[-1].number == end.last, (options, end, [m.number for m in past])


@kit.case
def damage_is_told_and_keeps_everything_else(place):
    server = kit.Server(place, "--room-rate", "0")
    alice = Peer(server, "alice")
    accepted = flood(alice, sealed := envelope_for(alice, "alice"), range(1, 31))
    server.stop()
    damaged = bytearray(segments(server)[0].read_bytes())
    damaged[40 + 10 * (len(damaged) - 40) // 30] ^= 0xff       # the length of the eleventh
    segments(server)[0].write_bytes(damaged)
    server.listen = server.address
    server.start()
    server.process.errors("log: segment 0{19}1 is damaged")
    assert segments(server)[0].read_bytes() == damaged and len(segments(server)) == 2
    alice = back(server, alice)
    accepted |= flood(alice, sealed, [31])
    assert accepted.pop(11) == 11 and accepted[31] == 31
    past, end, _ = back(server, alice).resume()
    assert end.lost == 1 and end.last == 31
    check_there(past, sealed, accepted)


kit.main()
