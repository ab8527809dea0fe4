"""Direct chats, against members of the room who mean harm."""

import stranger  # before kit: it may change to another Python

import os

from cryptography.hazmat.primitives import serialization
from direct_stranger import EVE, IDENTITIES, Hall
from stranger import keys, wire
from stranger.direct import Caller
from stranger.link import Ended
from stranger.peer import Peer

import kit

SMALLEST, _, GREATEST = IDENTITIES


def lend(place, name, identity):
    """The identity is that den's key from now on."""
    (place / name).mkdir(mode=0o700)
    file = place / name / "identity.pem"
    file.touch(mode=0o600)
    file.write_bytes(identity.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                                    serialization.NoEncryption()))


def what_came(caller):
    """The types of all messages until the end of the link."""
    types = []
    try:
        while True:
            types.append(caller.link.receive().type)
    except Ended:
        return types


@kit.case
def calls_that_cross_ours_again_and_again(place):
    """Whom we call calls us, over and over: one call waits for ours, or is taken, and not all of them."""
    for who, eve, said in ((SMALLEST, GREATEST, []), (GREATEST, SMALLEST, [wire.ACCEPT])):
        (place / who.shown[7:]).mkdir()
        lend(place / who.shown[7:], "alice", who)
        hall = Hall(place / who.shown[7:], eve)
        ours = hall.calls()
        ours.ring()
        last, wanted = None, said + [wire.QUIT]
        for _ in range(10):
            caller = Caller(hall.eve, "alice")
            caller.rings()
            if last is not None:
                assert what_came(last) == wanted
                last.link.cut()
                wanted = [wire.QUIT]
            last = caller
        if not said:
            ours.link.cut()
            last.get(wire.ACCEPT)
            hall.alice.expect("chat", name="eve", direction="in")
        hall.alice.send("EOM")
        hall.room_goes_on()


@kit.case
def who_rings_all_the_time_is_busy_soon(place):
    hall = Hall(place)
    rang, refused, most = 0, None, 0
    while refused is None:
        caller = Caller(hall.eve, "alice")
        message = caller.link.receive()
        if message.type == wire.RINGING:
            rang += 1
            caller.link.send(wire.QUIT, sentence="")    # and the link stays, as far as we are concerned
        else:
            refused = message
        if os.geteuid() == 0:    # others may not count those of a den, which is not dumpable
            most = max(most, len(os.listdir(f"/proc/{hall.alice.pid}/fd")))
        assert rang < 40
    assert rang >= 16 and refused.code == 6, (rang, refused)
    assert most < 60, most
    # We can call.
    callee = hall.calls()
    callee.accept()
    hall.alice.expect("chat", name="eve", direction="out")
    callee.say("well")
    hall.alice.expect("direct", text="well")
    hall.room_goes_on()
    assert sum(call["direction"] == "in" for call in hall.alice.seen("call")) == rang


@kit.case
def many_who_ring_leave_room(place):
    """One key may have many names, and a crowd has many keys: the rings of all do not keep alice from calling."""
    hall = Hall(place)
    crowd = [Peer(hall.server, f"m{key}-{name}", identity) for key, identity in
             enumerate([EVE, SMALLEST, GREATEST, keys.Identity(), keys.Identity()]) for name in range(3)]
    rings = []
    for peer in crowd:
        caller = Caller(peer, "alice")
        rings.append((caller.link.receive(), caller, peer))
        if rings[-1][0].type == wire.ERROR:
            assert caller.link.end()
            caller.link.cut()
    answers = [message.type for message, _, _ in rings]
    assert answers == [wire.RINGING, wire.RINGING, wire.ERROR] * 4 + [wire.ERROR] * 3, answers
    assert {message.code for message, _, _ in rings if message.type == wire.ERROR} == {6}
    callee = hall.calls()
    callee.accept()
    hall.alice.expect("chat", name="eve", direction="out")
    callee.say("well")
    hall.alice.expect("direct", text="well")
    # One gives up, and there is room for one more.
    rings[0][1].link.send(wire.QUIT, sentence="")
    hall.alice.expect("chat_end", name="m0-0")
    Caller(rings[-1][2], "alice").rings()


kit.main()
