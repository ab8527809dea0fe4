"""What members say of the lists that they were shown: a member can make up anything, and den says who says so. All of
it is as the document has it."""

import stranger  # before kit: it may change to another Python

import os

from stranger import bindings, envelope, keys, testimony, wire
from stranger.host import member
from stranger.peer import Peer
from stranger_server import IDENTITIES, Lair

import kit

OTHER = IDENTITIES["mallory"]


def claim(place):
    """zoe, a member, says that she was shown another list. (server, zoe, alice who was told so)"""
    server = kit.Server(place)
    alice, zoe = kit.Client(server, "alice", **kit.preloaded(place, "haste")), Peer(server, "zoe")
    bob = kit.Client(server, "bob")
    zoe.wait_for("bob"), alice.expect("joined", name="bob")
    lie = zoe.seal("alice", "I see other keys", h=os.urandom(32))
    zoe.put(lie.envelope, lie.id)
    text = alice.expect("error", code="server-lies")["text"]
    assert "zoe and you" in text and "unless it is this member" in text, text
    assert alice.expect("message", from_="zoe")["text"] == "I see other keys"
    return server, zoe, alice, bob


def question(zoe):
    """What alice asks zoe, checked by the document."""
    _, letter = zoe.hear()
    assert letter.kind == testimony.KIND
    return testimony.read(letter.body, zoe.server, letter.n, letter.h)


def testify(zoe, body, listed=None):
    listed = listed or zoe.bindings
    sealed = zoe.seal("alice", body, kind=testimony.KIND, n=listed.n, h=listed.h)
    zoe.put(sealed.envelope, sealed.id)


@kit.case
def who_makes_up_a_hash_is_asked_and_told_on(place):
    server, zoe, alice, bob = claim(place)
    asked = question(zoe)
    assert asked.asks and testimony.compare(asked, zoe.bindings) == ("same",)
    testify(zoe, testimony.ask(zoe.bindings, zoe.bindings.n))
    told = alice.expect("error", code="bad-bindings")["text"]
    assert "zoe" in told and "says nothing about the server" in told
    testify(zoe, os.urandom(200))
    zoe.say("alice", "sorry")
    alice.expect("message", text="sorry")
    assert not alice.seen("difference") and len(alice.seen("error")) == 2


@kit.case
def who_makes_up_a_whole_list_is_named_with_it(place):
    server, zoe, alice, bob = claim(place)
    asked = question(zoe)
    mine = zoe.bindings.like(bob=OTHER.fingerprint)
    verdict, n, ours, theirs = testimony.compare(asked, mine)
    assert (verdict, n, ours.fingerprint) == ("named", 3, OTHER.fingerprint)
    assert keys.shown(theirs.fingerprint) == bob.fingerprint
    for _ in range(3):      # asked thrice, alice answers once: two messages to a peer are all
        testify(zoe, testimony.ask(mine, mine.n), mine)
    told = alice.expect("difference", from_="zoe", name="bob")
    assert (told["your_fingerprint"], told["their_fingerprint"]) == (bob.fingerprint, OTHER.shown)
    assert "or zoe does" in told["text"]
    answered = question(zoe)
    assert not answered.asks and testimony.compare(answered, mine)[:2] == ("named", 3)
    alice.send("/msg bob secret")
    alice.expect("error", code="key-disputed")
    alice.send("/verify bob", "/verify bob ok", "/msg bob it is you")
    alice.expect("safety", verified=True)
    bob.expect("message", text="it is you")
    testify(zoe, testimony.ask(mine, mine.n), mine)
    zoe.say("alice", "more?")
    alice.expect("message", text="more?")
    assert len(alice.seen("difference")) == 1


@kit.case
def a_stranger_finds_it_in_a_list_of_thousands(place):
    """A client from the document alone, and den, behind a lying server."""
    many = [(f"m{i}", os.urandom(32)) for i in range(3000)]
    lair = Lair(place)
    alice = lair.client("alice", **kit.preloaded(place, "haste"))
    zoe, shown = keys.Identity(), bindings.Bindings.of(lair.me.fingerprint, *many)
    shown.add("zoe", zoe.fingerprint)
    guest = lair.accept(shown)
    guest.greet(), guest.bind()
    zoes = shown.like(m1234=OTHER.fingerprint)
    guest.welcome(members=guest.member() + member("zoe", zoe.spki))
    alice.expect("directory")

    def send(number, kind, body):
        letter = envelope.Letter(name="zoe", spki=zoe.spki, to=1, receiver=guest.fingerprint, id=number,
                                 server=lair.me.fingerprint, n=zoes.n, h=zoes.h, kind=kind, body=body)
        guest.give("zoe", zoe.fingerprint,
                   envelope.seal(envelope.ONE, envelope.pad(letter.content(zoe)), [guest.spki]))

    def hear():
        sent = guest.get(wire.SEND)
        guest.link.send(wire.ACCEPTED, id=sent.id, number=lair.number)
        letter = envelope.read(envelope.unseal(sent.envelope, zoe)[1])[2]
        return testimony.compare(testimony.read(letter.body, lair.me.fingerprint, letter.n, letter.h), zoes)

    send(1, envelope.TEXT, b"hello")
    verdict, common, parted = hear()
    assert verdict == "between" and common < 1235 <= parted <= common + 60, (verdict, common, parted)
    send(2, testimony.KIND, testimony.answer(zoes, common, parted, True))
    told = alice.expect("difference", n=1235, name="m1234")
    assert told["your_fingerprint"] == keys.shown(many[1234][1]) and told["their_fingerprint"] == OTHER.shown
    verdict, n, ours, theirs = hear()
    assert (verdict, n, theirs.fingerprint) == ("named", 1235, many[1234][1])


kit.main()
