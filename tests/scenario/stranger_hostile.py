"""A member who lies, in a room of real programs: what she seals reaches nobody but as a line of its own, and what she
says to the server ends her own session at most."""

import stranger  # before kit: it may change to another Python

import functools
import os

from cinema_room import card
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from stranger import envelope, keys, wire
from stranger.peer import Peer

import kit

IDENTITIES = {name: keys.Identity() for name in ("mallory", "bob", "eve")}


def peer(server, name, **more):
    return Peer(server, name, IDENTITIES[name], **more)


# What is inside an envelope


class Room:
    """alice is den. bob and eve are honest, and see what goes over the wire."""

    def __init__(self, place):
        self.server = kit.Server(place, "--room-rate", "0")
        self.alice = kit.Client(self.server, "alice")
        self.bob, self.mallory, self.eve = (peer(self.server, name) for name in ("bob", "mallory", "eve"))
        for other in (self.bob, self.mallory):
            other.wait_for("eve")
        self.alice.expect("joined", name="eve")
        self.number = 0

    def put(self, sealed, number=None):
        self.number += 1
        assert self.mallory.put(sealed, number) == self.number
        self.passed("mallory")

    def passed(self, sender):
        """Exactly this came next over the wire, with nothing before it."""
        for other in (self.bob, self.eve):
            if other.name != sender:
                got = other.get(wire.SEALED)
                assert (got.sender, got.number) == (sender, self.number), got

    def wrap(self, letter, form=envelope.ONE, size=None, filler=b"\0", purpose="envelope"):
        """The letter, sealed to alice, by mallory's key."""
        content = letter.content(self.mallory.me, purpose)
        return envelope.seal(form, envelope.pad(content, size, filler), self.mallory.keys_of("alice"))

    def lie(self, **what):
        return self.wrap(self.mallory.letter("alice", "do not show this", **what))

    def goes_on(self):
        """alice still hears and speaks, mallory's word too, and nothing else went over the wire."""
        for sender in (self.bob, self.mallory):
            self.number += 1
            assert sender.say("alice", "all is well") == self.number
            self.passed(sender.name)
            got = self.alice.expect("message", from_=sender.name, text="all is well")
            assert got["number"] == self.number
        self.alice.send("/msg bob indeed")
        self.number += 1
        self.passed("alice")
        assert [e["text"] for e in self.alice.seen("message") if "do not" in e["text"]] == []


def trick(outcome):
    """A case: the function gives an envelope, alice tells the outcome (once), and nothing happens but that."""
    def decorate(function):
        @kit.case
        @functools.wraps(function)
        def run(place):
            room = Room(place)
            room.put(function(room))
            got = room.alice.expect(*outcome[:1])
            assert all(got.get(k) == v for k, v in dict(outcome[1:]).items()), got
            room.goes_on()
            ends = ("error", "sealed", "message")
            told = [e for kind in ends for e in room.alice.seen(kind) if e.get("text") != "all is well"]
            assert len(told) == 1, told
        return run
    return decorate


BAD = "error", ("code", "bad-envelope")
NOT_OURS = "sealed", ("from", "mallory")
SHOWN = "message", ("from", "mallory")


@trick(BAD)
def another_name_inside(room):
    return room.lie(name="bob")


@trick(BAD)
def a_name_that_is_none(room):
    return room.lie(name="mal lory")


@trick(SHOWN)
def ones_own_name_in_another_case(room):
    return room.wrap(room.mallory.letter("alice", "it is me", name="MALLORY"))


@trick(BAD)
def another_key_inside(room):
    return room.lie(spki=IDENTITIES["bob"].spki)


@trick(BAD)
def a_key_that_is_none(room):
    return room.lie(spki=os.urandom(294))


@trick(BAD)
def for_another_server(room):
    return room.lie(server=os.urandom(32))


@trick(BAD)
def to_eve_but_wrapped_for_alice(room):
    return room.lie(receiver=room.eve.me.fingerprint)


@trick(BAD)
def to_all_in_an_envelope_to_one(room):
    return room.lie(to=envelope.ALL, receiver=envelope.EVERYONE)


@trick(BAD)
def to_one_in_an_envelope_to_all(room):
    return room.wrap(room.mallory.letter("alice", "do not show this"), envelope.ALL)


