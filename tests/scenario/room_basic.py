"""The room itself: who is here, and messages that one, or all, can read."""

import base64
import hashlib

import kit


def three(server, *options):
    alice = kit.Client(server, "alice", *options)
    bob = kit.Client(server, "bob", *options)
    carol = kit.Client(server, "carol", *options)
    alice.expect("joined", name="bob")
    alice.expect("joined", name="carol")
    bob.expect("joined", name="carol")
    return alice, bob, carol


def names(directory):
    return [member["name"] for member in directory["members"]]


@kit.case
def the_readiness_line_names_address_and_key(place):
    server = kit.Server(place, "--room", "the den of Ünal")
    assert server.process.out.count(b"\n") == 1
    alice = kit.Client(server, "alice")
    assert alice.ready["room"] == "the den of Ünal"
    assert alice.ready["name"] == "alice" and alice.ready["address"] == server.address
    assert alice.ready["server_fingerprint"] == server.fingerprint
    alice.quit()


@kit.case
def the_newcomer_gets_everybody_and_everybody_gets_the_newcomer(place):
    server = kit.Server(place)
    alice, bob, carol = three(server)
    keys = {c.name: c.fingerprint for c in (alice, bob, carol)}
    assert names(alice.directory) == ["alice"] and names(bob.directory) == ["alice", "bob"]
    assert {m["name"]: m["fingerprint"] for m in carol.directory["members"]} == keys
    assert carol.directory["n"] == 3
    for client, newcomers in ((alice, ["bob", "carol"]), (bob, ["carol"]), (carol, [])):
        assert [(e["name"], e["fingerprint"]) for e in client.seen("joined")] == [(n, keys[n]) for n in newcomers]
    bob.quit()
    for client in (alice, carol):
        assert client.expect("left")["fingerprint"] == keys["bob"]
        client.send("/who")
        assert names(client.expect("directory")) == ["alice", "carol"]


@kit.case
def only_the_recipient_reads_and_can_answer(place):
    server = kit.Server(place)
    alice, bob, carol = three(server)
    text = "meet me at the old mill, " * 3
    alice.send("/msg bob " + text)
    got = bob.expect("message")
    assert (got["from"], got["text"], got["verified"], got["trust"]) == ("alice", text, True, "new"), got
    sent = alice.expect("sent", to="bob")
    assert (sent["id"], sent["number"]) == (got["id"], got["number"]) and sent["number"] == 1
    sealed = carol.expect("sealed", from_="alice", number=1)
    raw = base64.b64decode(sealed["base64"], validate=True)
    assert len(raw) > 1024 and b"mill" not in raw and text.encode()[:12] not in raw
    bob.send("/msg alice at noon")
    assert alice.expect("message", from_="bob")["text"] == "at noon"
    # Nobody sees more than that: what was said to others came to each of them sealed, once.
    assert carol.expect("sealed", number=2)["from"] == "bob"
    assert not carol.seen("message") and not bob.seen("sealed") and not alice.seen("sealed")


@kit.case
def what_others_see_is_one_envelope_and_never_the_same_twice(place):
    server = kit.Server(place)
    alice, bob, carol = three(server)
    dave = kit.Client(server, "dave")
    alice.expect("joined", name="dave")
    alice.send("/msg bob again", "/msg bob again")
    first, second = [[c.expect("sealed", number=n)["base64"] for c in (carol, dave)] for n in (1, 2)]
    assert first[0] == first[1] and second[0] == second[1] and first != second
    # The size tells the class of the text, not the text.
    alice.send("/msg bob a rather longer text than that before it, but of the same class")
    assert len(carol.expect("sealed", number=3)["base64"]) == len(first[0])


@kit.case
def a_message_to_all_reaches_everyone_here(place):
    server = kit.Server(place)
    alice, bob, carol = three(server)
    alice.send("/all dinner is ready")
    assert alice.expect("sent")["to"] == "all"
    for client in (bob, carol):
        got = client.expect("message", text="dinner is ready")
        assert (got["from"], got["to"], got["number"]) == ("alice", "all", 1)
    # Who comes later has no slot in it, and who is alone is told so.
    bob.quit(), carol.quit()
    alice.expect("left"), alice.expect("left")
    alice.send("/all anybody?")
    assert alice.expect("error")["code"] == "no-member"


