# alone
"""A pair chats while somebody attacks: it must hardly notice, and the server's memory stays bounded.

Each attack is a process of its own (this file again, with the attack's name), so that its work is not in our clock.
The rule: the median of the time from a line sent to that line shown at the other is under 20 ms, or, on a machine
that is busy with other things, at most FACTOR times what it was on the same server just before or after. dend's resident
memory, sampled after each line, stays under MEMORY. Neither is judged in a sanitizer's build, which is slow and large.
"""

import stranger  # before kit: it may change to another Python

import contextlib
import os
import pathlib
import re
import resource
import select
import socket
import statistics
import subprocess
import sys
import time
import types

from cinema_room import card
from hostile_clock import AHEAD, BACK, Clock
from stranger import keys, wire
from stranger.link import Ended, Link
from stranger.peer import Peer

import kit

SECONDS = 0.5 if kit.SANITIZED else 1.5     # how long an attack goes on
FACTOR = 4
MEMORY = 32 << 20   # 256 strangers at some 50 KB each and a full queue (8 MiB), or large messages (16 MiB)
STRANGERS = 256     # LIMIT_STRANGERS

attacks = {}


def attack(function):
    attacks[function.__name__] = function
    return function


def until():
    """True for SECONDS, from the first time on."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        yield


def plain(server, source="127.0.0.1"):
    return socket.create_connection((server.host, server.port), kit.PATIENCE, source_address=(source, 0))


def member(server, name="mallory"):
    return Peer(server, name, IDENTITY)


# The attacks: each in a process of its own


@attack
def slow_hello(server):
    """Five bytes a second; that of one a second, to its end, is in hostile_limits.py."""
    record = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)
    links = [plain(server) for _ in range(60)]
    for i, _ in enumerate(until()):
        for link in links:
            link.send(record[i:i + 1])
        select.select([], [], [], 0.2)


@attack
def five_thousand_who_say_nothing(server):
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    count = min(5000, most - 100)
    links = [plain(server, f"127.0.{i % 100}.{1 + i % 7}") for i in range(count)]
    print(f"there {count}", flush=True)
    poll = select.poll()
    for link in links:
        poll.register(link, select.POLLIN)
    for _ in until():
        poll.poll(100)
    alive = count - len(poll.poll(0))
    assert alive <= STRANGERS, alive


@attack
def oversized_lengths(server):
    for i, _ in enumerate(until()):
        if i % 8 == 0:
            peer = member(server)
            peer.link.raw(wire.number(1, wire.SEND) + wire.number(4, 1 << 31) + bytes(1000))
            assert peer.refused() == 1
        else:
            link = Link.connect(server.host, server.port)
            link.raw(b"\1\xff\xff\xff\xff" + bytes(10000))
            link.end()


@attack
def large_messages_that_never_end(server):
    """Each of them is allowed what it does, and all of them together would fill the server's memory."""
    peers = []
    for i, _ in enumerate(until()):
        peers.append(member(server, f"mallory{i}"))
        peers[-1].link.raw(wire.number(1, wire.SEND) + wire.number(4, 1_100_000) + bytes(1_000_000))
    print(f"members {len(peers)}", flush=True)
    if len(peers) > 20:
        assert peers[0].refused() == 6