@trick(BAD)
def to_all_with_a_receiver(room):
    return room.wrap(room.mallory.letter("alice", "do not show this", to=envelope.ALL), envelope.ALL)


@trick(BAD)
def to_nobody_known(room):
    return room.lie(to=3)


@trick(BAD)
def a_bit_of_the_signature(room):
    content = bytearray(room.mallory.letter("alice", "do not show this").content(room.mallory.me))
    content[100] ^= 1
    return envelope.seal(envelope.ONE, envelope.pad(bytes(content)), room.mallory.keys_of("alice"))


@trick(BAD)
def a_bit_of_what_was_signed(room):
    content = bytearray(room.mallory.letter("alice", "do not show this").content(room.mallory.me))
    content[-1] ^= 1
    return envelope.seal(envelope.ONE, envelope.pad(bytes(content)), room.mallory.keys_of("alice"))


@trick(BAD)
def a_signature_for_another_purpose(room):
    return room.wrap(room.mallory.letter("alice", "do not show this"), purpose="link")


def signed_with(room, scheme):
    rest = room.mallory.letter("alice", "do not show this").rest()
    made = room.mallory.me.private.sign(keys.signed_bytes("envelope", rest), scheme, hashes.SHA256())
    return envelope.seal(envelope.ONE, envelope.pad(made + rest), room.mallory.keys_of("alice"))


@trick(BAD)
def a_signature_with_another_salt_length(room):
    return signed_with(room, padding.PSS(padding.MGF1(hashes.SHA256()), 20))


@trick(BAD)
def a_signature_of_another_scheme(room):
    return signed_with(room, padding.PKCS1v15())


@trick(BAD)
def padding_that_is_not_zero(room):
    return room.wrap(room.mallory.letter("alice", "do not show this"), filler=b"\1")


@trick(BAD)
def a_last_byte_of_padding_that_is_not_zero(room):
    plain = envelope.pad(room.mallory.letter("alice", "do not show this").content(room.mallory.me))
    return envelope.seal(envelope.ONE, plain[:-1] + b"\x80", room.mallory.keys_of("alice"))


@trick(BAD)
def a_content_longer_than_what_is_there(room):
    return envelope.seal(envelope.ONE, wire.number(4, 1021) + bytes(1020), room.mallory.keys_of("alice"))


@trick(BAD)
def a_content_shorter_than_a_signature(room):
    return envelope.seal(envelope.ONE, envelope.pad(bytes(255)), room.mallory.keys_of("alice"))


@trick(BAD)
def fields_that_end_too_late(room):
    return room.lie(fields=b"\x07\x00\x05four")


@trick(BAD)
def a_body_that_is_too_long(room):
    return room.lie(body=b"do not show this".ljust(65537, b"!"))


@trick(BAD)
def a_kind_that_nobody_knows(room):
    return room.lie(kind=9)


@trick(NOT_OURS)
def an_altered_ciphertext(room):
    sealed = bytearray(room.lie())
    sealed[-40] ^= 1
    return bytes(sealed)


@trick(NOT_OURS)
def an_altered_head(room):
    sealed = bytearray(room.lie())
    sealed[10] ^= 1
    return bytes(sealed)


@trick(NOT_OURS)
def a_wrapped_key_of_another_size(room):
    sealed = room.lie()
    return sealed[:19] + keys.wrap(room.mallory.members["alice"].spki, bytes(31)) + sealed[275:]


@trick(SHOWN)
def a_larger_class_than_needed(room):
    return room.wrap(room.mallory.letter("alice", "a small word"), size=49152)


def to_all_with(room, slots_of, text="do not show this"):
    """To all, but only alice's slots, as slots_of(hint, right, key) gives them."""
    letter = room.mallory.letter(None, text)
    spki = room.mallory.members["alice"].spki
    hint = keys.fingerprint(spki)[:4]
    return envelope.seal(envelope.ALL, envelope.pad(letter.content(room.mallory.me)), [],
                         slots_of=lambda key: slots_of(hint, keys.wrap(spki, key), key))


@trick(NOT_OURS)
def a_right_slot_under_anothers_hint(room):
    return to_all_with(room, lambda hint, right, _: [(room.eve.me.fingerprint[:4], right)])


