"""Chats between two dens without the server: calls, lines both ways, and how they end."""

import pathlib
import signal
import socket
import time

import kit


def pair(place, *options, listen="127.0.0.1:0", names=("alice", "bob")):
    """A server and two in its room who know each other."""
    server = kit.Server(place, listen=listen)
    clients = [kit.Client(server, name, *options, **kit.readable(place)) for name in names]
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
        try:
            name = str(fd.readlink())
        except FileNotFoundError:
            continue  # closed meanwhile: no listener
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
    bob.send("/server hello")
    bob.expect("talk_sent")
    server.stop(signal.SIGKILL)
    for client in (alice, bob):
        client.expect("error", code="lost")
        assert "go on" in client.expect("note")["text"]
    # Who said nothing to the server hears of no end of that conversation.
    assert bob.seen("talk_over") and not alice.seen("talk_over")
    carol.expect("error", code="lost")
    carol.wait(1)
    talk(alice, bob, "still")
    for line in ("/msg bob hi", "/all hi", "/videos", "/play x"):
        alice.send(line)
        alice.expect("error", code="no-server")
    alice.send("/who")
    assert "server is gone" in alice.expect("note")["text"]
    assert {m["name"] for m in alice.expect("directory")["members"]} >= {"alice", "bob"}
    # What is typed still goes to the chat.
    talk(bob, alice, "and on")
    bob.send("EOM")
    over(bob, "alice", "eom"), over(alice, "bob", "eom")
    alice.wait(1), bob.wait(1)


@kit.case
def it_goes_on_while_the_server_is_away(place):
    """As den is without options: it tries to come back, and the chat does not care."""
    server, alice, bob = pair(place, "--reconnect", "on")
    connect(alice, bob)
    talk(alice, bob)
    server.stop(signal.SIGKILL)
    for client in (alice, bob):
        client.expect("away")
    talk(alice, bob, "still")
    again = kit.Server(place, listen=server.address)
    for client in (alice, bob):
        client.expect("back")
    talk(bob, alice, "and again")
    bob.send("EOM")
    over(bob, "alice", "eom"), over(alice, "bob", "eom")
    alice.send("/msg bob by the server")
    bob.expect("message", from_="alice", text="by the server")
    alice.quit(), bob.quit()
    again.stop()


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


@kit.case
def over_ipv6(place):
    server, alice, bob = pair(place, listen="[::1]:0")
    connect(alice, bob)
    talk(alice, bob)
    for client in (alice, bob):
        assert [a for a, _ in listeners(client)] == ["00000000000000000000000001000000"]
    connect_address = alice.seen("chat")[0]["address"]
    assert connect_address == f"[::1]:{listeners(bob)[0][1]}"


@kit.case
def it_listens_on_the_way_to_the_server_alone(place):
    """The server listens on all addresses; den reached it by one of the loopback's."""
    server = kit.Server(place, listen="0.0.0.0:0")
    for host, shown in (("127.0.0.1", "0100007F"), ("127.0.0.2", "0100007F")):
        server.address = f"{host}:{server.port}"
        alice = kit.Client(server, "alice", **kit.readable(place))
        found = listeners(alice)
        assert len(found) == 1 and found[0][0] == shown and found[0][1] > 0, found
        alice.quit()


@kit.case
def the_port_is_the_users(place):
    server = kit.Server(place)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    alice = kit.Client(server, "alice", "--direct-port", str(port), **kit.readable(place))
    assert listeners(alice) == [("0100007F", port)]
    bob = kit.Client(server, "bob", "--direct-port", "off", **kit.readable(place))
    assert listeners(bob) == []
    alice.expect("joined", name="bob", direct=False)
    assert [m["direct"] for m in bob.directory["members"]] == [True, False]
    alice.send("/chat bob", "/chat alice", "/chat nobody", "/chat", "/chat bob now")
    for code in ("not-reachable", "usage", "no-member", "usage", "usage"):
        alice.expect("error", code=code)
    connect(bob, alice)     # who takes no calls can call
    talk(alice, bob)
    out, err = kit.run("den", *server.options_for("carol", "--direct-port", str(port)), server.address, code=1)
    assert f"127.0.0.1:{port}" in out and "Address already in use" in out and len(out.splitlines()) == 1, out
    for wrong in ("0", "65536", "-1", "on", "", "80x"):
        out, err = kit.run("den", *server.options_for("carol", "--direct-port", wrong), server.address, code=2)
        assert "--help" in err and len(err.splitlines()) == 1, err
    server.den("carol", "who", options=["--direct-port", str(port)])    # one shots don't listen


