"""Names belong to keys, servers to pins: what is refused, what is remembered, what may move."""

import shutil
import signal

import kit

WRONG = "SHA256:" + "0" * 64


def refused(server, name, code, *options, exit_code=3):
    client = kit.Client(server, name, *options, entered=False)
    error = client.expect("error", code=code)
    client.wait(exit_code)
    assert not client.seen("ready")
    return error


def same_key(server, client, state):
    """Options for the client's own key in another place."""
    shutil.copytree(server.place / client.name, server.place / state)
    return ["--state", server.place / state]


class Elsewhere:
    """A server as a client without a pin sees it: perhaps at another address."""

    def __init__(self, server, address=None):
        self.place, self.address = server.place, address or server.address

    def options_for(self, name, *options):
        return ["--name", name, "--state", self.place / name, *options]


@kit.case
def a_name_of_another_key_is_refused(place):
    server = kit.Server(place)
    alice = kit.Client(server, "alice")
    for name in ("alice", "ALICE", "aLiCe"):
        refused(server, name, "name-taken", "--state", place / "mallory")
        refused(server, name, "name-taken", "--ephemeral")
    alice.quit()
    refused(server, "Alice", "name-taken", "--state", place / "mallory")
    server.restart(signal.SIGKILL)
    refused(server, "alice", "name-taken", "--state", place / "mallory")
    again = kit.Client(server, "ALICE", "--state", place / "alice")
    assert again.fingerprint == alice.fingerprint
    assert not [e for e in alice.seen("joined") if e["fingerprint"] != alice.fingerprint]


@kit.case
def names_are_compared_without_case(place):
    server = kit.Server(place)
    alice, bob = kit.Client(server, "Alice"), kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    bob.send("/msg aLICE hello")
    assert bob.expect("sent")["to"] == "Alice"
    assert alice.expect("message")["text"] == "hello"


@kit.case
def the_same_key_takes_over(place):
    server = kit.Server(place)
    bob, first = kit.Client(server, "bob"), kit.Client(server, "alice")
    bob.expect("joined", name="alice")
    second = kit.Client(server, "alice", *same_key(server, first, "alice-too"))
    first.expect("error", code="replaced")
    first.wait(1)
    assert [m["name"] for m in second.directory["members"]] == ["alice", "bob"]
    bob.send("/msg alice which of you?")
    assert second.expect("message")["text"] == "which of you?"
    second.send("/msg bob the newer one")
    assert bob.expect("message")["text"] == "the newer one"
    assert not bob.seen("left")
    second.quit()
    bob.expect("left", name="alice")
    assert len(bob.seen("left")) == 1


@kit.case
def ephemeral_names_are_free_again(place):
    server = kit.Server(place)
    bob = kit.Client(server, "bob")
    for _ in range(2):
        ghost = kit.Client(server, "ghost", "--ephemeral")
        assert bob.expect("joined", name="ghost")["ephemeral"] is True
        refused(server, "ghost", "name-taken", "--state", place / "other")
        ghost.send("/msg bob boo")
        bob.expect("message", text="boo")
        ghost.quit()
        bob.expect("left", name="ghost")
    lasting = kit.Client(server, "ghost")
    assert bob.expect("joined", name="ghost")["ephemeral"] is False
    lasting.quit()
    refused(server, "ghost", "name-taken", "--ephemeral")
    assert not (place / "ghost" / "none").exists() and (place / "ghost" / "identity.pem").exists()


@kit.case
def an_ephemeral_identity_leaves_no_file(place):
    server = kit.Server(place)
    home = place / "home"
    home.mkdir()
    ghost = kit.Client(server, "ghost", "--ephemeral", env={"HOME": str(home), "PATH": "/usr/bin:/bin"})
    ghost.quit()
    assert not list(home.rglob("*")) and not (place / "ghost").exists()


@kit.case
def one_state_is_one_member(place):
    server = kit.Server(place)
    alice = kit.Client(server, "alice")
    second = kit.Client(server, "alice", entered=False)
    second.wait(1)
    assert b"another den is in a room with the key in" in second.err and second.err.count(b"\n") == 1
    # One shot goes beside it, and does not throw it out.
    assert "alice" in server.den("alice", "who")[0]
    alice.send("/who")
    alice.expect("directory")


@kit.case
def an_unknown_server_needs_a_word(place):
    server = kit.Server(place)
    stranger = Elsewhere(server)
    error = refused(stranger, "alice", "unknown-server")
    assert server.fingerprint in error["text"] and "--trust-first" in error["text"]
    assert not (place / "alice" / "servers").exists() or server.fingerprint not in (place / "alice" / "servers").read_text()
    kit.Client(stranger, "alice", "--trust-first").quit()
    kit.Client(stranger, "alice").quit()            # remembered
    kit.Client(server, "bob").quit()                # by pin
    kit.Client(stranger, "bob").quit()              # remembered too
    link = Elsewhere(server, f"den://{server.address}/#{server.fingerprint}")
    kit.Client(link, "carol").quit()
    kit.Client(stranger, "carol").quit()


@kit.case
def another_key_than_expected_is_refused(place):
    server = kit.Server(place)
    refused(Elsewhere(server), "alice", "server-key", "--pin", WRONG)
    refused(Elsewhere(server, f"den://{server.address}/#{WRONG}"), "alice", "server-key")
    kit.run("den", "--name", "alice", "--state", place / "alice", "--pin", WRONG, "who", server.address, code=3)
    kit.Client(server, "alice").quit()
    server.stop()
    other = kit.Server(place, state="other", listen=server.address)
    assert other.fingerprint != server.fingerprint
    stranger = Elsewhere(other)
    error = refused(stranger, "alice", "server-key")
    assert server.fingerprint in error["text"]
    refused(stranger, "alice", "server-key", "--trust-first")
    refused(stranger, "alice", "server-key")        # refusing changed nothing
    kit.Client(other, "alice").quit()               # the user says the new key
    kit.Client(stranger, "alice").quit()


@kit.case
def a_room_may_move(place):
    server = kit.Server(place)
    bob = kit.Client(server, "bob")
    kit.Client(server, "alice").quit()
    server.stop()
    bob.wait(1)
    server.listen = "127.0.0.1:0"
    server.start()
    alice = kit.Client(Elsewhere(server), "alice")
    assert "now is at " + server.address in alice.expect("note")["text"]


kit.main()