@trick(NOT_OURS)
def anothers_slot_under_ones_hint(room):
    return to_all_with(room, lambda hint, _, key: [(hint, keys.wrap(room.eve.me.spki, key))])


@trick(SHOWN)
def the_fourth_of_four_slots_opens(room):
    wrong = bytes(256)
    return to_all_with(room, lambda hint, right, _: [(hint, wrong)] * 3 + [(hint, right)] * 2, "found it")


@trick(NOT_OURS)
def a_fifth_slot_is_one_too_many(room):
    wrong = bytes(256)
    return to_all_with(room, lambda hint, right, _: [(hint, wrong)] * 4 + [(hint, right)])


@kit.case
def the_same_envelope_again(place):
    room = Room(place)
    sealed = room.mallory.seal("alice", "once")
    room.put(sealed.envelope, sealed.id)
    room.put(sealed.envelope, sealed.id)
    room.put(sealed.envelope, sealed.id + 1)    # the id outside means nothing
    assert room.alice.expect("message", text="once")["id"] == str(sealed.id)
    for _ in range(2):
        room.alice.expect("error", code="bad-envelope")
    room.goes_on()
    assert len([e for e in room.alice.seen("message") if e["text"] == "once"]) == 1


@kit.case
def anothers_envelope_sent_as_ones_own(place):
    room = Room(place)
    room.number += 1
    room.bob.say("alice", "from bob")
    stolen = room.mallory.wait(wire.SEALED)
    room.passed("bob")
    assert room.alice.expect("message")["from"] == "bob"
    room.put(stolen.envelope)
    assert "mallory" in room.alice.expect("error", code="bad-envelope")["text"]
    # Also what alice sealed to bob can't be handed back to her.
    room.alice.send("/msg bob to bob")
    room.number += 1
    stolen = room.mallory.wait(wire.SEALED)
    room.passed("alice")
    room.put(stolen.envelope)
    assert room.alice.expect("sealed")["from"] == "mallory"
    room.goes_on()


@kit.case
def each_id_counts_once_in_any_order(place):
    room = Room(place)
    top = room.mallory.next_id() + 10000

    def put(number, text):
        room.put(room.wrap(room.mallory.letter("alice", text, id=number)), number)

    # The last one spoils nothing: a higher id does not make lower ones old.
    ids = (top, top - 1023, top - 5, top - 9000, 0, 2**64 - 1, top + 1)
    for number in ids:
        put(number, f"new {number}")
        assert room.alice.expect("message", text=f"new {number}")["id"] == str(number)
    for number in ids:
        put(number, "do not show this")
        room.alice.expect("error", code="bad-envelope")
    room.goes_on()


@kit.case
def another_list_of_names_is_said_loudly_and_the_message_shown(place):
    room = Room(place)
    for i, (n, h) in enumerate(((2, os.urandom(32)), (0, bytes(32)), (room.mallory.bindings.n + 1, os.urandom(32)),
                                (2**64 - 1, bytes(32)))):
        room.put(room.wrap(room.mallory.letter("alice", f"marked {i}", n=n, h=h)))
        room.alice.expect("error", code="server-lies")
        assert room.alice.expect("message")["text"] == f"marked {i}"
    for n in range(room.mallory.bindings.n + 1):
        room.put(room.wrap(room.mallory.letter("alice", f"true {n}", n=n, h=room.mallory.bindings.hashes[n])))
        room.alice.expect("message", text=f"true {n}")
    assert len(room.alice.seen("error")) == 4
    room.goes_on()


UGLY = (b"\x1b]0;owned\x07\x1b[2J\x1b[1;31mred\r\nalice: forged\x00\x7f\x08", b"\xff\xfe\xc3", b"\xe2\x80\xaeturned",
        b"\xc0\x80\xed\xa0\x80", "\u009b31m".encode(), b"")


@kit.case
def bodies_that_want_to_play_with_the_terminal(place):
    room = Room(place)
    carol = kit.Talker(room.server, "carol")
    room.mallory.wait_for("carol")
    for i, body in enumerate(UGLY):
        for to in ("alice", "carol"):
            sealed = room.mallory.seal(to, b"ugly%d:" % i + body)
            room.put(sealed.envelope, sealed.id)
        got = room.alice.expect("message")["text"]
        assert got.startswith(f"ugly{i}:") and not got[6:].isspace(), got
        carol.line(f"mallory.*: ugly{i}:")
    assert "�" in room.alice.seen("message")[1]["text"]
    out = carol.out.decode()            # which is UTF-8 whatever came
    assert not any(ord(c) < 32 and c != "\n" or 0x7f <= ord(c) < 0xa0 or c in "\u202e\ufeff" for c in out), out
    assert not any(line.startswith("alice: forged") for line in out.splitlines()), out
    room.goes_on()


