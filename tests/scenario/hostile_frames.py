"""Messages that no program of ours would send: each gets an ERROR with a code and a sentence, and the room goes on."""

import pathlib
import socket
import ssl
import struct

import kit

HELLO, HELLO_ACK, ACK, WELCOME, ERROR, QUIT, SEND, PLAY = 1, 2, 3, 4, 5, 6, 0x20, 0x32
PROTOCOL, VERSION, PROOF = 1, 2, 3


def frame(kind, payload=b"", length=None):
    return struct.pack(">BI", kind, len(payload) if length is None else length) + payload


def sized16(data):
    return struct.pack(">H", len(data)) + data


def hello(name=b"mallory", pem=b"", version=1, features=0, flags=0, port=0):
    return struct.pack(">HQB", version, features, flags) + bytes([len(name)]) + name + sized16(pem) + struct.pack(">H", port)


class Stranger:
    """A TLS client that checks nothing and writes what it is told."""

    def __init__(self, server):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = context.minimum_version = ssl.TLSVersion.TLSv1_2
        raw = socket.create_connection((server.host, server.port), timeout=kit.PATIENCE)
        self.link = context.wrap_socket(raw, suppress_ragged_eofs=False)
        self.rest = b""

    def send(self, *parts):
        """Each part in a TLS record of its own."""
        for part in parts:
            self.link.sendall(part)

    def frame(self):
        """The next message, None at a close_notify; a cut is an exception."""
        while len(self.rest) < 5 or len(self.rest) < 5 + int.from_bytes(self.rest[1:5], "big"):
            data = self.link.recv(65536)
            if not data:
                assert not self.rest, self.rest
                return None
            self.rest += data
        end = 5 + int.from_bytes(self.rest[1:5], "big")
        kind, payload, self.rest = self.rest[0], self.rest[5:end], self.rest[end:]
        return kind, payload

    def error(self):
        """All that is left to come is one ERROR: its code and sentence."""
        kind, payload = self.frame()
        assert kind == ERROR, (kind, payload)
        code, size = struct.unpack(">HH", payload[:4])
        sentence = payload[4:4 + size].decode()
        assert len(payload) == 4 + size and 0 < size <= 256 and "\n" not in sentence
        assert self.frame() is None
        self.link.close()
        return code, sentence


class Room:
    """A pair that chats: after every insult it must still be able to."""

    def __init__(self, place):
        self.server = kit.Server(place)
        self.alice, self.bob = kit.Client(self.server, "alice"), kit.Client(self.server, "bob")
        self.alice.expect("joined", name="bob")
        self.pem = kit.tool("openssl", "pkey", "-in", place / "alice" / "identity.pem", "-pubout")
        self.said = 0

    def goes_on(self):
        self.said += 1
        self.alice.send(f"/msg bob {self.said}")
        self.bob.expect("message", text=str(self.said))
        assert len(self.alice.seen("joined")) == 1 and not self.alice.seen("left")

    def insult(self, code, *parts):
        stranger = Stranger(self.server)
        stranger.send(*parts)
        got = stranger.error()
        assert got[0] == code, (parts[0][:40], got)
        return got[1]


@kit.case
def what_must_not_come_first(place):
    room = Room(place)
    for kind in (HELLO_ACK, ACK, WELCOME, *range(0x10, 0x17), *range(0x20, 0x26), *range(0x30, 0x3b), *range(0x40, 0x46)):
        assert "not allowed" in room.insult(PROTOCOL, frame(kind, bytes(20)))
    for kind in (0, 8, 0x0f, 0x4f, 0x7f, 0x80, 0xff):
        assert "unknown" in room.insult(PROTOCOL, frame(kind))
    room.goes_on()


@kit.case
def lengths_are_believed_only_up_to_their_limit(place):
    room = Room(place)
    for kind in (HELLO, ERROR, QUIT):
        for length in (4097, 1 << 16, 1 << 24, 0x7fffffff, 0x80000000, 0xffffffff):
            # Nothing of the payload is there yet, and nothing is waited for.
            assert "limit" in room.insult(PROTOCOL, frame(kind, length=length))
    room.goes_on()


@kit.case
def every_field_of_hello_is_checked(place):
    room = Room(place)
    good = hello(pem=room.pem)
    for cut in (0, 1, 2, 9, 10, 11, 12, 15, 18, 19, 20, 21, 100, len(good) - 3, len(good) - 2, len(good) - 1):
        room.insult(PROTOCOL, frame(HELLO, good[:cut]))
    for tail in (b"\0", b"\1\0", b"\1\0\5abcd", b"\1\xff\xff"):
        room.insult(PROTOCOL, frame(HELLO, good + tail))
    for name in (b"", b"x" * 33, b"x" * 255, b"a b", b"a/b", b"..\0", b"\x1b[31m", b"caf\xc3\xa9", b"\xff", b"a\n", b"%s%n"):
        room.insult(PROTOCOL, frame(HELLO, hello(name, room.pem)))
    room.insult(PROTOCOL, frame(HELLO, hello(pem=b"x" * 1025)))
    room.insult(VERSION, frame(HELLO, hello(pem=room.pem, version=0)))
    room.goes_on()