@kit.case
def several_at_once(place):
    server, alice, bob, carol = pair(place, names=("alice", "bob", "carol"))
    connect(alice, bob)
    connect(carol, alice)
    talk(alice, carol)      # /accept aims there
    alice.send("/to bob")
    alice.expect("note")
    talk(alice, bob, "in between")
    alice.send("/to CAROL", "for carol", "/msg bob sealed", "/to bob", "for bob")
    carol.expect("direct", text="for carol")
    bob.expect("message", text="sealed")
    bob.expect("direct", text="for bob")
    alice.send("EOM")
    over(alice, "bob", "eom"), over(bob, "alice", "eom")
    alice.send("to nobody now")
    alice.expect("error", code="usage")
    alice.send("/to carol")
    alice.expect("note", text="What you type goes to carol now, directly.")
    talk(carol, alice, "still")
    # Without a chat the same command is about sealed messages.
    alice.send("/to bob", "sealed again")
    bob.expect("message", text="sealed again")
    assert [e["text"] for e in carol.seen("direct")] == ["hello there", "for carol", "still here"]


@kit.case
def declined_and_given_up(place):
    server, alice, bob = pair(place)
    alice.send("/chat bob")
    bob.expect("call", state="ringing", direction="in")
    alice.send("too early")
    alice.expect("error", code="no-call")
    bob.send("/to alice", "not accepted by me either")
    bob.expect("error", code="no-call")
    bob.send("/decline alice")
    assert over(alice, "bob", "declined") == "bob declined."
    over(bob, "alice", "declined")
    for line in ("/accept", "/decline", "/accept alice", "/accept a b"):
        bob.send(line)
    for code in ("no-call", "no-call", "no-call", "usage"):
        bob.expect("error", code=code)
    alice.send("/chat bob")
    bob.expect("call", state="ringing", direction="in")
    alice.send("EOM")
    over(alice, "bob", "hung-up"), over(bob, "alice", "hung-up")
    bob.send("/ignore alice")
    bob.expect("note", text="Messages of alice's key are not shown any more (/ignore alice off).")
    alice.send("/chat bob")
    assert over(alice, "bob", "refused") == "bob does not take this call."
    # Who ignores may still call.
    connect(bob, alice)
    talk(bob, alice)


@kit.case
def both_call_at_once(place):
    server, alice, bob = pair(place)
    for _ in range(5):
        alice.send("/chat bob"), bob.send("/chat alice")
        alice.expect("chat", name="bob"), bob.expect("chat", name="alice")
        talk(alice, bob, "crossed")
        alice.send("EOM")
        over(alice, "bob", "eom"), over(bob, "alice", "eom")
    assert len(alice.seen("chat_end")) == len(bob.seen("chat_end")) == 5


@kit.case
def gone_in_the_middle(place):
    server, alice, bob = pair(place)
    connect(alice, bob)
    bob.signal(signal.SIGKILL)
    assert "is lost" in over(alice, "bob", "gone")
    alice.expect("left", name="bob")
    alice.send("to nobody")
    alice.expect("error", code="usage")
    bob.wait()
    bob = kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    connect(bob, alice)
    talk(alice, bob)
    bob.signal(signal.SIGTERM)  # an end in order
    over(alice, "bob", "eom")
    bob.wait(0)


@kit.case
def nobody_there_any_more(place):
    """The server is dead and still says that bob is here: kept alive, it would have told."""
    server, alice, bob, carol = pair(place, names=("alice", "bob", "carol"))
    connect(alice, carol)
    server.stop(signal.SIGKILL)
    alice.expect("error", code="lost"), bob.expect("error", code="lost")
    bob.wait(1)
    alice.send("/chat bob")
    assert "Connection refused" in over(alice, "bob", "unreachable")
    alice.send("/to carol")
    alice.expect("note", text="What you type goes to carol now, directly.")
    talk(alice, carol)
    alice.send("/quit")
    over(carol, "alice", "eom")
    alice.wait(1), carol.wait(1)


@kit.case
def new_calls_come_without_the_server(place):
    server, alice, bob, carol, dave = pair(place, names=("alice", "bob", "carol", "dave"))
    connect(alice, bob)
    connect(carol, dave)
    server.stop(signal.SIGKILL)
    for client in (alice, bob, carol, dave):
        client.expect("error", code="lost")
        client.expect("note")
    connect(dave, alice)
    talk(dave, alice, "new")
    carol.send("EOM")
    carol.wait(1)
    over(dave, "carol", "eom")
    talk(dave, alice, "and on")
    bob.send("EOM")
    over(alice, "bob", "eom")
    bob.wait(1)
    alice.send("/to dave", "EOM")
    dave.wait(1), alice.wait(1)


@kit.case
def the_end_of_input_is_an_eom(place):
    server, alice, bob = pair(place)
    connect(alice, bob)
    alice.send("last words")
    alice.end_input()
    bob.expect("direct", text="last words")
    over(bob, "alice", "eom")
    alice.wait(0)


@kit.case
def lines_that_are_too_long_or_no_text(place):
    server, alice, bob = pair(place)
    connect(alice, bob)
    alice.send("x" * 16385, b"\xff\xfe", "y" * 16384)
    alice.expect("error", code="limit")
    alice.expect("error", code="utf-8")
    bob.expect("direct", text="y" * 16384)
    for i in range(300):
        alice.send(f"{i} " + "z" * 4000)
    for i in range(300):
        assert bob.expect("direct")["text"].startswith(f"{i} ")
    talk(alice, bob)


