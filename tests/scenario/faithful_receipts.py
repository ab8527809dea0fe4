"""Receipts (section 9.6): the sender learns that a message was shown, soon or days later, and nobody else learns it."""

import stranger  # before kit: it may change to another Python

import base64

from stranger import wire
from stranger.peer import Peer

import kit

ON = ("--reconnect", "on", "--receipts", "on")


def den(server, name):
    """One whose seconds are shorter: a receipt goes after 1 to 10 of them."""
    return kit.Client(server, name, *ON, **kit.preloaded(server.place, "haste"))


def pair(server):
    alice, bob = den(server, "alice"), den(server, "bob")
    alice.expect("joined", name="bob")
    return alice, bob


@kit.case
def what_was_shown_is_delivered(place):
    server = kit.Server(place)
    carol = kit.Client(server, "carol")
    alice, bob = pair(server)
    alice.send(*[f"/msg bob {i}" for i in range(5)], "/all and to all")
    ids = [alice.expect("sent", to="bob")["id"] for _ in range(5)]
    assert [alice.expect("delivered", to="bob")["id"] for _ in ids] == ids
    # Several in one, as large as a short text; and not for what went to all.
    texts = [carol.expect("sealed", from_="alice") for _ in range(5)]
    receipts = [carol.expect("sealed", from_="bob")]
    bob.send("/msg alice the next thing")
    receipts.append(carol.expect("sealed", from_="bob"))
    assert len({len(base64.b64decode(item["base64"])) for item in texts + receipts}) == 1
    assert len(alice.seen("delivered")) == 5


@kit.case
def also_when_either_was_away(place):
    server = kit.Server(place)
    alice, bob = pair(server)
    bob.quit()
    alice.expect("left", name="bob")
    alice.send("/msg bob for later")
    id = alice.expect("sent", to="bob")["id"]
    alice.quit()
    bob = den(server, "bob")
    bob.expect("message", text="for later")
    # It leaves before it has answered: the answer is owed.
    bob.quit()
    alice = den(server, "alice")
    bob = den(server, "bob")
    alice.expect("delivered", to="bob", id=id)
    server.restart()
    for client in (alice, bob):
        client.expect("back")
    alice.send("/msg bob once more")
    alice.expect("delivered", to="bob", id=alice.expect("queued")["id"])
    assert len(alice.seen("delivered")) == 2


@kit.case
def who_is_ignored_gets_none(place):
    server = kit.Server(place)
    alice, bob = pair(server)
    carol = den(server, "carol")
    alice.expect("joined", name="carol"), bob.expect("joined", name="carol")
    bob.send("/ignore alice")
    bob.expect("note")
    alice.send("/msg bob do you hear me")
    alice.expect("sent", to="bob")
    carol.send("/msg bob and me?")
    carol.expect("delivered", to="bob")
    off = kit.Client(server, "off", "--receipts", "off")
    carol.expect("joined", name="off")
    carol.send("/msg off silent")
    off.expect("message")
    carol.send("/msg alice heard?")
    carol.expect("delivered", to="alice")
    assert not alice.seen("delivered") and len(carol.seen("delivered")) == 2


@kit.case
def a_strangers_receipts(place):
    """Both ways with a client that was written from the document."""
    server = kit.Server(place)
    alice, bob = den(server, "alice"), Peer(server, "bob")
    alice.expect("joined", name="bob")
    first = [bob.seal("alice", f"text {i}") for i in range(40)]
    for sealed in first:
        bob.link.send(wire.SEND, id=sealed.id, envelope=sealed.envelope)
    got = []
    while len(got) < 40:
        _, letter = bob.hear()
        assert (letter.kind, letter.to, len(letter.body) % 8) == (2, 1, 0) and 8 <= len(letter.body) <= 8 * 38
        got += [int.from_bytes(letter.body[i:i + 8], "big") for i in range(0, len(letter.body), 8)]
    assert got == [sealed.id for sealed in first]

    def answer(body):
        sealed = bob.seal("alice", body, kind=2)
        bob.put(sealed.envelope, sealed.id)

    alice.send("/msg bob one", "/msg bob two", "/all three")
    ids = [int(alice.expect("sent")["id"]) for _ in range(3)]
    body = b"".join(wire.number(8, i) for i in (ids[1], ids[2], 77, ids[0], ids[1]))
    answer(body)
    assert [int(alice.expect("delivered", to="bob")["id"]) for _ in range(2)] == [ids[1], ids[0]]
    answer(body)
    for bad in (b"", bytes(7), bytes(8 * 39)):
        answer(bad)
        assert "receipt" in alice.expect("error", code="bad-envelope")["text"]
    assert len(alice.seen("delivered")) == 2


if __name__ == "__main__":
    kit.main()
