"""A server that shows two halves of the room different keys is found out by name, on both screens."""

import stranger  # before kit: it may change to another Python

import os
import select
import time

from stranger import bindings, keys, wire
from stranger.host import member, slots_for
from stranger_server import IDENTITIES, Lair

import kit

LATER = 30 + kit.PATIENCE       # three messages, each up to 10 s after the one before, though in haste
ALICE, OTHER = keys.Identity(), IDENTITIES["mallory"]


class Halves:
    """A room with a lying server: bob was shown one list and carol another, both with bob and carol at the end."""

    def __init__(self, place, name, bobs, carols, members=((), ())):
        self.lair, self.haste = Lair(place / name), kit.preloaded(place, "haste")
        self.lair.place.mkdir()
        self.guests, self.dens = [], []
        lists = [bindings.Bindings.of(self.lair.me.fingerprint, *entries) for entries in (bobs, carols)]
        for who, listed in zip(("bob", "carol"), lists):
            self.dens.append(self.start(who, name != "people"))
            self.guests.append(self.lair.accept(listed))
            self.guests[-1].greet()
        for listed in lists:
            for guest in self.guests:
                listed.add(guest.name, guest.fingerprint)
        everybody = b"".join(g.member() for g in self.guests)
        for guest, seen in zip(self.guests, members):
            guest.welcome(members=everybody + b"".join(member(*m) for m in seen))
        self.bob, self.carol = self.dens

    def start(self, who, json):
        if json:
            return self.lair.client(who, **self.haste)
        return kit.Running(kit.program("den"), *self.lair.options_for(who), self.lair.address, **self.haste)

    def pass_on(self):
        """All that has come: to the other one."""
        for guest, other in (self.guests, self.guests[::-1]):
            while not guest.link.silent():
                sent = guest.get(wire.SEND)
                self.lair.number += 1
                guest.link.send(wire.ACCEPTED, id=sent.id, number=self.lair.number)
                other.give(guest.name, guest.fingerprint, slots_for(sent.envelope, other.fingerprint),
                           self.lair.number)


def pass_until(done, *rooms):
    """Serves these rooms until that is so."""
    deadline = time.monotonic() + LATER
    while not done():
        assert time.monotonic() < deadline, [[str(e)[:60] for e in den.items] for room in rooms for den in room.dens]
        select.select([g.link.sock for room in rooms for g in room.guests], [], [], 0.1)
        for room in rooms:
            room.pass_on()


def differences(room):
    return [den.seen("difference") for den in room.dens]


def check(room, n, name, bobs, carols):
    """What both were told; bobs, carols: (kind, name, fingerprint) of the entry that each was shown."""
    for (told,), sender, mine, theirs in zip(differences(room), ("carol", "bob"), (bobs, carols), (carols, bobs)):
        assert (told["from"], told["n"]) == (sender, n), told
        for side, (kind, who, fingerprint) in (("your", mine), ("their", theirs)):
            assert told[side + "_kind"] == kind, told
            if kind != "none":
                assert (told[side + "_name"], told[side + "_fingerprint"]) == (who, fingerprint), told
    assert name in {den.seen("difference")[0]["name"] for den in room.dens}
    for den in room.dens:
        assert {e["code"] for e in den.seen("error")} <= {"server-lies"}, den.seen("error")


def people_read(room):
    """Both fingerprints, each beside who was shown it."""
    for den, who, mine, theirs in ((room.bob, "carol", ALICE, OTHER), (room.carol, "bob", OTHER, ALICE)):
        den.line(f"^! DIFFERENT KEYS: {who} was shown another list than you, or says so. Entry 1:$")
        den.line(f"^!   you: alice is {mine.shown}$")
        den.line(f"^!   {who}: alice is {theirs.shown}$")
        den.line("^! Either the server lies to one of you, or .* Nothing is sent to alice until .*/trust alice")
    room.bob.line("^! carol and you were shown different lists of names and keys: ")


@kit.case
def both_screens_name_the_key(place):
    people = Halves(place, "people", [("alice", ALICE.fingerprint)], [("alice", OTHER.fingerprint)])
    for den in people.dens:
        den.line(r"^\* Here ")
    people.carol.send("/msg bob hello")
    room = Halves(place, "room", [("alice", ALICE.fingerprint)], [("alice", OTHER.fingerprint)],
                  [[("alice", ALICE.spki)], [("alice", OTHER.spki)]])
    room.bob.expect("directory"), room.carol.expect("directory")
    room.bob.send("/msg carol hello")
    pass_until(lambda: room.carol.seen("message"), room)
    assert "unless" in room.carol.expect("error", code="server-lies")["text"]
    read = lambda: all(b"Nothing is sent to alice" in den.out for den in people.dens)
    pass_until(lambda: all(differences(room)) and read(), room, people)
    people_read(people)
    check(room, 1, "alice", ("bind", "alice", ALICE.shown), ("bind", "alice", OTHER.shown))
    for den in room.dens:
        den.send("/msg alice secret", "/all not for alice")
        assert "disputed" in den.expect("error", code="key-disputed")["text"]
        assert "left out" in den.expect("error", code="key-disputed")["text"]
    pass_until(lambda: len(room.bob.seen("message")) == 1 and len(room.carol.seen("message")) == 2, room)
    assert {den.seen("message")[-1]["text"] for den in room.dens} == {"not for alice"}
    room.bob.send("/trust alice", "/msg alice after all")
    assert room.bob.expect("trusted", name="alice")["fingerprint"] == ALICE.shown
    pass_until(lambda: len(room.bob.seen("sent")) == 3, room)
    for den in room.dens:
        assert len(den.seen("difference")) == 1


@kit.case
def whatever_differs_is_named(place):
    """Side by side, for each takes its time."""
    zoe, many = os.urandom(32), [(f"m{i}", os.urandom(32)) for i in range(5000)]
    before = [("zoe", zoe), ("alice", ALICE.fingerprint)]
    gone = ("zoe", zoe, bindings.RELEASE)
    elsewhere = many[:77] + [("m77", bytes(32))] + many[78:]
    withheld = Halves(place, "withheld", before, before[1:])
    released = Halves(place, "released", before + [gone], before + [("alice", ALICE.fingerprint, bindings.RELEASE)])
    long = Halves(place, "long", many, elsewhere)
    untold = Halves(place, "untold", [], [])
    rooms = withheld, released, long, untold
    for room in rooms:
        room.bob.expect("directory"), room.carol.expect("directory")
        if room is untold:
            carol = room.guests[1]
            carol.link.send(wire.BINDINGS, carol.bindings.add("alice", OTHER.fingerprint))
            carol.link.send(wire.JOINED, more=0, entries=member("alice", OTHER.spki))
            room.carol.expect("joined", name="alice")
        room.carol.send("/all hello")
    pass_until(lambda: all(all(differences(room)) for room in rooms), *rooms)
    check(withheld, 1, "zoe", ("bind", "zoe", keys.shown(zoe)), ("bind", "alice", ALICE.shown))
    check(released, 3, "zoe", ("release", "zoe", keys.shown(zoe)), ("release", "alice", ALICE.shown))
    check(long, 78, "m77", ("bind", "m77", keys.shown(many[77][1])), ("bind", "m77", keys.shown(bytes(32))))
    check(untold, 3, "alice", ("none", None, None), ("bind", "alice", OTHER.shown))


kit.main()