@kit.case
def ephemeral_ones_are_called_too(place):
    server = kit.Server(place)
    ghost, alice = kit.Client(server, "ghost", "--ephemeral"), kit.Client(server, "alice")
    ghost.expect("joined", name="alice")
    connect(alice, ghost)
    talk(alice, ghost)
    alice.send("EOM")
    over(ghost, "alice", "eom")
    connect(ghost, alice)
    talk(ghost, alice)


@kit.case
def people_see_it_so(place):
    server = kit.Server(place)
    alice = kit.Talker(server, "alice")
    bob = kit.Talker(server, "bob")
    alice.line(r"^\* bob joined$")
    alice.send("/who", "/chat bob")
    alice.line(r"^\* Can be called directly \(/chat\): bob$")
    alice.line(r"^\* Calling bob at 127\.0\.0\.1:\d+, without the server \(EOM gives it up\)\.$")
    alice.line(r"^\* It rings at bob's\.$")
    bob.line(r"^\* alice \(new key\) calls, for a direct chat: /accept alice or /decline alice$")
    bob.send("/accept", "hello")
    bob.line(r"^\* \[direct\] alice \(new key\) and you are connected, without the server\. EOM ends it\.$")
    bob.line(r"^\[direct\] -> alice: hello$")
    alice.line(r"^\[direct\] bob \(new key\): hello$")
    server.stop(signal.SIGKILL)
    alice.line(r"^! lost the link to ")
    alice.line(r"^\* Direct chats go on\. den ends with the last of them\.$")
    alice.send("/who", "/chat")
    alice.line(r"^\* The server is gone; this is as it was last:$")
    alice.line(r"^\* Direct chats: bob$")
    alice.line(r"^! usage: /chat NAME$")
    alice.send("EOM")
    alice.line(r"^\* The direct chat with bob is over\.$")
    bob.line(r"^\* The direct chat with alice is over\.$")
    alice.wait(1), bob.wait(1)


@kit.case
def the_prompt_says_where_lines_go(place):
    server = kit.Server(place)
    bob, carol = kit.Client(server, "bob"), kit.Client(server, "carol")
    alice = kit.Terminal(server, "alice")
    alice.after("Here .*\n")
    bob.expect("joined", name="alice")
    alice.type("/chat bob")
    alice.until("It rings at bob's\\.\n")
    alice.after("direct bob> ")
    bob.send("/accept")
    bob.expect("chat")
    alice.after("you are connected.*\n")
    alice.type("hello")
    bob.expect("direct", text="hello")
    # Another call changes nothing about where lines go.
    carol.send("/chat alice")
    alice.after("carol .*calls.*\n")
    alice.type("still to bob")
    bob.expect("direct", text="still to bob")
    alice.type("/accept")
    carol.expect("chat")
    alice.until("direct carol> ")
    bob.send("EOM")
    alice.after("chat with bob is over\\.\n")
    alice.type("to carol")
    carol.expect("direct", text="to carol")
    carol.send("EOM")
    alice.after("chat with carol is over\\.\n")
    alice.until("(^|\n)> ")
    alice.type("to nobody")
    alice.until("this goes to nobody")
    alice.type("/quit")
    assert alice.child.wait(kit.PATIENCE) == 0


@kit.case
def no_more_is_owed_when_the_server_is_gone(place):
    """The end of input ends den although messages were never accepted."""
    server, alice, bob = pair(place)
    connect(alice, bob)
    server.process.signal(signal.SIGSTOP)
    alice.send(*(f"/msg bob {i}" for i in range(5)))
    server.stop(signal.SIGKILL)
    alice.expect("error", code="lost")
    alice.expect("error", code="unsent")
    talk(bob, alice)
    alice.end_input()
    over(bob, "alice", "eom")
    alice.wait(1), bob.wait(1)


def in_memory(client, text):
    """Whether the process has the text anywhere that it may write."""
    try:
        with open(f"/proc/{client.pid}/mem", "rb", buffering=0) as memory:
            for line in pathlib.Path(f"/proc/{client.pid}/maps").read_text().splitlines():
                place, rights = line.split()[:2]
                first, last = (int(end, 16) for end in place.split("-"))
                if rights.startswith("rw"):
                    memory.seek(first)
                    if text in memory.read(last - first):
                        return True
    except PermissionError as error:
        raise kit.Skip("only root may look into a den") from error
    return False


@kit.case
def nothing_of_it_stays_in_memory(place):
    if kit.SANITIZED:
        raise kit.Skip("sanitizers keep what was freed")
    server, alice, bob = pair(place)
    connect(alice, bob)
    alice.send("marmalade-4711")
    bob.expect("direct", text="marmalade-4711")
    assert in_memory(alice, b"marmalade-4711") or in_memory(bob, b"marmalade-4711")
    bob.send("EOM")
    over(alice, "bob", "eom"), over(bob, "alice", "eom")
    deadline = time.monotonic() + kit.PATIENCE  # until both have closed the link
    while in_memory(alice, b"marmalade-4711") or in_memory(bob, b"marmalade-4711"):
        assert time.monotonic() < deadline, "the line is still there"


kit.main()