# What the server reads


def sends(server, *messages, code=1):
    """Somebody in the room sends this; the session ends with that code, and only that one."""
    mallory = peer(server, "mallory")
    for kind, payload in messages:
        mallory.link.send(kind, payload)
    got = mallory.refused()
    assert got == code, f"{[(hex(k), len(p), p[:40]) for k, p in messages]}: {got}"


class Court:
    """A server and two members who must not notice anything."""

    def __init__(self, place):
        self.server = kit.Server(place)
        self.alice, self.eve = kit.Client(self.server, "alice"), peer(self.server, "eve")
        self.alice.expect("joined")

    def goes_on(self):
        self.eve.say("alice", "as ever")
        self.alice.expect("message", text="as ever")
        self.alice.send("/msg eve good")
        assert self.eve.hear()[1].body == b"good"
        assert not self.alice.seen("error") and self.server.process.child.poll() is None


def one(size=1024 + 16, head=b"\1\1\1" + bytes(16), wrapped=bytes(256)):
    return head + wrapped + wire.sized(4, bytes(size))


def many(slots, count=None, head=b"\1\1\2" + bytes(16), rest=b""):
    return head + wire.sized(4, bytes(1040)) + wire.number(2, len(slots) if count is None else count) + \
        b"".join(hint + wrapped for hint, wrapped in slots) + rest


@kit.case
def envelopes_with_a_wrong_outside_end_the_session(place):
    court = Court(place)
    slot, later, high = (b"aaaa", bytes(256)), (b"bbbb", bytes(256)), (b"cccc", b"\x80" + bytes(255))
    sends_nothing = {"nothing": b"", "half an id": bytes(4)}
    wrong = {
        "no envelope": b"", "version 0": one(head=b"\0\1\1" + bytes(16)), "version 2": one(head=b"\2\1\1" + bytes(16)),
        "suite 0": one(head=b"\1\0\1" + bytes(16)), "suite 2": one(head=b"\1\2\1" + bytes(16)),
        "form 0": one(head=b"\1\1\0" + bytes(16)), "form 3": one(head=b"\1\1\3" + bytes(16)),
        "top bit": one(wrapped=b"\x80" + bytes(255)), "a byte more": one() + b"\0", "a byte less": one()[:-1],
        "no class": one(1024 + 17), "no tag": one(1024), "above all classes": one(131072 + 16), "no text": one(0),
        "head alone": one()[:19], "length alone": one()[:19 + 256 + 4], "all: byte more": many([slot]) + b"\0",
        "all: count": many([slot], 2), "all: fewer": many([slot], 0), "all: order": many([later, slot]),
        "all: top bit": many([slot, high]), "all: no count": many([])[:-2], "all: too many": many([slot] * 4097),
        "huge length": one()[:19 + 256] + b"\xff\xff\xff\xff" + bytes(1040),
    }
    for payload in [*sends_nothing.values(), *(wire.number(8, 1) + w for w in wrong.values())]:
        sends(court.server, (wire.SEND, payload))
    # And what is just right is taken.
    mallory = peer(court.server, "mallory")
    for right in (one(), one(98304 + 16), many([]), many([slot] * 4096), many([slot, slot, later])):
        mallory.put(right)
    mallory.quit()
    court.goes_on()
    assert len(court.alice.seen("sealed")) == 5