@attack
def wrong_states(server):
    for i, _ in enumerate(until()):
        peer = Peer(server, "mallory", IDENTITY, enter=False)
        if i % 2:
            peer.hello()
            peer.read_hello()
        peer.link.send([wire.ACK, wire.SEND, wire.PLAY, wire.WELCOME][i // 2 % 4], bytes(400))
        assert peer.refused() in (1, 3)


@attack
def renegotiation_and_alerts(server):
    records = (b"\x15\x03\x03\0\2\1\0" * 3000, b"\x15\x03\x01\0\2\2\x28", b"\x15\x03\x03\0\2\2\x50" * 100,
               b"\x18\x03\x03\0\3\1\x40\0" * 100, b"\x14\x03\x03\0\1\1" * 100)
    for i, _ in enumerate(until()):
        with contextlib.suppress(OSError), plain(server) as link:
            link.sendall(records[i % len(records)])
        if i % 50 == 0:
            done = subprocess.run(["openssl", "s_client", "-connect", f"{server.host}:{server.port}", "-tls1_2"],
                                  input=b"R\nR\nR\n", capture_output=True, timeout=kit.PATIENCE)
            assert b"RENEGOTIATING" in done.stdout + done.stderr, done


@attack
def half_closed_links(server):
    for i, _ in enumerate(until()):
        link = plain(server)
        link.sendall((b"", b"\x16\x03\x01", b"\x16\x03\x01\x02\0" + bytes(300))[i % 3])
        link.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            while link.recv(4096):
                pass
        link.close()


def play(peer, stream=1, clip="card", credit=1 << 26):
    peer.link.send(wire.PLAY, stream=stream, clip=clip, schedule="thirds", start=0, credit=credit)


@attack
def a_viewer_that_never_reads(server):
    peer = member(server)
    for stream in range(1, 5):
        play(peer, stream)
    for _ in until():
        select.select([], [], [], 0.1)


@attack
def members_who_never_read(server):
    """While large messages go to everyone: what waits for all of them is held once."""
    deaf = [member(server, f"mallory{i}") for i in range(12)]
    peer = member(server)
    large = b"\1\1\2" + bytes(16) + wire.number(4, 98320) + bytes(98320) + bytes(2)
    for _ in until():
        peer.put(large)
    assert deaf


@attack
def absurd_credit(server):
    for i, _ in enumerate(until()):
        peer = member(server)
        play(peer, credit=1 << 26 if i % 2 else (1 << 26) + 1)
        with contextlib.suppress(Ended):
            for _ in range(200):
                peer.link.send(wire.CREDIT, stream=1, bytes=0, wanted=0)
            peer.link.send(wire.CREDIT, stream=1, bytes=2**32 - 1, wanted=0)
        assert peer.refused() == 1


@attack
def a_sender_as_fast_as_it_is_answered(server):
    peer = member(server)
    sealed = peer.seal("mallory", "to myself").envelope
    for _ in until():
        peer.put(sealed)


@attack
def a_sender_that_waits_for_no_answer(server):
    peer = member(server)
    sealed = peer.seal("mallory", "to myself").envelope
    end = time.monotonic() + 3 * SECONDS
    # It ends in the middle of a message: how much the kernel holds of them by then is not for the pair to wait for.
    with contextlib.suppress(AssertionError):
        while end > time.monotonic():
            peer.link.raw(b"".join(wire.frame(wire.SEND, wire.pack(wire.SEND, id=peer.next_id(), envelope=sealed))
                                   for _ in range(20)), end - time.monotonic())
            peer.link.buffer = b""


@attack
def a_strangers_envelope_again_and_again(server):
    """What alice wrote to bob, sent by another as her own, many times."""
    peer = member(server)
    stolen = peer.wait(wire.SEALED).envelope
    sent = 0
    for _ in until():
        peer.put(stolen)
        sent += 1
    print(f"sent {sent}", flush=True)


@attack
def escapes_in_names_and_text(server):
    ugly = b"\x1b]0;owned\x07\x1b[2J\r\nalice: forged\x00\x7f\x9b31m \xe2\x80\xae\xff"
    for name in (b"\x1b[31m", b"a\nb", b"..", b"caf\xc3\xa9", b"%s%n"):
        link = Link.connect(server.host, server.port)
        head = wire.number(2, 1) + wire.number(8, 1) + b"\0" + wire.sized(1, name)
        link.raw(wire.frame(wire.HELLO, head + wire.sized(2, IDENTITY.pem) + bytes(2)))
        link.end()
    peer = member(server)
    for i, _ in enumerate(until()):
        sealed = peer.seal("bob", b"%d " % i + ugly)
        peer.put(sealed.envelope, sealed.id)


@attack
def paths_as_clips(server):
    peer = member(server)
    names = ("../lib/card", "../../etc/passwd", "/etc/passwd", "..", ".", "card/../card", "card/", "", "card\0", "~root",
             "..\\card", "%2e%2e/card")
    for i, _ in enumerate(until()):
        play(peer, i + 1, names[i % len(names)])
        assert peer.wait(wire.REFUSED, about=i + 1).code == 10


@attack
def a_clip_cut_short_while_it_plays(server):
    peer = member(server)
    play(peer, credit=20000)
    peer.wait(wire.FRAME)
    print("playing", flush=True)
    sys.stdin.readline()        # it is cut now
    peer.link.send(wire.CREDIT, stream=1, bytes=1 << 25, wanted=0)
    assert peer.wait(wire.STREAM_END).reason == 3
    play(peer, 2)
    assert peer.wait(wire.REFUSED, about=2).code == 11


# The pair


class Chat:
    """before, after: how many lines are said without the attack, which is what it is compared to; pace: seconds from
    line to line during it. The room's rate is for what a room says in earnest: who measures says more."""

    def __init__(self, place, *options, before=40, after=20, pace=0, **popen):
        self.after, self.pace = after, pace
        self.server = kit.Server(place, *(options if pace else ("--room-rate", "1000", *options)), **popen)
        self.alice, self.bob = kit.Client(self.server, "alice"), kit.Client(self.server, "bob")
        self.alice.expect("joined", name="bob")
        for client in (self.alice, self.bob):
            client.send("/observe off")
        self.said, self.memory, self.descriptors = 0, 0, 0
        for _ in range(5):
            self.say()
        self.control = [self.say() for _ in range(before)]

    def say(self):
        """One line from alice to bob, in seconds."""
        self.said += 1
        text = f"line {self.said}"
        started = time.monotonic()
        self.alice.send(f"/msg bob {text}")
        self.bob.expect("message", from_="alice", text=text)
        took = time.monotonic() - started
        proc = pathlib.Path(f"/proc/{self.server.process.pid}")
        self.memory = max(self.memory, int((proc / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
        self.descriptors = max(self.descriptors, self.count_descriptors(proc))
        return took

    @staticmethod
    def count_descriptors(proc):
        """Only root may count those of a process that is not dumpable; others see the size of its table, which is more."""
        try:
            return len(os.listdir(proc / "fd"))
        except PermissionError:
            return int(re.search(r"FDSize:\s+(\d+)", (proc / "status").read_text())[1])

    def begin(self, name):
        return kit.Running(sys.executable, __file__, "--attack", name, self.server.host, self.server.port,
                           self.server.fingerprint, stdin=subprocess.PIPE)

    def during(self, attacker):
        """Chats until the attack is over, and judges."""
        times = []
        while attacker.child.poll() is None:
            times.append(self.say())
            with contextlib.suppress(subprocess.TimeoutExpired):
                attacker.child.wait(self.pace)
        attacker.wait(0)
        self.judge(times)

    def judge(self, times):
        after = [self.say() for _ in range(self.after)]
        before, now = max(map(statistics.median, (self.control, after))), statistics.median(times)
        print(f"# {1000 * before:.1f} ms without, {1000 * now:.1f} ms during it ({len(times)} lines, longest "
              f"{1000 * max(times):.0f}); {self.memory >> 20} MiB, {self.descriptors} descriptors")
        assert self.server.process.child.poll() is None
        assert len([e for e in self.bob.seen("message") if e["from"] == "alice"]) == self.said
        assert all(e["name"].startswith("mallory") for e in self.alice.seen("left"))
        assert self.descriptors <= (STRANGERS + 64 if os.geteuid() == 0 else 2 * STRANGERS), self.descriptors
        if not kit.SANITIZED:
            assert now < max(0.020, FACTOR * before), (before, now)
            assert self.memory < MEMORY, self.memory

    def under(self, name):
        self.during(self.begin(name))


def simple(name, film=False):
    def run(place):
        if film:
            card(place, seconds=4, heights="240,480,720")
        Chat(place).under(name)
    run.__name__, run.__module__ = name, "__main__"
    kit.case(run)


def cases():
    for name in ("slow_hello", "five_thousand_who_say_nothing", "oversized_lengths", "large_messages_that_never_end",
                 "members_who_never_read", "wrong_states", "renegotiation_and_alerts", "half_closed_links",
                 "a_sender_as_fast_as_it_is_answered"):
        simple(name)
    for name in ("a_viewer_that_never_reads", "absurd_credit", "paths_as_clips"):
        simple(name, film=True)

    @kit.case
    def the_clock_set_back(place):
        """And ahead, before each line; what it may do to the log and to the ids is in hostile_clock.py."""
        clock = Clock(place)
        chat, times = Chat(place, **clock.more), []
        for i in range(40):
            clock.off((BACK, 0, AHEAD, i)[i % 4])
            times.append(chat.say())
        clock.off(0)
        chat.judge(times)

    @kit.case
    def a_sender_that_waits_for_no_answer(place):
        # The one attack against the rate itself, so the pair says no more than people do: a line each 150 ms.
        Chat(place, before=12, after=4, pace=0.15).under("a_sender_that_waits_for_no_answer")

    @kit.case
    def a_strangers_envelope_again_and_again(place):
        chat = Chat(place)
        chat.under("a_strangers_envelope_again_and_again")
        assert not [e for e in chat.bob.seen("message") if e["from"] != "alice"]
        assert chat.bob.expect("error", code="bad-envelope")

    @kit.case
    def escapes_in_names_and_text(place):
        chat = Chat(place)
        chat.under("escapes_in_names_and_text")
        chat.bob.expect("message", from_="mallory")
        for ugly in (b"\x1b", b"\x07", b"\r", b"\x7f", b"\x00"):
            assert ugly not in chat.bob.out + chat.bob.err, ugly

    @kit.case
    def a_clip_cut_short_while_it_plays(place):
        card(place, seconds=4, heights="240,480,720")
        chat = Chat(place)
        attacker = chat.begin("a_clip_cut_short_while_it_plays")
        attacker.line("^playing")
        for file in (place / "lib" / "card").glob("*.mjpeg"):
            os.truncate(file, 3000)
        attacker.send("cut")
        times = [chat.say() for _ in range(40)]
        attacker.wait(0)
        chat.judge(times)


if sys.argv[1:2] == ["--attack"]:
    IDENTITY = keys.Identity()
    _, _, which, host, port, fingerprint = sys.argv
    attacks[which](types.SimpleNamespace(host=host, port=int(port), fingerprint=fingerprint))
else:
    cases()
    kit.main()
