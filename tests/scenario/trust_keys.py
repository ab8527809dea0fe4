"""Whose key it is: safety numbers, the mark of a checked key, keys that change, and who is ignored."""

import hashlib
import shutil
import signal

import kit


def raw(fingerprint):
    return bytes.fromhex(fingerprint.removeprefix("SHA256:"))


def number_of(one, other):
    """PROTOCOL.md 5.5, made from its words."""
    digest = hashlib.sha512(b"den1 safety" + b"".join(sorted((raw(one), raw(other))))).digest()
    return "".join(f"{int.from_bytes(digest[i:i + 5], 'big') % 100000:05d}" for i in range(0, 60, 5))


def member(directory, name):
    return next(m for m in directory["members"] if m["name"] == name)


def trust_of(client, name):
    """What /who says: (trust, verified)."""
    client.send("/who")
    found = member(client.expect("directory"), name)
    return found["trust"], found["verified"]


def forget_names(server):
    """The server loses the names, and not its key."""
    server.stop()
    for file in server.state.iterdir():
        if file.name != "identity.pem":
            shutil.rmtree(file) if file.is_dir() else file.unlink()
    server.listen = server.address
    server.start()


def say(sender, to, receiver, text):
    """A message that arrives, and how it is shown."""
    sender.send(f"/msg {to} {text}")
    sender.expect("sent", to=to)
    return receiver.expect("message", text=text)


@kit.case
def both_screens_show_the_same_number(place):
    server = kit.Server(place)
    alice, bob, carol = (kit.Client(server, name) for name in ("alice", "bob", "carol"))
    alice.expect("joined", name="carol"), bob.expect("joined", name="carol")
    for one, other in ((alice, bob), (bob, carol), (carol, alice)):
        one.send("/verify " + other.name.upper()), other.send("/verify " + one.name)
        here, there = one.expect("safety", name=other.name), other.expect("safety", name=one.name)
        assert here["number"] == there["number"] == number_of(one.fingerprint, other.fingerprint)
        assert not here["verified"] and not there["verified"]
    bob.quit()
    alice.expect("left", name="bob")
    alice.send("/verify bob", "/verify nobody", "/verify alice")
    assert alice.expect("safety")["number"] == number_of(alice.fingerprint, bob.fingerprint)
    alice.expect("error", code="no-member")
    alice.expect("error", code="usage")


@kit.case
def people_see_it_in_three_rows(place):
    server = kit.Server(place)
    bob, alice = kit.Client(server, "bob"), kit.Talker(server, "alice")
    alice.send("/verify bob", "/verify bob ok", "/verify bob", "/who")
    alice.line("Safety number of bob and you, not checked yet")
    digits = "".join(alice.line(r"^\*   (\d{5} ){3}\d{5}$").removeprefix("*   ") for _ in range(3)).replace(" ", "")
    number = number_of(bob.fingerprint, bob.expect("joined", name="alice")["fingerprint"])
    assert digits == number
    alice.line("bob's key is checked")
    alice.line("Safety number of bob and you, checked before")
    alice.line(r"^\* Here \(2\): alice, bob \(checked\)$")
    bob.send("/msg alice hello")
    alice.line(r"^\d\d:\d\d bob \(checked\): hello$")
    bob.quit()
    alice.line(r"^\* bob \(checked\) left$")


@kit.case
def the_mark_stays(place):
    server = kit.Server(place)
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    assert trust_of(bob, "alice") == ("new", False)
    bob.send("/verify alice ok")
    assert bob.expect("safety", name="alice")["verified"]
    assert trust_of(bob, "alice") == ("checked", True)
    assert say(alice, "bob", bob, "now?")["trust"] == "checked"
    assert say(bob, "alice", alice, "yes")["trust"] == "new"
    bob.signal(9)  # it is on disk at once
    bob.wait(-9)
    alice.expect("left", name="bob")
    bob = kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    assert member(bob.directory, "alice")["verified"] and member(bob.directory, "alice")["trust"] == "checked"
    assert say(alice, "bob", bob, "still?")["trust"] == "checked"
    assert say(bob, "alice", alice, "sure")["trust"] in ("new", "pinned")
    alice.quit()
    assert bob.expect("left", name="alice")["verified"]
    ghost = kit.Client(server, "ghost", "--ephemeral")
    bob.expect("joined", name="ghost", verified=False)
    bob.send("/verify ghost", "/verify ghost ok")
    assert bob.expect("safety")["number"] == number_of(bob.fingerprint, ghost.fingerprint)
    bob.expect("error", code="ephemeral")


