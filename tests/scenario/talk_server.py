"""The conversation between den and the server: lines both ways, what each side is shown, and how it ends."""

import base64
import functools
import os
import pty
import re
import signal
import subprocess
import threading
import time
import types

from console_ctl import ctl
from console_terminal import Terminal

import kit

OVER = "Chat ended. Keys erased."


def shown(server, name, sent, text):
    """The three things about a line that came: they stand together on the server's screen."""
    item = server.process.line(rf"^\[{name}\] received ")
    at = server.process.items.index(item)
    server.process.line(rf"^\[{name}\] {text}$")
    assert server.process.items[at:at + 3] == [f"[{name}] received {sent['base64']}", f"[{name}] signature holds",
                                               f"[{name}] {text}"]


@kit.case
def lines_both_ways(place):
    server = kit.Server(place)
    alice = kit.Client(server, "alice")
    alice.send("/server first, before any key can be there", "/server grüße")
    sent = [alice.expect("talk_sent"), alice.expect("talk_sent")]
    shown(server, "alice", sent[0], "first, before any key can be there")
    shown(server, "alice", sent[1], "grüße")
    assert ctl(server, "msg", "Alice", "  good", "morning ") == "sent to alice\n"
    got = alice.expect("talk")
    assert (got["from"], got["to"], got["signature"], got["text"]) == ("server", "one", True, "good morning")
    # Kind, signature, text and tag, in no readable form.
    assert len(base64.b64decode(got["base64"])) == 1 + 256 + len("good morning") + 16
    alice.send("/server exit")
    assert alice.expect("talk_over")["text"] == OVER
    server.process.line(rf"^\[alice\] {OVER}$")
    alice.send("/server one more")
    assert "leave and come again" in alice.expect("error", code="talk-over")["text"]
    assert ctl(server, "msg", "alice", "are you there?", code=1) == "the conversation with alice is over\n"
    # The room goes on, and the next session has a new one.
    alice.send("/who")
    alice.expect("directory")
    alice.quit()
    alice = kit.Client(server, "alice")
    alice.send("/server again")
    shown(server, "alice", alice.expect("talk_sent"), "again")


@kit.case
def to_everyone(place):
    server = kit.Server(place)
    clients = [kit.Client(server, name) for name in ("alice", "bob", "carol")]
    for client in clients:
        client.send("/server hello")
        client.expect("talk_sent")
        server.process.line(rf"^\[{client.name}\] hello$")
    carol = clients.pop()
    carol.send("/server exit")
    server.process.line(rf"^\[carol\] {OVER}$")
    for text in ("dinner is ready", "it gets cold"):
        assert ctl(server, "say", text) == "sent to 2\nwithout a conversation: carol\n"
        for client in clients:
            got = client.expect("talk", text=text)
            assert got["to"] == "all" and got["signature"]
    ctl(server, "msg", "bob", "you too")
    clients[1].expect("talk", text="you too", to="one")
    assert [e["text"] for e in clients[0].seen("talk")] == ["dinner is ready", "it gets cold"]
    assert not carol.seen("talk")


@kit.case
def the_server_ends_it(place):
    server = kit.Server(place)
    alice = kit.Client(server, "alice")
    alice.send("/server", "one", "two")
    for text in ("one", "two"):
        server.process.line(rf"^\[alice\] {text}$")
    assert ctl(server, "close", "alice") == "closed the conversation with alice\n"
    assert alice.expect("talk_over")["text"] == OVER
    server.process.line(rf"^\[alice\] {OVER}$")
    alice.send("three")
    alice.expect("error", code="talk-over")
    alice.send("exit")
    alice.expect("error", code="talk-over")
    alice.send("four")
    assert "goes to nobody" in alice.expect("error", code="usage")["text"]
    assert ctl(server, "close", "alice", code=1) == "the conversation with alice is over\n"
    assert server.process.out.count(OVER.encode()) == 1
    alice.quit()


