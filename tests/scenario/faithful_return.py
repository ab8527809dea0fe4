"""Coming back: a lost link, a server that is killed or stops, what was written and what was sent meanwhile."""

import shutil
import signal

import kit

ON = ("--reconnect", "on")


def pair(server, *options):
    alice, bob = kit.Client(server, "alice", *ON, *options), kit.Client(server, "bob", *ON, *options)
    alice.expect("joined", name="bob")
    return alice, bob


@kit.case
def a_killed_server_comes_back_and_so_do_they(place):
    server = kit.Server(place)
    alice, bob = pair(server)
    alice.send("/msg bob before")
    bob.expect("message", text="before")
    for number in (signal.SIGKILL, signal.SIGTERM):
        server.restart(number)
        for client in (alice, bob):
            client.expect("away")
            assert client.name in [m["name"] for m in client.expect("back")["members"]]
        alice.send("/who")
        while len(alice.expect("directory")["members"]) < 2:
            alice.send("/who")
        alice.send(f"/msg bob after {number}")
        alice.expect("sent", to="bob")
        got = bob.expect("message", text=f"after {number}")
        assert "again" not in got
    # Nothing was told as if everybody had come anew.
    assert len(alice.seen("ready")) == 1
    alice.quit(), bob.quit()


@kit.case
def what_is_written_meanwhile_is_sent_later(place):
    """Somebody at a terminal: den takes lines also while the server is away."""
    server = kit.Server(place)
    bob = kit.Client(server, "bob", *ON)
    alice = kit.Terminal(server, "alice", *ON)
    bob.expect("joined", name="alice")
    alice.after("Here .*bob")
    server.stop(signal.SIGKILL)
    alice.after(r"trying again\. What you write is sent later\.")
    lines = [f"are you back yet {i}" for i in range(5)]
    for line in lines:
        alice.type(f"/msg bob {line}")
        alice.after(rf"\.\. bob: {line}")
    alice.type("/videos")
    alice.after("the link to the room is lost")
    server.listen = server.address
    server.start()
    alice.after(r"\* Back in the room\.")
    for line in lines:
        alice.after(f"-> bob: {line}")
        assert bob.expect("message")["text"] == line
    server.stop(signal.SIGKILL)
    alice.after("trying again")
    alice.type("/msg bob for the next time")
    alice.after(r"\.\. bob:")
    alice.type("/quit")
    alice.after("1 message was not accepted by the server yet: sent when you come back")
    assert alice.child.wait(kit.PATIENCE) == 1
    assert len(list((place / "alice" / "unsent").iterdir())) == 1
    server.start()
    alice = kit.Client(server, "alice", *ON)
    assert bob.expect("message", text="for the next time")["from"] == "alice"
    alice.expect("sent", to="bob")
    alice.quit()
    assert not list((place / "alice" / "unsent").iterdir())


@kit.case
def some_ends_are_ends(place):
    """Replaced, a server with another key, a first way in that fails, and --reconnect off."""
    server = kit.Server(place)
    alice = kit.Client(server, "alice", *ON)
    other = kit.Client(server, "alice", "--state", str(copied(place)), *ON)
    alice.expect("error", code="replaced")
    alice.wait(1)
    carol = kit.Client(server, "carol", "--reconnect", "off")
    server.stop(signal.SIGKILL)
    carol.expect("error", code="lost")
    carol.wait(1)
    other.expect("away")
    stranger = kit.Server(place, state="another", listen=server.address)
    other.expect("error", code="server-key")
    other.wait(3)
    stranger.stop()
    dave = kit.Client(server, "dave", *ON, entered=False)
    dave.expect("error", code="unreachable")
    dave.wait(1)


def copied(place):
    state = place / "copy"
    state.mkdir(mode=0o700)
    (state / "identity.pem").touch(mode=0o600)
    (state / "identity.pem").write_bytes((place / "alice" / "identity.pem").read_bytes())
    return state


@kit.case
def signals_and_the_end_of_input_while_it_waits(place):
    server = kit.Server(place)
    alice, bob = kit.Client(server, "alice", *ON), kit.Client(server, "bob", *ON, "--stay")
    server.stop(signal.SIGKILL)
    alice.expect("away"), bob.expect("away")
    alice.signal(signal.SIGTERM)
    alice.wait(0)
    bob.signal(signal.SIGINT)
    bob.wait(0)


@kit.case
def a_script_waits_for_the_room(place):
    """What it writes while the link is lost is not taken from its pipe before the room is back."""
    server = kit.Server(place)
    bob = kit.Client(server, "bob", *ON)
    alice = kit.Client(server, "alice", *ON)
    bob.expect("joined", name="alice")
    server.stop(signal.SIGKILL)
    alice.expect("away")
    alice.send("/msg bob from the pipe")
    alice.end_input()
    server.listen = server.address
    server.start()
    assert bob.expect("message")["text"] == "from the pipe"
    alice.wait(0)


@kit.case
def who_was_away_reads_it_on_return(place):
    server = kit.Server(place)
    alice, bob = pair(server)
    bob.quit()
    alice.expect("left", name="bob")
    lines = [f"while you were away {i}" for i in range(30)]
    alice.send(*[f"/msg bob {line}" for line in lines])
    for _ in lines:
        alice.expect("sent", to="bob")
    bob = kit.Client(server, "bob", *ON)
    for line in lines:
        got = bob.expect("message")
        assert got["text"] == line and got["past"] and "again" not in got, got
    assert bob.expect("past")["lost"] == 0
    # Once is enough.
    bob.quit()
    alice.send("/msg bob one more")
    alice.expect("sent", to="bob")
    bob = kit.Client(server, "bob", *ON)
    assert bob.expect("message")["text"] == "one more"
    bob.quit()
    bob = kit.Client(server, "bob", *ON)
    alice.expect("joined", name="bob")
    alice.send("/msg bob now")
    assert bob.expect("message")["text"] == "now" and len(bob.seen("message")) == 1


@kit.case
def a_log_that_was_set_back_is_told(place):
    """The server's log is put back from an older copy: everybody hears of it, and what is said from then on comes, once."""
    server = kit.Server(place)
    alice, bob = pair(server)
    server.listen = server.address

    def say(text):
        alice.send(f"/msg bob {text}")
        alice.expect("sent", to="bob")
        return bob.expect("message", text=text)["number"]

    def down():
        server.stop()
        alice.expect("away"), bob.expect("away")

    first = say("one")
    down()
    shutil.copytree(server.state / "log", place / "older")
    server.start()
    alice.expect("back"), bob.expect("back")
    second = say("two")
    say("three")
    down()
    shutil.rmtree(server.state / "log")
    shutil.copytree(place / "older", server.state / "log")
    server.start()
    for client in (alice, bob):
        assert "lost a part of its log" in client.expect("error", code="new-log")["text"]
    assert first < say("four") == second
    bob.quit()
    alice.expect("left", name="bob")
    alice.send("/msg bob five")
    alice.expect("sent", to="bob")
    bob = kit.Client(server, "bob", *ON)
    assert bob.expect("message")["text"] == "five"
    bob.expect("past", lost=0)
    assert len(bob.seen("message")) == 1 and not bob.seen("error")
    # Without one it is another log, as the manual says.
    down()
    shutil.rmtree(server.state / "log")
    server.start()
    for client in (alice, bob):
        assert "a new log" in client.expect("error", code="new-log")["text"]
    assert say("six") == 1


if __name__ == "__main__":
    kit.main()
