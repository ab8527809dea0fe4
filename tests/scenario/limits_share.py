"""Everybody's share: each option has its effect, ordinary use never meets a limit, and who is over one costs little."""

import stranger  # before kit: it may change to another Python

import contextlib
import socket
import ssl
import time

from cinema_room import card
from console_ctl import stats
from stranger import keys, wire
from stranger.link import Ended
from stranger.peer import Peer

import kit


def play(peer, stream):
    peer.link.send(wire.PLAY, stream=stream, clip="card", schedule="thirds", start=0, credit=1000)


def hello_of_tls():
    """The first bytes of a TLS client that means it."""
    out, context = ssl.MemoryBIO(), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), out).do_handshake()
    return out.read()


def answer(server, source="127.0.0.1"):
    """What one who comes now gets for its TLS hello: bytes, or none of a link that was closed."""
    with socket.create_connection((server.host, server.port), kit.PATIENCE, source_address=(source, 0)) as link:
        try:
            link.sendall(hello_of_tls())
            return link.recv(1000)
        except ConnectionError:
            return b""


@kit.case
def a_class_of_thirty_behind_one_address(place):
    server = kit.Server(place)
    crowd = [kit.Client(server, f"c{i}", entered=False) for i in range(30)]
    for client in crowd:
        seen = {m["name"] for m in client.expect("directory")["members"]}
        for other in crowd:
            if other.name not in seen:
                client.expect("joined", name=other.name)
    for i, client in enumerate(crowd):
        client.send(f"/all good morning from c{i}")
    for client in crowd:
        for i, other in enumerate(crowd):
            if other is not client:
                client.expect("message", text=f"good morning from c{i}")
        client.expect("sent")
    assert not any(client.seen("error") for client in crowd)


def strangers_are(server, count):
    """Waits until the server counts so many: one that has gone is a stranger until it saw that."""
    deadline = time.monotonic() + kit.PATIENCE
    while (now := stats(server)["strangers"]) != count:
        assert time.monotonic() < deadline, (now, count)
        time.sleep(0.01)


@kit.case
def strangers_over_the_limit_get_no_byte_of_tls(place):
    """Nor does the server's key do anything for them; when one goes, the next is served."""
    for options, other in ((("--max-strangers", "3"), b""), (("--max-strangers-per-address", "3"), b"\x16")):
        server = kit.Server(place, *options, state=options[0])
        assert answer(server)[:1] == b"\x16"
        strangers_are(server, 0)
        silent = [socket.create_connection((server.host, server.port), kit.PATIENCE) for _ in range(3)]
        strangers_are(server, 3)
        for _ in range(5):
            assert answer(server) == b""
        assert answer(server, "127.0.0.2")[:1] == other
        silent.pop().close()
        strangers_are(server, 2)
        kit.Client(server, "alice").quit()
        for link in silent:
            link.close()


@kit.case
def the_hello_may_be_given_less_time(place):
    server = kit.Server(place, "--hello-seconds", "1")
    started = time.monotonic()
    with socket.create_connection((server.host, server.port), kit.PATIENCE) as link:
        assert link.recv(1) == b""
    assert 0.9 < time.monotonic() - started < 9
    kit.Client(server, "alice").quit()


@kit.case
def one_address_may_bind_so_many_names(place):
    server = kit.Server(place, "--max-new-names", "2")
    kit.Client(server, "alice").quit()
    kit.Client(server, "bob").quit()
    carol = kit.Client(server, "carol", entered=False)
    carol.expect("error", code="full")
    carol.wait(1)
    kit.Client(server, "alice"), kit.Client(server, "guest", "--ephemeral")


@kit.case
def the_room_may_be_small(place):
    server = kit.Server(place, "--max-members", "2")
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    carol = kit.Client(server, "carol", entered=False)
    carol.expect("error", code="full")
    carol.wait(1)
    bob.quit()
    kit.Client(server, "carol")
    alice.expect("joined", name="carol")


