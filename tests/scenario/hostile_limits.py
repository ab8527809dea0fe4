"""Strangers who say nothing, too little or too slowly: a limited number of them, for a limited time, to nobody's harm."""

import contextlib
import os
import select
import socket
import ssl
import time

import kit

PER_ADDRESS, HELLO_SECONDS, GOODBYE_SECONDS = 64, 10, 2


def connect(server, source="127.0.0.1"):
    return socket.create_connection((server.host, server.port), timeout=kit.PATIENCE, source_address=(source, 0))


def tls(link):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context.wrap_socket(link, suppress_ragged_eofs=False)


def gone(link, seconds):
    """Whether the server hangs up within that time."""
    link.settimeout(seconds)
    try:
        return link.recv(1) == b""
    except (TimeoutError, BlockingIOError):
        return False
    except ConnectionError:
        return True


class Pair:
    """Alice and bob, who go on whatever happens."""

    def __init__(self, server):
        self.alice, self.bob = kit.Client(server, "alice"), kit.Client(server, "bob")
        self.alice.expect("joined", name="bob")
        self.said = 0

    def chat(self):
        """Both ways; how long it took."""
        started = time.monotonic()
        self.said += 1
        self.alice.send(f"/msg bob {self.said}")
        self.bob.expect("message", text=str(self.said))
        self.bob.send(f"/msg alice {self.said}")
        self.alice.expect("message", text=str(self.said))
        return time.monotonic() - started


@kit.case
def strangers_of_one_address_are_limited(place):
    server = kit.Server(place)
    pair = Pair(server)
    silent = [connect(server) for _ in range(PER_ADDRESS)]
    pair.chat()
    for _ in range(10):
        with connect(server) as late:
            assert gone(late, kit.PATIENCE)
    assert not any(gone(link, 0) for link in silent[:5] + silent[-5:])
    pair.chat()
    # Another address has a number of its own; and one who goes makes room for one.
    with connect(server, "127.0.0.2") as other:
        assert tls(other).cipher()
    silent.pop().close()
    silent.pop().close()
    pair.chat()
    kit.Client(server, "carol")
    pair.alice.expect("joined", name="carol")
    for link in silent:
        link.close()


@kit.case
def five_hundred_who_say_nothing(place):
    server = kit.Server(place)
    pair = Pair(server)
    pair.chat()
    silent = [connect(server) for _ in range(500)]
    slowest = max(pair.chat() for _ in range(20))
    assert slowest < (10 if kit.SANITIZED else 2), slowest
    poll = select.poll()
    for link in silent:
        poll.register(link, select.POLLIN)
    assert len(poll.poll(0)) >= 500 - PER_ADDRESS     # hung up
    for link in silent:
        link.close()
    pair.chat()
    kit.Client(server, "carol").quit()


@kit.case
def the_hello_has_a_time_limit(place):
    """Silent in TCP, silent behind TLS, silent in the middle of a message, and a byte a second, fifty at once."""
    server = kit.Server(place)
    pair = Pair(server)
    lone = kit.Server(place, state="lone")      # where nothing else happens that could wake it
    started = time.monotonic()
    mute, handshaken, halfway = connect(server), tls(connect(server)), tls(connect(server))
    slow = {connect(server, "127.0.0.2"): f"slow {i}" for i in range(50)}
    halfway.sendall(b"\1\0\0\1\0half a HELLO")
    waiting = {mute: "mute", handshaken: "handshaken", halfway: "halfway", tls(connect(lone)): "alone", **slow}
    ends, heard = {}, {}
    record, sent = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), 0
    while waiting and time.monotonic() - started < kit.PATIENCE + HELLO_SECONDS:
        if time.monotonic() - started >= sent:
            for link in slow.keys() & waiting.keys():
                with contextlib.suppress(ConnectionError):
                    link.send(record[sent:sent + 1])
            sent += 1
        pair.chat()
        for link in select.select(list(waiting), [], [], 0.4)[0]:
            try:
                data = link.recv(4096)
            except (ConnectionError, ssl.SSLError):
                data = b""
            heard[waiting[link]] = heard.get(waiting[link], b"") + data
            if not data:
                ends[waiting.pop(link)] = time.monotonic() - started
    assert sorted(ends) == ["alone", "halfway", "handshaken", "mute", *sorted(slow.values())], ends
    assert sent > HELLO_SECONDS / 2
    assert all(HELLO_SECONDS - 1 < seconds < HELLO_SECONDS + GOODBYE_SECONDS + 2 for seconds in ends.values()), ends
    assert ends["alone"] < HELLO_SECONDS + 1.5, ends
    for name in ("alone", "handshaken", "halfway"):
        assert heard[name][:7] == b"\5\0\0\0" + heard[name][4:5] + b"\0\x08" and b"too long" in heard[name], heard[name]
    assert not pair.alice.seen("left") and not pair.bob.seen("left")


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


@kit.case
def who_is_refused_and_stays_takes_nobodys_place(place):
    """Each has its goodbye, and hangs on; no more of them stay than strangers may."""
    server = kit.Server(place, "--max-strangers", "8", **kit.readable(place))
    pair = Pair(server)
    before, most, refused = descriptors(server), 0, []
    for _ in range(60):
        link = tls(connect(server))
        link.sendall(b"\xff" * 20)
        assert link.recv(7)[:1] == b"\5"
        refused.append(link)
        most = max(most, descriptors(server) - before)
    print(f"# at most {most} descriptors more")
    assert most <= 8 + 2, most
    pair.chat()
    kit.Client(server, "carol").quit()
    for link in refused:
        link.close()


@kit.case
def half_closed_links_end(place):
    server = kit.Server(place)
    pair = Pair(server)
    for _ in range(3):
        plain = connect(server)
        plain.shutdown(socket.SHUT_WR)
        assert gone(plain, kit.PATIENCE)
        half = connect(server)
        half.sendall(b"\x16\x03\x01")
        half.shutdown(socket.SHUT_WR)
        assert gone(half, kit.PATIENCE)
        link = tls(connect(server))
        raw = socket.socket(fileno=link.detach())
        raw.shutdown(socket.SHUT_WR)        # a cut without close_notify
        assert gone(raw, kit.PATIENCE)
        polite = tls(connect(server))
        assert gone(polite.unwrap(), kit.PATIENCE)      # close_notify, answered
    pair.chat()
    # Whoever resets in the middle of everything is forgotten as well.
    for rest in (b"", b"\x16", b"\x16\x03\x01\x02\0" + bytes(300)):
        link = connect(server)
        link.sendall(rest)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        link.close()
    pair.chat()


@kit.case
def handshakes_by_the_dozen_do_not_stop_the_talk(place):
    server = kit.Server(place)
    pair = Pair(server)
    slowest = 0
    for _ in range(5):
        links = [connect(server) for _ in range(30)]
        for link in links:
            link.sendall(b"\x16\x03\x01\0\x05\x01\0\0\x01\x03")      # a ClientHello that is none
        slowest = max(slowest, pair.chat())
        for link in links:
            link.close()
    assert slowest < (10 if kit.SANITIZED else 2), slowest
    kit.Client(server, "carol").quit()


kit.main()