@kit.case
def only_one_kind_of_key_is_taken(place):
    room = Room(place)
    lines = room.pem.splitlines(keepends=True)
    keys = [b"", b"\0" * 500, b"nonsense", room.pem[:200], room.pem + room.pem, b" " + room.pem, lines[0] + lines[-1],
            b"".join(lines[:3] + lines[4:]), room.pem.replace(b"PUBLIC", b"PRIVATE"), room.pem.replace(b"M", b"\x80", 1)]
    for words in (("RSA", "-pkeyopt", "rsa_keygen_bits:1024"), ("RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-pkeyopt",
                  "rsa_keygen_pubexp:3"), ("EC", "-pkeyopt", "ec_paramgen_curve:P-256"), ("ED25519",)):
        private = kit.tool("openssl", "genpkey", "-algorithm", *words)
        keys.append(kit.tool("openssl", "pkey", "-pubout", input=private))
    for key in keys:
        assert "key" in room.insult(PROOF, frame(HELLO, hello(pem=key)))
    room.goes_on()


def answered(room, *parts):
    stranger = Stranger(room.server)
    stranger.send(*(parts or [frame(HELLO, hello(pem=room.pem))]))
    kind, payload = stranger.frame()
    assert kind == HELLO_ACK and payload[:2] == b"\0\1" and b"BEGIN PUBLIC KEY" in payload
    return stranger


@kit.case
def without_the_proof_nobody_enters(place):
    room = Room(place)
    for code, *parts in (
        (PROOF, frame(ACK, bytes(257))), (PROOF, frame(ACK, b"\xff" * 256 + b"\0")), (PROOF, frame(ACK, bytes(256) + b"\x10" + bytes(16))),
        (PROTOCOL, frame(ACK, bytes(256))), (PROTOCOL, frame(ACK)), (PROTOCOL, frame(ACK, bytes(256) + b"\5" + bytes(5))),
        (PROTOCOL, frame(ACK, bytes(258))), (PROTOCOL, frame(HELLO, hello(pem=room.pem))), (PROTOCOL, frame(SEND, bytes(100))),
        (PROTOCOL, frame(PLAY, bytes(20))), (PROTOCOL, frame(0x80)), (PROTOCOL, frame(ACK, length=4097)),
    ):
        stranger = answered(room)
        stranger.send(*parts)
        got = stranger.error()
        assert got[0] == code, (parts[0][:20], got)
    # Alice's own key, known to all, with a false proof under her name: she is not disturbed.
    stranger = answered(room, frame(HELLO, hello(b"alice", room.pem)))
    stranger.send(frame(ACK, bytes(257)))
    assert stranger.error()[0] == PROOF
    room.goes_on()
    assert not room.alice.seen("error")


@kit.case
def messages_may_be_cut_and_joined_anywhere(place):
    room = Room(place)
    whole = frame(HELLO, hello(pem=room.pem) + b"\x7f\0\4skip")       # with a field that nobody knows
    for parts in ([bytes([b]) for b in whole], [whole[:3], whole[3:]], [whole[:5], whole[5:6], whole[6:]]):
        answered(room, *parts).link.close()
    stranger = answered(room, whole + frame(ACK, bytes(257)))       # two messages in one record
    assert stranger.error()[0] == PROOF
    stranger = Stranger(room.server)
    stranger.send(whole[:-1])       # all but one byte, then gone
    stranger.link.close()
    room.goes_on()


@kit.case
def a_goodbye_of_a_stranger_is_no_mistake(place):
    room = Room(place)
    for parts in ([frame(QUIT, b"\0\0")], [frame(ERROR, b"\0\1\0\0")], [frame(QUIT, sized16("tschüß".encode()))]):
        stranger = Stranger(room.server)
        stranger.send(*parts)
        assert stranger.frame() is None
    for payload in (b"", b"\0", b"\0\1", sized16(b"\xff"), sized16(b"x" * 257), b"\0\5abc"):
        room.insult(PROTOCOL, frame(QUIT, payload))
        room.insult(PROTOCOL, frame(ERROR, b"\0\1" + payload))
    room.goes_on()


@kit.case
def after_an_error_nothing_more_is_heard(place):
    room = Room(place)
    stranger = Stranger(room.server)
    stranger.send(frame(0x40) + frame(HELLO, hello(pem=room.pem)) + b"x" * 10000)
    assert stranger.error()[0] == PROTOCOL
    room.goes_on()
    resident = lambda: int(pathlib.Path(f"/proc/{room.server.process.pid}/statm").read_text().split()[1]) * 4096
    before = resident()
    for _ in range(100):
        room.insult(PROTOCOL, frame(HELLO, length=0xffffffff) + b"x" * 1000)
    assert kit.SANITIZED or resident() < before + (4 << 20), (before, resident())
    room.goes_on()


kit.main()