@kit.case
def the_end_of_the_link_erases_too(place):
    server = kit.Server(place)
    for end in ("quit", "kick", "kill"):
        alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
        alice.send("/server hello")
        server.process.line(r"^\[alice\] hello$")
        if end == "quit":
            alice.quit()
            assert alice.seen("talk_over")
        elif end == "kick":
            ctl(server, "kick", "alice")
            alice.wait(3)
        else:
            alice.signal(signal.SIGKILL)
        server.process.line(rf"^\[alice\] {OVER}$")
        bob.quit()
        # Of one that was not used nothing is said.
        assert b"[bob]" not in server.process.out


@kit.case
def a_pipe_is_read_to_its_end(place):
    server = kit.Server(place)
    lines = [f"line {i}" for i in range(600)]
    talker = kit.Talker(server, "alice")
    talker.send("/server", *lines, "exit", "/server too late")
    talker.end_input()
    talker.wait(0)
    out = talker.out.decode()
    assert [x.removeprefix("-> server: ") for x in out.splitlines() if x.startswith("-> server")] == lines
    assert f"* {OVER}\n" in out and "! the conversation with the server is over" in out
    server.process.line(rf"^\[alice\] {OVER}$")
    said = server.process.out.decode().splitlines()
    assert [x.removeprefix("[alice] ") for x in said if x.startswith("[alice] line")] == lines


@kit.case
def what_people_see(place):
    server = kit.Server(place)
    alice = kit.Talker(server, "alice")
    alice.send("/server")
    alice.line(r"^\* What you type goes to the server now; exit ends that\.$")
    alice.send("hello")
    alice.line("^-> server: hello$")
    server.process.line(r"^\[alice\] hello$")
    ctl(server, "msg", "alice", "welcome")
    received = alice.line("^~ from the server: ")
    at = alice.items.index(received)
    alice.line(r"^\[server\] welcome$")
    assert alice.items[at + 1:at + 3] == ["* signature holds", "[server] welcome"]
    assert len(base64.b64decode(received.split(": ")[1])) == 1 + 256 + len("welcome") + 16
    ctl(server, "say", "to all")
    alice.line(r"^\[say\] to all$")
    alice.send("exit")
    alice.line(rf"^\* {OVER}$")


@kit.case
def wrong_use(place):
    server = kit.Server(place)
    alice = kit.Client(server, "alice")
    for words in (["msg"], ["msg", "alice"], ["msg", "a/b", "text"], ["say"], ["close"], ["close", "a b"]):
        ctl(server, *words, code=2)
    for words in (["msg", "bob", "text"], ["close", "bob"]):
        assert ctl(server, *words, code=1) == "nobody here is called bob\n"
    alice.send("/server " + "x" * 4097, "/server " + "y" * 4096)
    alice.expect("error", code="limit")
    alice.expect("talk_sent")
    server.process.line("^.alice. y{4096}$")
    alice.send(b"/server \xff\xfe")
    alice.expect("error", code="utf-8")
    alice.send("/server \x1b[31mred\x07 \u202ebob")
    server.process.line("^.alice. \ufffd\\[31mred\ufffd \ufffdbob$")


@kit.case
def one_shots_have_none(place):
    server = kit.Server(place)
    alice = kit.Client(server, "alice")
    server.den("bob", "msg", "alice", "hello")
    server.den("bob", "who")
    alice.expect("message")
    assert b"received" not in server.process.out


@kit.case
def at_the_operators_terminal(place):
    terminal = Terminal(place)
    alice = kit.Client(terminal, "alice")
    alice.send("/server hello")
    terminal.process.line(r"^\[alice\] signature holds$")
    terminal.process.line(r"^\[alice\] hello$")
    terminal.type("/msg alice good morning\n/say and to all\n")
    terminal.process.line("^sent to alice$")
    terminal.process.line("^sent to 1$")
    assert alice.expect("talk")["text"] == "good morning" and alice.expect("talk")["text"] == "and to all"
    terminal.type("/close alice\n")
    terminal.process.line(rf"^\[alice\] {OVER}$")
    alice.expect("talk_over")