@kit.case
def who_came_later_is_known_after_a_kill(place):
    """The first key of a name is kept when it is met, not when den ends: an end may be none in order."""
    server = kit.Server(place)
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    alice.expect("joined", name="bob", trust="new")
    alice.send("/who")
    alice.expect("directory")
    alice.signal(signal.SIGKILL)
    alice.wait(-signal.SIGKILL)
    bob.quit()
    forget_names(server)
    alice = kit.Client(server, "alice")
    kit.Client(server, "bob", "--state", place / "mallory")
    assert alice.expect("joined", name="bob")["trust"] == "changed"


def known_bob_is_another(place):
    """Alice has checked bob's key; then somebody else has that name. Carol is there too."""
    server = kit.Server(place)
    bob, alice = kit.Client(server, "bob"), kit.Client(server, "alice")
    alice.send("/verify bob ok")
    alice.expect("safety", verified=True)
    alice.quit(), bob.quit()
    forget_names(server)
    carol, other = kit.Client(server, "carol"), kit.Client(server, "bob", "--state", place / "mallory")
    assert other.fingerprint != bob.fingerprint
    alice = kit.Client(server, "alice")
    error = alice.expect("error", code="key-changed")
    assert other.fingerprint in error["text"] and "/trust bob" in error["text"]
    return server, bob, other, carol, alice


@kit.case
def a_changed_key_gets_nothing(place):
    server, bob, other, carol, alice = known_bob_is_another(place)
    assert member(alice.directory, "bob")["trust"] == "changed" and not member(alice.directory, "bob")["verified"]
    for line in ("/msg bob secret", "/verify bob", "/verify bob ok"):
        alice.send(line)
        assert "has changed" in alice.expect("error", code="key-changed")["text"], line
    alice.send("/to bob", "still secret")
    alice.expect("error", code="key-changed")
    alice.send("/all for carol")
    assert "bob is left out" in alice.expect("error", code="key-changed")["text"]
    carol.expect("message", text="for carol")
    out, err = server.den("alice", "msg", "bob", "secret", code=3)
    assert "THE KEY OF bob HAS CHANGED" in err
    assert say(other, "alice", alice, "trust me")["trust"] == "changed"
    assert not other.seen("message") and trust_of(alice, "bob") == ("changed", False)
    # The key that was known stays known.
    alice.quit()
    alice = kit.Client(server, "alice")
    alice.expect("error", code="key-changed")
    alice.quit()
    carol.quit(), other.quit()
    forget_names(server)
    bob, alice = kit.Client(server, "bob"), kit.Client(server, "alice")
    assert trust_of(alice, "bob") == ("checked", True)
    assert [e["code"] for e in alice.seen("error")] == ["new-log"]      # it was forgotten as well


@kit.case
def people_are_told_loudly(place):
    server, bob, other, carol, alice = known_bob_is_another(place)
    other.expect("joined", name="alice")
    alice.quit()
    other.expect("left", name="alice")
    alice = kit.Talker(server, "alice")
    other.expect("joined", name="alice")
    assert b"! THE KEY OF bob HAS CHANGED" in alice.out
    other.send("/msg alice psst")
    alice.line(r"^\d\d:\d\d bob \(CHANGED KEY\): psst$")
    alice.send("/who")
    alice.line(r"bob \(CHANGED KEY\)")


@kit.case
def trusting_takes_the_mark_away(place):
    server, bob, other, carol, alice = known_bob_is_another(place)
    alice.send("/trust carol", "/trust nobody", "/trust", "/trust alice")
    for code in ("unchanged", "no-member", "usage", "usage"):
        alice.expect("error", code=code)
    alice.send("/trust bob")
    assert alice.expect("trusted", name="bob")["fingerprint"] == other.fingerprint
    assert trust_of(alice, "bob")[1] is False and trust_of(alice, "bob")[0] in ("new", "pinned")
    say(alice, "bob", other, "so it is you")
    assert say(other, "alice", alice, "it is")["trust"] in ("new", "pinned")
    alice.send("/trust bob")
    alice.expect("error", code="unchanged")
    alice.send("/verify bob")
    safety = alice.expect("safety")
    assert safety["number"] == number_of(alice.fingerprint, other.fingerprint) and not safety["verified"]
    alice.quit()
    alice = kit.Client(server, "alice")
    assert member(alice.directory, "bob") | {"trust": "pinned", "verified": False} == member(alice.directory, "bob")
    assert not alice.seen("error")


