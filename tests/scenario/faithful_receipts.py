"""Receipts (section 9.6): the sender learns that a message was shown, soon or days later, and nobody else learns it."""

import base64

import kit

ON = ("--reconnect", "on", "--receipts", "on")


def pair(server):
    alice, bob = kit.Client(server, "alice", *ON), kit.Client(server, "bob", *ON)
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
    bob = kit.Client(server, "bob", *ON)
    bob.expect("message", text="for later")
    # It leaves before it has answered: the answer is owed.
    bob.quit()
    alice = kit.Client(server, "alice", *ON)
    bob = kit.Client(server, "bob", *ON)
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
    carol = kit.Client(server, "carol", *ON)
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


if __name__ == "__main__":
    kit.main()