@kit.case
def a_paste_is_slowed_and_nothing_of_it_lost(place):
    server = kit.Server(place)
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    started = time.monotonic()
    alice.send(*[f"/msg bob {i}" for i in range(200)])
    assert [bob.expect("message", from_="alice")["text"] for _ in range(200)] == [str(i) for i in range(200)]
    # 60 at once and what its own share brings back, the rest at 20 a second.
    assert time.monotonic() - started > 5
    assert [alice.expect("sent")["number"] for _ in range(200)] == list(range(1, 201))
    assert not alice.seen("error")


@kit.case
def the_rooms_rate_is_an_option(place):
    """With any number at all a paste takes no time; with 1 a second the third waits, and a third person does not."""
    server = kit.Server(place, "--room-rate", "0")
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    started = time.monotonic()
    alice.send(*[f"/msg bob {i}" for i in range(300)])
    bob.expect("message", text="299")
    if not kit.SANITIZED:
        assert time.monotonic() - started < 10
    alice.quit(), bob.quit()
    server = kit.Server(place, "--room-rate", "1", state="slow")
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    alice.send(*[f"/msg bob {i}" for i in range(6)])
    bob.expect("message", text="2")
    bob.send("/msg alice at once")
    numbers = {e["text"]: e["number"] for e in (alice.expect("message", text="at once"), bob.expect("message", text="5"))}
    assert numbers["at once"] < numbers["5"], numbers


@kit.case
def who_asks_too_much_waits_and_others_do_not(place):
    server = kit.Server(place, "--message-rate", "50")
    mallory, alice = Peer(server, "mallory"), kit.Client(server, "alice")
    started = time.monotonic()
    for _ in range(10):     # 25 each, and 100 at once: 3 s for what is above
        mallory.link.send(wire.LIST)
        mallory.wait(wire.CLIPS, more=False)
    assert time.monotonic() - started > 1.5
    alice.send("/videos")
    alice.expect("videos")
    # A storm in one go is no mistake of a slow network any more.
    mallory.link.raw(wire.frame(wire.LIST, b"") * 1000)
    assert mallory.refused() == 16
    alice.expect("left", name="mallory")


@kit.case
def bytes_are_counted(place):
    server = kit.Server(place, "--byte-rate", "64K")
    peer = Peer(server, "alice")
    started = time.monotonic()
    for _ in range(4):
        peer.link.raw(wire.frame(0x80, bytes(60000)))     # to be ignored
        peer.put(peer.seal("alice", "x").envelope)
    assert time.monotonic() - started > 1        # 240 KB, 128 of them at once


@kit.case
def envelopes_and_clips(place):
    card(place, seconds=1, heights="240")
    server = kit.Server(place, "--max-envelope", "4K", "--max-clips", "1")
    peer = Peer(server, "alice")
    peer.put(peer.seal("alice", "short").envelope)
    large = peer.seal("alice", "long" * 2000)
    peer.link.send(wire.SEND, id=large.id, envelope=large.envelope)
    assert peer.wait(wire.REFUSED, about=large.id).code == 13
    play(peer, 1)
    peer.wait(wire.STREAM)
    play(peer, 2)
    assert peer.wait(wire.REFUSED, about=2).code == 13


@kit.case
def who_reads_nothing_is_cut_off_earlier(place):
    server = kit.Server(place, "--max-queue", "2M", "--room-rate", "0")
    deaf, alice = Peer(server, "deaf"), Peer(server, "alice")
    alice.wait_for("deaf") if "deaf" not in alice.members else None
    sealed = alice.seal("deaf", "x" * 60000).envelope
    sent = 0
    with contextlib.suppress(AssertionError, Ended):
        while "deaf" in alice.members:
            alice.put(sealed)
            sent += len(sealed)
    # What TCP took is beside it.
    assert "deaf" not in alice.members and sent > 2 << 20


@kit.case
def a_wrong_number_is_named(place):
    for option, wrong in (("--room-rate", "-1"), ("--max-clips", "5"), ("--max-queue", "1K"), ("--hello-seconds", "0"),
                          ("--max-members", ""), ("--max-new-names", "1e3"), ("--byte-rate", "4X"), ("--max-envelope", "2M")):
        out, err = kit.run("dend", "--state", place / "s", option, wrong, code=2)
        assert not out and err.count("\n") == 1 and f"'{wrong}'" in err, err


if __name__ == "__main__":
    kit.main()