@kit.case
def an_ephemeral_one_is_never_accepted(place):
    server = kit.Server(place)
    bob, alice = kit.Client(server, "bob"), kit.Client(server, "alice")
    alice.quit(), bob.quit()
    forget_names(server)
    kit.Client(server, "bob", "--ephemeral")
    alice = kit.Client(server, "alice")
    alice.expect("error", code="key-changed")
    alice.send("/trust bob", "/msg bob hello")
    alice.expect("error", code="ephemeral")
    alice.expect("error", code="key-changed")


@kit.case
def ignored_is_not_shown(place):
    server = kit.Server(place)
    alice, bob, carol = (kit.Client(server, name) for name in ("alice", "bob", "carol"))
    alice.expect("joined", name="carol"), bob.expect("joined", name="carol")
    alice.send("/ignore", "/ignore BOB", "/ignore")
    assert alice.expect("ignored")["members"] == []
    assert "bob" in alice.expect("note")["text"]
    assert alice.expect("ignored")["members"] == [{"name": "bob", "fingerprint": bob.fingerprint}]
    quiet(alice, bob, carol)
    # It is the key, whatever its name, and it is kept.
    bob.quit()
    robert = kit.Client(server, "robert", "--state", place / "bob")
    assert robert.fingerprint == bob.fingerprint
    alice.expect("joined", name="robert")
    carol.expect("joined", name="robert")
    quiet(alice, robert, carol)
    alice.quit()
    alice = kit.Client(server, "alice")
    quiet(alice, robert, carol)
    alice.send("/ignore bob off")
    alice.expect("note")
    assert say(robert, "alice", alice, "at last")["from"] == "robert"
    alice.send("/ignore alice", "/ignore nobody", "/ignore carol on")
    for code in ("usage", "no-member", "usage"):
        alice.expect("error", code=code)


def quiet(alice, ignored, carol):
    """Of what this one writes alice sees nothing; carol's message afterwards comes."""
    ignored.send("/msg alice are you there?", "/all anybody?", "/msg carol not for alice")
    carol.expect("message", text="not for alice")
    carol.send("/msg alice carol is heard")
    alice.expect("message", text="carol is heard")
    assert ignored.name not in [e["from"] for e in alice.seen("message") + alice.seen("sealed")]


@kit.case
def an_ephemeral_one_is_ignored_while_it_is_here(place):
    server = kit.Server(place)
    alice, carol = kit.Client(server, "alice"), kit.Client(server, "carol")
    ghost = kit.Client(server, "ghost", "--ephemeral")
    alice.expect("joined", name="ghost"), carol.expect("joined", name="ghost")
    alice.send("/ignore ghost", "/ignore")
    alice.expect("ignored", members=[{"name": "ghost", "fingerprint": ghost.fingerprint}])
    quiet(alice, ghost, carol)
    ghost.quit()
    alice.expect("left", name="ghost")
    ghost = kit.Client(server, "ghost", "--ephemeral")
    say(ghost, "alice", alice, "another key, another ghost")


@kit.case
def one_shots_beside_it_lose_nothing(place):
    server, second = kit.Server(place), kit.Server(place, state="second")
    bob, dave = kit.Client(server, "bob"), kit.Client(second, "dave")
    alice = kit.Client(server, "alice")
    second.den("alice", "who")
    alice.send("/verify bob ok")
    alice.expect("safety", verified=True)
    second.den("alice", "who")
    alice.quit()
    alice = kit.Client(server, "alice")
    assert trust_of(alice, "bob") == ("checked", True)
    elsewhere = kit.Client(second, "alice", "--json", "--state", place / "alice", entered=False)
    elsewhere.wait(1)  # one den in a room for a state
    alice.quit()
    alice = kit.Client(second, "alice")
    assert trust_of(alice, "dave") == ("pinned", False)


@kit.case
def a_server_with_a_new_key_is_another_room(place):
    server = kit.Server(place)
    bob, alice = kit.Client(server, "bob"), kit.Client(server, "alice")
    alice.send("/verify bob ok")
    alice.expect("safety", verified=True)
    alice.quit(), bob.quit()
    server.stop()
    anew = kit.Server(place, state="anew", listen=server.address)
    told = ["--name", "alice", "--state", place / "alice", "--json", anew.address]
    out, err = kit.run("den", *told, code=3)
    assert '"server-key"' in out and "THE KEY OF THE SERVER" in out and server.fingerprint in out, out
    bob, alice = kit.Client(anew, "bob"), kit.Client(anew, "alice")  # kit gives --pin with the new key
    assert trust_of(alice, "bob") == ("new", False)  # the old room's marks say nothing of this one
    alice.quit()
    out, err = kit.run("den", *told)  # it is remembered
    assert '"ready"' in out, out


kit.main()
