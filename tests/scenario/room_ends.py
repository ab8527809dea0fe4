"""How a session ends: by a word, by the end of input, by a signal, by accident; the client's end or the server's."""

import signal
import socket

import kit


def pair(server):
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    return alice, bob


@kit.case
def whoever_goes_is_removed_and_told(place):
    server = kit.Server(place)
    bob = kit.Client(server, "bob")

    def killed(client):
        client.signal(signal.SIGKILL)
        client.wait(-signal.SIGKILL)

    ways = (
        lambda c: (c.send("QUIT"), c.wait(0)),
        lambda c: (c.send("/quit"), c.wait(0)),
        lambda c: (c.end_input(), c.wait(0)),
        lambda c: (c.signal(signal.SIGTERM), c.wait(0)),
        lambda c: (c.signal(signal.SIGHUP), c.wait(0)),
        lambda c: (c.signal(signal.SIGINT), c.wait(0)),
        killed,
    )
    for leave in ways:
        alice = kit.Client(server, "alice")
        bob.expect("joined", name="alice")
        leave(alice)
        bob.expect("left", name="alice")
        bob.send("/who")
        assert [m["name"] for m in bob.expect("directory")["members"]] == ["bob"]
        bob.send("/msg alice are you there?")
        bob.expect("sent", to="alice")      # she gets it when she comes back


@kit.case
def quit_and_a_dead_link_are_told_apart(place):
    server = kit.Server(place)
    bob = kit.Talker(server, "bob")
    kit.Client(server, "alice").quit()
    bob.line(r"^\* alice left$")
    alice = kit.Client(server, "alice")
    alice.signal(signal.SIGKILL)
    bob.line(r"^\* alice is gone$")


@kit.case
def a_client_that_dies_while_it_sends_harms_nobody(place):
    server = kit.Server(place)
    alice, bob = pair(server)
    for _ in range(5):
        mad = kit.Client(server, "mad")
        mad.send(*["/msg bob " + "x" * 20000] * 20)
        bob.expect("message", from_="mad")
        mad.signal(signal.SIGKILL)
        bob.expect("left", name="mad")
    alice.send("/msg bob still here")
    bob.expect("message", text="still here")


@kit.case
def the_end_of_input_finishes_what_is_pending(place):
    server = kit.Server(place, "--room-rate", "0")
    bob = kit.Client(server, "bob")
    lines = [f"message {i}" for i in range(300)]
    out, err = kit.run("den", *server.options_for("alice", "--json"), server.address,
                       input="".join(f"/msg bob {line}\n" for line in lines))
    assert out.count('"event":"sent"') == 300 and '"error"' not in out, out[-300:]
    assert [bob.expect("message")["text"] for _ in lines] == lines
    # The last line needs no end; a list that was asked for comes, and a wrong line spoils nothing.
    out, err = kit.run("den", *server.options_for("alice", "--json"), server.address, input="/nonsense\n/videos\n/msg bob last")
    bob.expect("message", text="last")
    assert '"sent"' in out and '"videos"' in out and '"usage"' in out
    out, err = kit.run("den", *server.options_for("alice", "--json"), server.address, input="")
    assert '"ready"' in out


@kit.case
def stay_goes_on_after_the_end_of_input(place):
    server = kit.Server(place)
    alice, bob = kit.Client(server, "alice", "--stay"), kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    alice.send("/msg bob I stay")
    alice.end_input()
    bob.expect("message", text="I stay")
    bob.send("/msg alice good")
    alice.expect("message", text="good")
    alice.signal(signal.SIGTERM)
    alice.wait(0)


@kit.case
def nothing_is_read_before_the_room_is_entered(place):
    """A quick script: its lines wait in the pipe until there is somebody to send them to."""
    server = kit.Server(place)
    bob = kit.Client(server, "bob")
    alice = kit.Client(server, "alice", entered=False)
    alice.send("/msg bob early", "/quit")
    assert bob.expect("message")["text"] == "early"
    alice.wait(0)


@kit.case
def quit_waits_for_nothing_that_was_not_sent(place):
    """/quit right behind messages: each was sent or is reported, none is lost in silence."""
    server = kit.Server(place)
    alice, bob = pair(server)
    alice.send(*[f"/msg bob {i}" for i in range(50)], "/quit")
    code = alice.wait()
    told = len(alice.seen("sent")) + len(alice.seen("error"))
    assert told == 50, f"exit {code}, {len(alice.seen('sent'))} sent, {alice.seen('error')[:2]}"


@kit.case
def the_server_says_goodbye_to_everybody(place):
    for number in (signal.SIGTERM, signal.SIGINT):
        server = kit.Server(place)
        alice, bob = pair(server)
        server.stop(number)
        for client in (alice, bob):
            client.expect("error", code="goodbye")
            client.wait(1)
            assert not client.seen("left")
    # A stranger who says nothing and does not go holds it up for two seconds at most.
    server = kit.Server(place)
    with socket.create_connection((server.host, server.port)):
        server.stop()


@kit.case
def a_killed_server_is_a_lost_link(place):
    server = kit.Server(place)
    alice, bob = pair(server)
    server.stop(signal.SIGKILL)
    for client in (alice, bob):
        client.expect("error", code="lost")
        client.wait(1)


@kit.case
def numbers_rise_without_gaps_across_a_kill(place):
    server = kit.Server(place, "--room-rate", "0")
    alice, bob = pair(server)
    alice.send(*[f"/msg bob {i}" for i in range(20)])
    assert [alice.expect("sent")["number"] for _ in range(20)] == list(range(1, 21))
    server.restart(signal.SIGKILL)
    alice.wait(1), bob.wait(1)
    alice, bob = pair(server)
    alice.send("/msg bob after")
    # The bob who was killed may have had numbers still to come: the new one catches up with them first.
    assert alice.expect("sent")["number"] == bob.expect("message", text="after")["number"] == 21
    # Now in the middle of a burst: what was accepted is there, what comes goes on behind it.
    alice.send(*[f"/msg bob {i}" for i in range(200)])
    alice.expect("sent", number=60)
    server.restart(signal.SIGKILL)
    alice.wait(1), bob.wait(1)
    numbers = [e["number"] for e in alice.seen("sent")][1:]
    assert numbers == list(range(22, 22 + len(numbers)))
    assert {e["number"] for e in bob.seen("message")} <= set(range(1, 222))
    last = max(numbers + [e["number"] for e in bob.seen("message")])
    alice, bob = pair(server)
    alice.send("/msg bob once more")
    assert last < alice.expect("sent")["number"] <= 222


@kit.case
def one_server_for_a_state_and_a_port(place):
    server = kit.Server(place)
    out, err = kit.run("dend", "--listen", "127.0.0.1:0", "--state", server.state, "--library", place, code=1)
    assert err.count("\n") == 1 and str(server.state) in err, err
    out, err = kit.run("dend", "--listen", server.address, "--state", place / "other", "--library", place, code=1)
    assert server.address in err.splitlines()[-1] and "in use" in err, err
    kit.Client(server, "alice").quit()


kit.main()
