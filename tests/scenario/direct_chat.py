"""Chats between two dens without the server: calls, lines both ways, and how they end."""

import pathlib
import signal

import kit


def pair(place, *options, listen="127.0.0.1:0", names=("alice", "bob")):
    """A server and two in its room who know each other."""
    server = kit.Server(place, listen=listen)
    clients = [kit.Client(server, name, *options) for name in names]
    for i, client in enumerate(clients):
        for other in clients[i + 1:]:
            client.expect("joined", name=other.name)
    return server, *clients


def connect(caller, callee):
    """A call that is accepted. Both now type to each other."""
    caller.send(f"/chat {callee.name}")
    call = callee.expect("call", name=caller.name, direction="in", state="ringing")
    assert call["fingerprint"] == caller.fingerprint
    caller.expect("call", name=callee.name, state="ringing", direction="out")
    callee.send("/accept")
    callee.expect("chat", name=caller.name, direction="in")
    caller.expect("chat", name=callee.name, direction="out")


def talk(one, other, text="hello"):
    """A line each way, both being aimed at each other."""
    for sender, receiver, line in ((one, other, text + " there"), (other, one, text + " here")):
        sender.send(line)
        sender.expect("direct_sent", to=receiver.name, text=line)
        receiver.expect("direct", from_=sender.name, text=line)


def over(client, name, reason):
    return client.expect("chat_end", name=name, reason=reason)["text"]


def listeners(process):
    """Where a process listens: (address in hexadecimal as the kernel writes it, port)."""
    inodes = set()
    for fd in pathlib.Path(f"/proc/{process.pid}/fd").iterdir():
        name = str(fd.readlink())
        if name.startswith("socket:["):
            inodes.add(name[8:-1])
    found = []
    for table in ("tcp", "tcp6"):
        for line in pathlib.Path(f"/proc/{process.pid}/net/{table}").read_text().splitlines()[1:]:
            part = line.split()
            if part[3] == "0A" and part[9] in inodes:
                address, port = part[1].split(":")
                found.append((address, int(port, 16)))
    return found


@kit.case
def lines_go_both_ways(place):
    server, alice, bob = pair(place)
    connect(alice, bob)
    talk(alice, bob)
    alice.send("Grüße \x1b[31m" + "x" * 3000)
    assert bob.expect("direct")["text"] == "Grüße \x1b[31m" + "x" * 3000
    alice.send("EOM")
    over(alice, "bob", "eom"), over(bob, "alice", "eom")
    bob.send("to nobody")
    bob.expect("error", code="usage")
    connect(bob, alice)
    talk(bob, alice, "again")
    bob.send("EOM")
    over(bob, "alice", "eom"), over(alice, "bob", "eom")
    alice.quit(), bob.quit()


@kit.case
def it_goes_on_when_the_server_is_killed(place):
    server, alice, bob, carol = pair(place, names=("alice", "bob", "carol"))
    connect(alice, bob)
    talk(alice, bob)
    server.stop(signal.SIGKILL)
    for client in (alice, bob):
        client.expect("error", code="lost")
        assert "go on" in client.expect("note")["text"]
    carol.expect("error", code="lost")
    carol.wait(1)
    talk(alice, bob, "still")
    for line in ("/msg bob hi", "/all hi", "/videos", "/play x"):
        alice.send(line)
        alice.expect("error", code="no-server")
    alice.send("/who")
    assert {m["name"] for m in alice.expect("directory")["members"]} >= {"alice", "bob"}
    # What is typed still goes to the chat.
    talk(bob, alice, "and on")
    bob.send("EOM")
    over(bob, "alice", "eom"), over(alice, "bob", "eom")
    alice.wait(1), bob.wait(1)


@kit.case
def it_goes_on_when_the_server_stops(place):
    server, alice, bob = pair(place)
    connect(alice, bob)
    server.stop()
    alice.expect("error", code="goodbye"), bob.expect("error", code="goodbye")
    talk(alice, bob)
    alice.send("/quit")
    over(bob, "alice", "eom")
    alice.wait(1), bob.wait(1)


kit.main()