@kit.case
def messages_that_are_not_for_the_server_end_the_session(place):
    court = Court(place)
    for kind in (0x00, 0x08, 0x0f, 0x14, 0x23, 0x2f, 0x3a, 0x7f, wire.HELLO, wire.HELLO_ACK, wire.ACK, wire.WELCOME,
                 wire.REFUSED, wire.MEMBERS, wire.JOINED, wire.LEFT, wire.BINDINGS, wire.SEALED, wire.ACCEPTED,
                 wire.CLIPS, wire.STREAM, wire.FRAME, wire.SKIPPED, wire.STREAM_END):
        sends(court.server, (kind, b""))
    for kind, payload in ((wire.LIST, b"x"), (wire.PLAY, b""), (wire.CREDIT, bytes(11)), (wire.SEEK, bytes(13)),
                          (wire.STOP, bytes(3)), (wire.QUIT, b"\0"), (wire.QUIT, b"\1\1" + b"x" * 257),
                          (wire.QUIT, b"\0\2\xff\xff"), (wire.ERROR, b"\0"), (wire.STOP, bytes(4) + b"\1\0\5abc")):
        sends(court.server, (kind, payload))
    court.goes_on()


@kit.case
def headers_over_a_limit_are_refused_before_the_rest_comes(place):
    court = Court(place)
    for kind, size in ((wire.SEND, 1163601), (wire.LIST, 65), (wire.PLAY, 513), (wire.QUIT, 4097), (wire.ERROR, 2**31),
                       (0x80, 65537), (0xff, 2**32 - 1)):
        mallory = peer(court.server, "mallory")
        mallory.link.raw(wire.number(1, kind) + wire.number(4, size))
        assert mallory.refused() == 1, (hex(kind), size)
    for kind in (wire.SEND, wire.ACK, 0x80, wire.LIST):
        early = peer(court.server, "mallory", enter=False)
        early.link.raw(wire.number(1, kind) + wire.number(4, 64))
        assert early.refused() == 1
    court.goes_on()


@kit.case
def messages_in_the_wrong_phase_end_the_session(place):
    court = Court(place)
    letter = wire.number(8, 1) + one()
    for kind, payload in ((wire.ACK, bytes(257)), (wire.SEND, letter), (wire.LIST, b""), (0x80, b""),
                          (wire.WELCOME, b"")):
        early = peer(court.server, "mallory", enter=False)
        early.link.send(kind, payload)
        assert early.refused() == 1, hex(kind)
        early = peer(court.server, "mallory", enter=False)
        early.hello()
        early.read_hello()
        if kind != wire.ACK:
            early.link.send(kind, payload)
            assert early.refused() == 1, hex(kind)
    twice = peer(court.server, "mallory", enter=False)
    twice.hello()
    twice.hello()
    assert twice.refused() == 1
    # Between ACK and WELCOME nothing but QUIT and ERROR. In one write, so that both are there at once.
    hasty = peer(court.server, "mallory", enter=False)
    hasty.hello()
    hasty.read_hello()
    ack = wire.frame(wire.ACK, wire.pack(wire.ACK, signature=hasty.proof(), invitation=b""))
    hasty.link.raw(ack + wire.frame(wire.LIST))
    assert hasty.refused() == 1
    court.goes_on()


@kit.case
def proofs_that_do_not_hold(place):
    court = Court(place)

    def refused(code=3, signature=None, invitation=b"", **lies):
        mallory = peer(court.server, "mallory", enter=False)
        mallory.hello()
        mallory.read_hello()
        mallory.link.send(wire.ACK, signature=signature or mallory.proof(**lies), invitation=invitation)
        got = mallory.refused()
        assert got == code, (lies, got)

    other = IDENTITIES["bob"]
    for lie in ({"exporter": os.urandom(32)}, {"server": other.fingerprint}, {"client": other.fingerprint},
                {"name": b"Mallory"}, {"name": b"alice"}, {"purpose": "envelope"}, {"purpose": "link\0"}):
        refused(**lie)
    refused(signature=bytes(256))
    refused(signature=b"\xff" * 256)
    refused(invitation=bytes(16))               # one that was not signed
    refused(code=1, invitation=bytes(15))
    # A proof of one session is none for the next, also by the same key under the same name.
    first = peer(court.server, "mallory")
    refused(signature=first.proof())
    first.quit()
    # And of a key that the client has not.
    thief = Peer(court.server, "mallory", IDENTITIES["mallory"], enter=False)
    thief.hello(key=other.pem)
    thief.prove(client=other.fingerprint)
    assert thief.refused() == 3
    court.goes_on()