@kit.case
def bare_lines_go_where_to_says(place):
    server = kit.Server(place)
    alice, bob, carol = three(server)
    alice.send("to nobody")
    assert alice.expect("error")["code"] == "usage"
    alice.send("/to bob", "first", "  second, with blanks  ", "/to carol", "third", "/to", "fourth")
    assert [bob.expect("message")["text"] for _ in range(2)] == ["first", "  second, with blanks  "]
    assert carol.expect("message")["text"] == "third"
    assert alice.expect("error")["code"] == "usage"
    alice.send("/to zoe")
    assert alice.expect("error")["code"] == "no-member"


@kit.case
def many_messages_both_ways_at_once_keep_their_order(place):
    server = kit.Server(place)
    alice, bob, carol = three(server)
    count = 60
    alice.send(*(f"/msg bob a{i}" for i in range(count)))
    bob.send(*(f"/msg alice b{i}" for i in range(count)))
    assert [bob.expect("message")["text"] for _ in range(count)] == [f"a{i}" for i in range(count)]
    assert [alice.expect("message")["text"] for _ in range(count)] == [f"b{i}" for i in range(count)]
    # Who watches takes turns between senders, each in order.
    sealed = [carol.expect("sealed") for _ in range(2 * count)]
    assert sorted(e["number"] for e in sealed) == list(range(1, 2 * count + 1))
    for name in ("alice", "bob"):
        numbers = [e["number"] for e in sealed if e["from"] == name]
        assert len(numbers) == count and numbers == sorted(numbers)


@kit.case
def keys_are_what_openssl_says_they_are(place):
    server = kit.Server(place)
    alice, bob, carol = three(server)
    for asked, of in (("/key bob", bob), ("/key ALICE", alice), ("/key", alice)):
        alice.send(asked)
        key = alice.expect("key", name=of.name)
        der = kit.tool("openssl", "pkey", "-pubin", "-outform", "DER", input=key["pem"].encode())
        assert key["fingerprint"] == of.fingerprint == "SHA256:" + hashlib.sha256(der).hexdigest()
        assert kit.tool("openssl", "pkey", "-pubin", input=key["pem"].encode()).decode() == key["pem"]
    alice.send("/key zoe")
    assert alice.expect("error")["code"] == "no-member"
    # A key that was met is known also when its owner is away.
    bob.quit()
    alice.expect("left", name="bob")
    alice.send("/key bob")
    assert alice.expect("key")["fingerprint"] == bob.fingerprint


@kit.case
def trust_is_new_at_first_and_pinned_later(place):
    server = kit.Server(place)
    bob = kit.Client(server, "bob")
    for trust in ("new", "pinned"):
        alice = kit.Client(server, "alice")
        bob.expect("joined", name="alice")
        alice.send("/msg bob it is me", "/msg bob still me")
        assert [bob.expect("message", from_="alice")["trust"] for _ in range(2)] == [trust, trust]
        alice.quit()
        bob.expect("left", name="alice")
        bob.quit()
        bob = kit.Client(server, "bob")


@kit.case
def observing_is_off_for_people_until_asked(place):
    server = kit.Server(place)
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    carol = kit.Talker(server, "carol")
    alice.expect("joined", name="carol")
    talk = lambda text: (alice.send("/msg bob " + text), bob.expect("message", text=text),
                         alice.send("/msg carol after " + text), carol.line(f"alice.*: after {text}$"))
    talk("one")
    assert b"~ #" not in carol.out
    carol.send("/observe on")
    carol.line("are shown as they come")
    talk("two")
    carol.line(r"^~ #3 from alice, not for you, can't be opened:$")
    assert len(base64.b64decode(carol.line(r"^[A-Za-z0-9+/]{800,}=*$"), validate=True)) > 1024
    carol.send("/observe off")
    carol.line("are not shown")
    talk("three")
    assert carol.out.count(b"~ #") == 1
    carol.send("/observe")
    carol.line("^! usage: /observe on.off")


@kit.case
def help_lists_every_command(place):
    server = kit.Server(place)
    alice = kit.Talker(server, "alice")
    alice.send("/help")
    for command in ("/who", "/key", "/msg", "/to", "/all", "/observe", "/videos", "/play", "/pause", "/seek", "/stop",
                    "/help", "/quit"):
        assert f"*   {command} " in alice.line(f"^\\*   {command} ")
    alice.send("/nonsense")
    alice.line("^! unknown command")
    for wrong in ("/msg", "/msg bob", "/msg  ", "/observe perhaps", "/seek x", "/who now", "/pause", "/stop", "/play"):
        alice.send(wrong)
        alice.line("^! ")
    alice.send("QUIT")
    alice.wait(0)


kit.main()