@kit.case
def the_editor_keeps_none_of_it(place):
    if "-noline" in kit.BUILD.name:
        raise kit.Skip("built without the line editor")
    server = kit.Server(place)
    alice = kit.Terminal(server, "alice", term="xterm")
    alice.until("Here ")
    for line in ("/observe on", "/server secret one", "/server", "secret two", "/observe off", "secret three",
                 "exit"):
        alice.type(line)
        if "secret" in line:
            alice.until(f"-> server: secret {line.split()[-1]}\n")
    alice.until(re.escape(OVER))
    alice.text = ""
    for line in ("/observe off", "/observe on"):    # what the arrow brings back, the last one first
        os.write(alice.outer, b"\x1b[A")
        alice.until(line.split()[1])
        assert "secret" not in alice.text and "server" not in alice.text, alice.text
        alice.text = ""
    os.write(alice.outer, b"\n")
    alice.until("are shown as they come")


@kit.case
def who_stops_the_screen_does_not_stop_the_server(place):
    """Nobody reads dend's standard output: the room goes on."""
    reader, writer = os.pipe()
    process = kit.Running(kit.program("dend"), "--listen", "127.0.0.1:0", "--state", kit.lend_key(place / "server"),
                          "--library", place / "lib", stdin=subprocess.DEVNULL, preexec_fn=lambda: os.dup2(writer, 1))
    os.close(writer)
    with open(reader) as out:
        ready = out.readline().split()
        server = types.SimpleNamespace(place=place, address=ready[3].rstrip(","), fingerprint=ready[5])
        server.options_for = functools.partial(kit.Server.options_for, server)
        alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
        alice.expect("joined", name="bob")
        for i in range(40):                     # 5 KiB each on the screen: more than a pipe holds
            alice.send("/server " + "x" * 2000)
        process.errors("what is said there is lost")
        alice.send("/msg bob the room goes on")
        bob.expect("message", text="the room goes on")
        # And when it is read again, what comes then is shown.
        reading = threading.Thread(target=lambda: seen.extend(out))
        seen = []
        reading.start()
        for i in range(40):
            alice.send(f"/server again {i}")
            alice.expect("talk_sent")
        alice.quit()
        process.signal(signal.SIGTERM)
        process.wait(0)
        reading.join()
        assert "[alice] again 39\n" in seen, seen[-5:]


class Stuck:
    """dend whose standard output and error both are `output`, which this end reads as far as the test wants."""

    options_for = kit.Server.options_for

    def __init__(self, place, ours, output):
        self.place = place
        self.child = subprocess.Popen([kit.program("dend"), "--listen", "127.0.0.1:0", "--state",
                                       kit.lend_key(place / "server"), "--library", place / "lib"],
                                      stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        os.close(output)
        kit._running.append(self)
        text = b""
        while b"listening on" not in text or not text.endswith(b"\n"):
            text += os.read(ours, 4096)
        self.address, self.fingerprint = re.search(rb"listening on (\S+), fingerprint (\S+)", text).groups()
        self.address, self.fingerprint = self.address.decode(), self.fingerprint.decode()

    def close(self):
        self.child.kill()
        self.child.wait()


def pings(alice, bob, count):
    began = time.monotonic()
    for i in range(count):
        alice.send(f"/msg bob ping {i}")
        bob.expect("message", text=f"ping {i}")
    return time.monotonic() - began


@kit.case
def a_stopped_terminal_for_all_that_it_says(place):
    """Neither what members say nor dend's own word that this is not shown holds up the room."""
    ours, theirs = pty.openpty()
    server = Stuck(place, ours, theirs)
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    for _ in range(40):
        alice.send("/server " + "x" * 2000)
    alice.send("/msg bob the room goes on")
    bob.expect("message", text="the room goes on")
    alice.quit()
    server.child.terminate()
    assert server.child.wait(kit.PATIENCE) == 0
    os.close(ours)


@kit.case
def a_slow_terminal(place):
    """Somebody reads, but less than a member writes: the room does not go at that pace."""
    ours, theirs = os.pipe()
    server = Stuck(place, ours, theirs)
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    over = threading.Event()

    def read():
        while not over.wait(0.2) and os.read(ours, 4096):
            pass

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(100):
        alice.send("/server " + "x" * 1000)
    took = pings(alice, bob, 20)
    over.set()
    reader.join()
    server.close()
    os.close(ours)
    # 100 lines of 3 KiB, 20 KiB a second: twelve seconds for who waits.
    assert took < 8, took


kit.main()