@kit.case
def keys_of_another_kind(place):
    court = Court(place)
    right = IDENTITIES["mallory"]
    lines = right.pem.splitlines(keepends=True)
    private = right.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                          serialization.NoEncryption())[:1024]
    pems = (*(keys.Identity(bits=bits, e=e).pem for bits, e in ((1024, 65537), (3072, 65537), (2048, 3))),
            right.pem + b"x", right.pem + right.pem, b" " + right.pem, b"\n" + right.pem, b"", private, right.spki,
            right.pem.replace(b"PUBLIC", b"RSA PUBLIC"), b"".join(lines[:-1]), right.pem[:200],
            right.pem.replace(b"AQAB", b"AQA="), b"".join(lines[:1] + [lines[1][:-2] + b"\n"] + lines[2:]))
    for pem in pems:
        mallory = peer(court.server, "mallory", enter=False)
        mallory.hello(key=pem)
        assert (got := mallory.refused()) == 3, (pem[-80:], got)
    for pem in (right.pem.replace(b"\n", b"\r\n"), right.pem + b"\n \t\r\n",
                lines[0] + b"".join(lines[1:-1]).replace(b"\n", b"") + b"\n" + lines[-1]):
        mallory = peer(court.server, "mallory", enter=False)
        mallory.hello(key=pem)
        mallory.prove()
        mallory.welcome()
        mallory.quit()
    mallory = peer(court.server, "mallory", enter=False)
    mallory.hello(version=0)
    assert mallory.refused() == 2
    for size in (1025, 3000):
        mallory = peer(court.server, "mallory", enter=False)
        mallory.hello(key=right.pem.ljust(size))
        assert mallory.refused() in (1, 3)
    court.goes_on()


def play(number, credit=0, clip="card", start=0):
    return wire.PLAY, wire.pack(wire.PLAY, stream=number, clip=clip, schedule="thirds", start=start, credit=credit)


def credit(number, size, wanted=0):
    return wire.CREDIT, wire.pack(wire.CREDIT, stream=number, bytes=size, wanted=wanted)


def seek(number, to, frame=0):
    return wire.SEEK, wire.pack(wire.SEEK, stream=number, to=to, frame=frame)


@kit.case
def streams_that_are_asked_for_wrongly(place):
    card(place, fps="8", heights="120")
    court = Court(place)
    most = 1 << 26
    for wrong in ([play(1, most + 1)], [play(1, most), credit(1, 1 << 27)], [play(1), credit(1, most + 1)],
                  [play(1), credit(1, 2**32 - 1)], [play(1), play(1)], [play(1), play(2), seek(1, 2)],
                  [play(1), seek(1, 5), play(5)], [play(0)], [play(1), seek(1, 0)],
                  [credit(9, most + 1)]):
        sends(court.server, *wrong)
    court.goes_on()


@kit.case
def streams_that_nobody_knows_are_passed_over(place):
    card(place, fps="8", heights="120")
    court = Court(place)
    mallory = peer(court.server, "mallory")
    for message in (credit(9, 1 << 26), credit(9, 1 << 26), seek(9, 9), seek(9, 10), (wire.STOP, wire.number(4, 9)),
                    play(1), seek(1, 1, 7), seek(1, 2, 2**32 - 1), credit(1, 1 << 26), credit(2, 0, 2**32 - 1)):
        mallory.link.send(*message)
    mallory.get(wire.STREAM)
    assert mallory.get(wire.STREAM_END).reason == 1
    mallory.link.send(*play(3, 100, start=2**32 - 1))
    assert mallory.get(wire.STREAM).stream == 3 and mallory.get(wire.STREAM_END).stream == 3
    mallory.quit()
    court.goes_on()


@kit.case
def a_client_that_ends_with_an_error_is_lost_to_the_others(place):
    court = Court(place)
    for end, reason in ((lambda m: m.link.send(wire.ERROR, code=1, sentence="\x1b[2Jno"), 2), (lambda m: m.quit(), 1),
                        (lambda m: m.link.cut(), 2), (lambda m: m.link.send(0x08, b""), 3)):
        mallory = peer(court.server, "mallory")
        court.eve.wait_for("mallory")
        end(mallory)
        left, = wire.leavers_of(court.eve.get(wire.LEFT))
        assert (left.name, left.reason, left.fingerprint) == ("mallory", reason, mallory.me.fingerprint), (left, reason)
    court.goes_on()


kit.main()
