"""A server that lies or is broken, against den: den says so in a line and ends with 1 or 3; what is wrong only inside
an envelope or a picture harms nothing else."""

import stranger  # before kit: it may change to another Python

import os
import struct

from cinema_room import card, jpegs
from stranger import bindings, envelope, keys, wire
from stranger.host import Host, member
from stranger.link import Ended

import kit

IDENTITIES = {name: keys.Identity() for name in ("server", "bob", "mallory")}


class Lair(Host):
    """For kit.Client it is a kit.Server."""

    options_for = kit.Server.options_for
    den = kit.Server.den

    def __init__(self, place, identity=IDENTITIES["server"], **more):
        super().__init__(identity, **more)
        self.place = place

    def client(self, name="alice", *options, **popen):
        return kit.Client(self, name, *options, entered=False, **popen)


def over(client, code=1, error=None):
    """den has ended: with that code (1 or 3), by itself, with a line for people and nothing else on standard error."""
    got = client.wait()
    assert got == code in (1, 3), f"exit {got}: {client.items[-3:]} {client.err}"
    errors = client.seen("error")
    assert errors and errors[-1]["text"], client.items
    assert error is None or errors[-1]["code"] == error, errors
    assert b"ERROR: " not in client.err and b"runtime error" not in client.err, client.err
    return errors[-1]


def refused_by_its_key(lair):
    """Not a message comes to this server: the client ends in the handshake or at its end."""
    try:
        nothing_more(lair.accept())
    except Ended:
        pass


def nothing_more(guest):
    """The client ends the link without another word."""
    try:
        raise AssertionError(str(guest.link.receive()))
    except Ended:
        pass


def entered(place, name="alice", **welcome):
    """(server, guest, client) with the client in the room. bob is there too, in name."""
    lair = Lair(place)
    lair.bindings.add("bob", IDENTITIES["bob"].fingerprint)
    client = lair.client(name)
    guest = lair.accept()
    guest.greet()
    guest.bind()
    everybody = guest.member() + member("bob", IDENTITIES["bob"].spki)
    guest.welcome(**{"members": everybody, **welcome})
    return lair, guest, client


def in_room(place, *options):
    lair, guest, client = entered(place)
    client.expect("directory")
    return lair, guest, client


def leave(guest, client, code):
    client.send("/quit")
    while guest.link.receive().type != wire.QUIT:
        pass
    guest.link.end()
    client.wait(code)


# Honest


@kit.case
def two_dens_talk_through_it(place):
    lair = Lair(place)
    alice = lair.client("alice")
    first = lair.admit()
    alice.expect("directory")
    bob = lair.client("bob")
    second = lair.admit()
    bob.expect("directory")
    alice.expect("joined", name="bob")
    assert first.hello.version == 1 and first.hello.features & 1 and first.hello.flags == 0 and first.hello.port
    alice.send("/msg bob psst")
    sent = lair.pass_on(first)
    assert bob.expect("message", text="psst")["id"] == str(sent.id)
    assert alice.expect("sent")["number"] == 1
    bob.send("/all to everyone")
    sent = lair.pass_on(second)
    form, _, _, slots = envelope.outside(sent.envelope)
    assert (form, [hint for hint, _ in slots]) == (2, [first.fingerprint[:4]])
    alice.expect("message", text="to everyone")
    leave(first, alice, 0)
    leave(second, bob, 0)


@kit.case
def what_the_future_may_add_is_skipped(place):
    field = wire.field(9, b"later")
    lair = Lair(place)
    client = lair.client()
    guest = lair.accept()
    guest.greet(fields=field, features=(1 << 64) - 1)
    guest.bind()
    guest.welcome(fields=field, members=guest.member(fields=field) + member("gast", IDENTITIES["bob"].spki, 0xff,
                                                                            "192.0.2.1", 80, field))
    directory = client.expect("directory")
    guest.get(wire.RESUME)
    assert [m["name"] for m in directory["members"]] == ["alice", "gast"] and directory["n"] == 1
    guest.link.send(0x80, b"")
    guest.link.send(0xff, bytes(65536))
    client.send("/msg gast hello")
    sent = guest.get(wire.SEND)
    guest.link.send(wire.ACCEPTED, fields=field, id=sent.id, number=1)
    assert client.expect("sent")["number"] == 1
    guest.link.send(wire.QUIT, fields=field, sentence="stopping")
    guest.link.end()
    over(client, 1, "goodbye")


# The hello


@kit.case
def a_certificate_with_another_key(place):
    lair = Lair(place, IDENTITIES["mallory"])
    lair.fingerprint = IDENTITIES["server"].shown
    client = lair.client()
    refused_by_its_key(lair)
    over(client, 3, "server-key")


@kit.case
def certificates_with_keys_of_another_kind(place):
    for bits, e in ((1024, 65537), (3072, 65537), (2048, 3)):
        lair = Lair(place, keys.Identity(bits=bits, e=e))
        client = lair.client()
        refused_by_its_key(lair)
        over(client, client.wait())


@kit.case
def another_key_in_the_hello_than_in_the_certificate(place):
    client = (lair := Lair(place, key=IDENTITIES["mallory"])).client()
    guest = lair.accept()
    guest.get(wire.HELLO)
    guest.link.send(wire.HELLO_ACK, version=1, features=1, key=lair.key.pem)
    assert guest.refused()[0] == 3
    over(client, 3)


@kit.case
def hellos_that_are_wrong(place):
    pem = IDENTITIES["server"].pem
    for answer, told in (({"version": 0}, 2), ({"version": 2}, 2), ({"version": 65535}, 2), ({"key": b""}, 3),
                         ({"key": pem[:-30]}, 3), ({"key": pem + b"x"}, 3), ({"fields": b"\1\0"}, 1),
                         ({"key": bytes(1025)}, 1)):
        client = (lair := Lair(place)).client()
        guest = lair.accept()
        guest.get(wire.HELLO)
        guest.link.send(wire.HELLO_ACK, **{"version": 1, "features": 1, "key": pem, **answer})
        code = guest.refused()[0]
        assert code == told, (answer, code)
        over(client, 3 if code == 3 else 1)


@kit.case
def errors_of_the_server_are_told_and_end_it(place):
    for code, word, status in ((1, "protocol", 1), (2, "version", 1), (3, "proof", 3), (4, "name-taken", 3),
                               (5, "replaced", 1), (6, "full", 1), (7, "slow", 1), (8, "timeout", 1), (9, "refused", 3),
                               (14, "store", 1), (15, "closing", 1), (99, "server", 1)):
        client = (lair := Lair(place)).client()
        guest = lair.accept()
        guest.get(wire.HELLO)
        guest.link.send(wire.ERROR, code=code, sentence=f"because \x1b[31m{code}")
        nothing_more(guest)
        assert "\x1b" not in over(client, status, word)["text"]


@kit.case
def links_that_end_without_a_word(place):
    for steps in range(4):
        for how in ("close", "cut"):
            client = (lair := Lair(place)).client()
            guest = lair.accept()
            if steps > 0:
                guest.get(wire.HELLO)
            if steps > 1:
                guest.link.send(wire.HELLO_ACK, version=1, features=1, key=lair.me.pem)
                guest.get(wire.ACK)
            if steps > 2:
                guest.link.send(wire.WELCOME, room="r", log=bytes(16), last=0, n=0, h=lair.bindings.h)
            getattr(guest.link, how)()
            assert over(client)["code"] in ("unreachable", "lost")


@kit.case
def messages_in_the_wrong_phase(place):
    for kind in (wire.WELCOME, wire.BINDINGS, wire.MEMBERS, wire.SEALED, wire.REFUSED, 0x80, wire.HELLO, 0x00):
        client = (lair := Lair(place)).client()
        guest = lair.accept()
        guest.get(wire.HELLO)
        guest.link.send(kind, b"")
        assert guest.refused()[0] == 1
        over(client, 1, "protocol")
    for kind in (wire.HELLO_ACK, wire.BINDINGS, wire.MEMBERS, wire.JOINED, wire.SEALED, wire.ACCEPTED, 0x80):
        client = (lair := Lair(place)).client()
        guest = lair.accept()
        guest.greet()
        guest.link.send(kind, b"")
        assert guest.refused()[0] == 1, hex(kind)
        over(client, 1, "protocol")


# The list and the members


def lists(place, count=None, entries=None, members=None, **welcome):
    """Enters alice with these; she must refuse. count: WELCOME's n."""
    lair = Lair(place)
    lair.bindings.add("bob", IDENTITIES["bob"].fingerprint)
    client = lair.client()
    guest = lair.accept()
    guest.greet()
    guest.bind()
    given = {"entries": entries(lair, guest) if entries else None, "members": members(guest) if members else None}
    if count is not None:
        welcome["n"] = count
    guest.welcome(**given, **welcome)
    code, sentence = guest.refused()
    assert code == 1 and sentence, (code, sentence)
    over(client, 1)
    assert not client.seen("ready")


def entry(n, name="zoe", kind=1, fingerprint=bytes(32)):
    return wire.pack("binding", n=n, kind=kind, name=name, fingerprint=fingerprint)


@kit.case
def lists_that_are_not_what_welcome_says(place):
    lists(place, h=os.urandom(32))
    lists(place, h=IDENTITIES["server"].fingerprint)
    for count in (0, 1, 3, 2**64 - 1):
        lists(place, count)
    lists(place, entries=lambda lair, _: b"")
    lists(place, entries=lambda lair, _: lair.bindings.entries[0].payload)


@kit.case
def entries_that_cannot_be(place):
    whole = lambda lair: lair.bindings.whole()
    for wrong in (lambda lair, _: entry(2) + whole(lair), lambda lair, _: whole(lair) + entry(4),
                  lambda lair, _: entry(0) + whole(lair), lambda lair, _: whole(lair) + entry(2**64 - 1),
                  lambda lair, _: whole(lair) + entry(2), lambda lair, _: whole(lair) + entry(3, "BOB"),
                  lambda lair, _: whole(lair) + entry(3, "zoe", 2), lambda lair, _: whole(lair) + entry(3, "bob", 2),
                  lambda lair, _: whole(lair) + entry(3, "zoe", 3), lambda lair, _: whole(lair) + entry(3, ""),
                  lambda lair, _: whole(lair) + entry(3, "a b"), lambda lair, _: whole(lair)[:-1],
                  lambda lair, _: whole(lair) + b"\0"):
        lists(place, entries=wrong)


@kit.case
def members_that_cannot_be(place):
    bob, mallory = IDENTITIES["bob"].spki, IDENTITIES["mallory"].spki
    for wrong in (member("bob", mallory), member("zoe", mallory), member("bob", mallory, flags=1),
                  member("bob", os.urandom(294)), member("b b", bob), member("", bob), member("bob", bob)[:-1],
                  member("bob", bob) + b"\0", member("bob", bob, address="x" * 47), member("bob", bob, address=b"\xff"),
                  wire.sized(2, b""), b"\xff\xff" + member("bob", bob)[2:], member("bob", bob, fields=b"\1")):
        lists(place, members=lambda guest: guest.member() + wrong)


@kit.case
def releases_are_understood(place):
    lair = Lair(place)
    lair.bindings.add("bob", IDENTITIES["bob"].fingerprint)
    lair.bindings.add("BOB", IDENTITIES["bob"].fingerprint, bindings.RELEASE)
    lair.bindings.add("Bob", IDENTITIES["mallory"].fingerprint)
    client = lair.client()
    guest = lair.accept()
    guest.greet()
    guest.bind()
    # The list may be ahead of what is told about members, so the key of before is one that the list gave.
    guest.welcome(members=guest.member() + member("bob", IDENTITIES["bob"].spki))
    assert client.expect("directory")["members"][1]["fingerprint"] == IDENTITIES["bob"].shown
    guest.link.send(wire.JOINED, more=0, entries=member("bob", IDENTITIES["mallory"].spki))
    gone = wire.pack("leaver", reason=1, fingerprint=IDENTITIES["bob"].fingerprint, name="bob")
    guest.link.send(wire.LEFT, entries=gone)
    client.expect("joined", fingerprint=IDENTITIES["mallory"].shown)
    guest.link.send(wire.JOINED, more=0, entries=member("zoe", IDENTITIES["bob"].spki, flags=1))
    client.expect("joined", name="zoe")         # so what stood before it has been applied
    client.send("/who")
    assert client.expect("directory")["members"][1]["fingerprint"] == IDENTITIES["mallory"].shown


# In the room


@kit.case
def messages_that_end_the_session(place):
    gone = wire.pack("leaver", reason=1, fingerprint=bytes(32), name="bob")
    for kind, payload in (
            (0x00, b""), (0x08, b""), (0x7f, b""), (wire.HELLO, b""), (wire.HELLO_ACK, b""), (wire.WELCOME, b""),
            (wire.SEND, b""), (wire.PLAY, b""), (wire.CREDIT, b""), (wire.STOP, bytes(4)),
            (wire.MEMBERS, b"\0"), (wire.ACCEPTED, bytes(16)), (wire.ACCEPTED, bytes(15)),
            (wire.JOINED, b"\0" + member("zoe", IDENTITIES["bob"].spki)), (wire.JOINED, b""),
            (wire.JOINED, b"\0" + member("bob", IDENTITIES["mallory"].spki)),
            (wire.BINDINGS, entry(4)), (wire.BINDINGS, entry(1)), (wire.BINDINGS, entry(3)[:-1]),
            (wire.LEFT, gone + b"\1"), (wire.LEFT, gone[:-1]), (wire.REFUSED, bytes(9)), (wire.CLIPS, b"\0"),
            (wire.SEALED, bytes(8)), (wire.SEALED, bytes(8) + b"\3b b" + bytes(32)), (wire.SEALED, bytes(8) + b"\3bob"),
            (wire.ERROR, b"\0"), (wire.QUIT, b"\0\5four"), (wire.STREAM, bytes(20)), (wire.FRAME, bytes(9))):
        lair, guest, client = in_room(place)
        guest.link.send(kind, payload)
        code, sentence = guest.refused()
        assert code == 1 and sentence, (hex(kind), code)
        over(client, 1, "protocol")


@kit.case
def headers_over_a_limit(place):
    for kind, size in ((wire.FRAME, 16385), (wire.SEALED, 1163601), (wire.BINDINGS, 65537), (0x80, 65537),
                       (wire.QUIT, 2**32 - 1)):
        lair, guest, client = in_room(place)
        guest.link.raw(wire.number(1, kind) + wire.number(4, size))
        assert guest.refused()[0] == 1
        over(client, 1, "protocol")


@kit.case
def messages_that_mean_nothing_are_passed_over(place):
    lair, guest, client = in_room(place)
    for kind, payload in (
            (wire.LEFT, b""), (wire.JOINED, b"\0"), (wire.BINDINGS, b""), (wire.BINDINGS, lair.bindings.whole()),
            (wire.LEFT, wire.pack("leaver", reason=9, fingerprint=bytes(32), name="bob")),
            (wire.LEFT, wire.pack("leaver", reason=1, fingerprint=IDENTITIES["bob"].fingerprint, name="zoe")),
            (wire.JOINED, b"\0" + guest.member()), (wire.SKIPPED, bytes(12)),
            (wire.STREAM_END, wire.pack(wire.STREAM_END, stream=77, reason=1, sentence="")),
            (wire.FRAME, wire.number(4, 77) + bytes(5) + b"data"),
            (wire.REFUSED, wire.pack(wire.REFUSED, about=12345, code=99, sentence="what?"))):
        guest.link.send(kind, payload)
    works(guest, client)


def works(guest, client):
    """Whatever was sent to it before, the next thing that den sends is this."""
    client.send("/msg bob still here")
    sent = guest.get(wire.SEND)
    guest.link.send(wire.ACCEPTED, id=sent.id, number=sent.id & 0xffff)
    client.expect("sent", id=str(sent.id))


# Envelopes of a lying server


def letter(lair, guest, author, text, **other):
    identity = IDENTITIES[author]
    true = {"name": author, "spki": identity.spki, "to": 1, "receiver": guest.fingerprint, "id": int(1e18),
            "server": lair.me.fingerprint, "n": lair.bindings.n, "h": lair.bindings.h, "body": text.encode(), **other}
    content = envelope.Letter(**true).content(identity)
    return envelope.seal(envelope.ONE, envelope.pad(content), [guest.spki])


@kit.case
def envelopes_that_are_not_what_they_seem_are_told_and_never_answered(place):
    lair, guest, client = in_room(place)
    bob, mallory = IDENTITIES["bob"], IDENTITIES["mallory"]
    true = letter(lair, guest, "bob", "true")
    guest.give("bob", bob.fingerprint, true)
    assert client.expect("message")["text"] == "true"
    wrong = (
        ("bob", bob.fingerprint, true),                                             # again
        ("mallory", bob.fingerprint, letter(lair, guest, "bob", "no", id=2)),       # as from another name
        ("bob", mallory.fingerprint, letter(lair, guest, "bob", "no", id=3)),       # or key
        ("bob", bob.fingerprint, letter(lair, guest, "mallory", "no", name="bob")), # by another key
        ("bob", mallory.fingerprint, letter(lair, guest, "mallory", "no", name="bob")),  # not what the list says
    )
    for lie in wrong:
        guest.give(*lie)
        assert client.expect("error")["code"] == "bad-envelope"
    guest.give("ghost", mallory.fingerprint, letter(lair, guest, "mallory", "from nobody here", name="ghost"))
    client.expect("message", from_="ghost")     # an ephemeral one-shot would be so
    assert guest.link.silent()
    works(guest, client)
    assert len(client.seen("message")) == 2


@kit.case
def altered_outsides_are_told_and_never_answered(place):
    lair, guest, client = in_room(place)
    true = letter(lair, guest, "bob", "true")
    wrong = (b"", true[:100], b"\2" + true[1:], true[:1] + b"\2" + true[2:], true + b"\0", true[:-1],
             true[:2] + b"\3" + true[3:], true[:2] + b"\2" + true[3:], true[:19] + b"\x80" + true[20:])
    for i, altered in enumerate(wrong):
        guest.give("bob", IDENTITIES["bob"].fingerprint, altered)
        got = client.take(lambda e: e["event"] in ("error", "sealed"), f"word of envelope {i}")
        assert got["event"] == "sealed" or got["code"] == "bad-envelope", got
    assert guest.link.silent()
    works(guest, client)


@kit.case
def another_list_for_somebody_else_is_found_out(place):
    lair, guest, client = in_room(place)
    other = bindings.Bindings(lair.me.fingerprint)
    other.add("bob", IDENTITIES["bob"].fingerprint)
    other.add("alice", IDENTITIES["mallory"].fingerprint)       # what bob is shown
    for i, (n, h) in enumerate(((2, other.h), (3, other.h))):
        guest.give("bob", IDENTITIES["bob"].fingerprint, letter(lair, guest, "bob", f"word {i}", n=n, h=h, id=10 + i))
        client.expect("error", code="server-lies")
        client.expect("message", text=f"word {i}")
    assert guest.link.silent()
    works(guest, client)


# The cinema of a lying server


CLIP = {"name": "card", "title": "A card", "fps_num": 24, "fps_den": 1, "frames": 8, "heights": [120],
        "sizes": [(160, 120)], "schedule": "thirds"}


def picture(place):
    return jpegs(card(place, fps="2", heights="120") / "120p.mjpeg")[0]


def asked(place, **stream):
    """den has asked for the clip, and the stream is open."""
    lair, guest, client = entered(place)
    client.expect("directory")
    client.send("/play card")
    play = guest.get(wire.PLAY)
    assert (play.clip, play.schedule, play.start) == ("card", "thirds", 0)
    guest.link.send(wire.STREAM, stream=play.stream, **{**CLIP, **stream})
    return guest, client, play.stream


def chunk(stream, number, data, flags=3, length=None, **other):
    if not flags & 1:
        return wire.pack(wire.FRAME, stream=stream, track=0, flags=flags, number=number, data=data)
    return wire.pack(wire.FRAME, **{"stream": stream, "track": 0, "flags": flags, "number": number, "height": 120,
                                    "source": number, "length": len(data) if length is None else length,
                                    "pts": number * 10**9 // 24, "data": data, **other})


def closing(guest):
    """The ERROR behind credits and the like."""
    while (message := guest.link.receive()).type != wire.ERROR:
        assert message.type in (wire.CREDIT, wire.STOP), message
    guest.link.end()
    return message.code


@kit.case
def streams_that_cannot_be(place):
    for wrong in ({"fps_num": 0}, {"fps_den": 0}, {"heights": [], "sizes": []}, {"frames": 10_000_001},
                  {"heights": [120] * 7, "sizes": [(160, 120)] * 7}, {"frames": 0}, {"name": "x" * 65},
                  {"title": "x" * 129}, {"title": b"\xff"}, {"schedule": b"\xff"}, {"fields": b"\1"}):
        guest, client, number = asked(place, **wrong)
        assert closing(guest) == 1, wrong
        over(client, 1, "protocol")


@kit.case
def frames_that_cannot_be(place):
    jpeg = picture(place)
    for wrong in (
            lambda n: [chunk(n, 1, jpeg), chunk(n, 0, jpeg)], lambda n: [chunk(n, 1, jpeg), chunk(n, 1, jpeg)],
            lambda n: [chunk(n, 0, jpeg[:9], flags=0)], lambda n: [chunk(n, 0, jpeg[9:], flags=2)],
            lambda n: [chunk(n, 0, jpeg[:9], 1, len(jpeg)), chunk(n, 0, jpeg, 1)],
            lambda n: [chunk(n, 0, jpeg[:9], 1, len(jpeg)), chunk(n, 1, jpeg[9:], 2)],
            lambda n: [chunk(n, 0, jpeg[:9], 1, len(jpeg)), chunk(n, 0, jpeg, 2)],
            lambda n: [chunk(n, 0, jpeg[:9], 1, len(jpeg)), chunk(n, 0, jpeg[9:], 0)],
            lambda n: [chunk(n, 0, jpeg, 3, len(jpeg) + 1)], lambda n: [chunk(n, 0, jpeg, 3, len(jpeg) - 1)],
            lambda n: [chunk(n, 0, jpeg, 1)], lambda n: [chunk(n, 0, b"", 3, 0)], lambda n: [chunk(n, 0, b"", 1, 10)],
            lambda n: [chunk(n, 0, jpeg, 1, 8388609)], lambda n: [chunk(n, 8, jpeg)],
            lambda n: [chunk(n, 2**32 - 1, jpeg)],
            lambda n: [chunk(n, 0, jpeg, pts=2**63)]):
        guest, client, number = asked(place)
        for payload in wrong(number):
            guest.link.send(wire.FRAME, payload)
        assert closing(guest) == 1
        over(client, 1)


def dimensions(jpeg, width, height):
    """The same JPEG with another size in its frame header."""
    at = jpeg.index(b"\xff\xc0")
    return jpeg[:at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9:]


@kit.case
def pictures_that_are_none_are_dropped_and_the_clip_goes_on(place):
    jpeg = picture(place)
    guest, client, number = asked(place)
    frames = (jpeg, dimensions(jpeg, 65500, 65500), b"\xff\xd8" + os.urandom(5000), b"x", jpeg[:len(jpeg) // 2],
              dimensions(jpeg, 0, 0), jpeg[:2] + b"\xff\xd9", jpeg)
    for i, data in enumerate(frames):
        guest.link.send(wire.FRAME, chunk(number, i, data))
        if i == 3:      # what is on another track is not ours
            guest.link.send(wire.FRAME, chunk(number, 0, bytes(40), track=1))
    guest.link.send(wire.STREAM_END, stream=number, reason=1, sentence="")
    got = client.expect("stream_end")
    outcomes = [e["outcome"] for e in client.seen("frame")]
    assert outcomes[1:4] == ["dropped"] * 3 and outcomes[5:7] == ["dropped"] * 2 and outcomes[0] != "dropped", outcomes
    assert got["reason"] == "done" and len(outcomes) == 8, (got, outcomes)
    assert {e["code"] for e in client.seen("error")} == {"broken-frame"}
    client.send("/msg bob still here")
    while guest.link.receive().type != wire.SEND:
        pass


@kit.case
def auto_asks_for_another_rendition_of_its_stream_alone(place):
    jpeg = picture(place)
    for schedule, wishes in (("auto", [240]), ("thirds", [])):
        lair, guest, client = entered(place, name=schedule)
        client.expect("directory")
        client.send(f"/play card {schedule}")
        play = guest.get(wire.PLAY)
        assert play.schedule == schedule
        guest.link.send(wire.STREAM, stream=play.stream, **{**CLIP, "frames": 60, "heights": [120, 240],
                                                            "sizes": [(160, 120), (320, 240)], "schedule": schedule})
        for i in range(60):
            guest.link.send(wire.FRAME, chunk(play.stream, i, jpeg))
        guest.link.send(wire.STREAM_END, stream=play.stream, reason=1, sentence="")
        client.expect("stream_end", reason="done")
        asked_for = []
        while (message := guest.link.receive()).type != wire.STOP:
            if message.type == wire.RENDITION:
                assert message.stream == play.stream and not message.fields
                asked_for.append(message.height)
            else:
                assert message.type == wire.CREDIT, message
        assert asked_for == wishes, (schedule, asked_for)
        guest.link.send(wire.STREAM_END, stream=play.stream, reason=2, sentence="")


@kit.case
def ends_and_refusals_of_clips_are_told(place):
    for reason, sentence, said in ((1, "", "done"), (3, "the disk is \x1b[5mgone", "broken"), (77, "later", "broken")):
        guest, client, number = asked(place)
        if reason == 1:
            guest.link.send(wire.SKIPPED, stream=number, first=0, count=8)
        guest.link.send(wire.STREAM_END, stream=number, reason=reason, sentence=sentence)
        assert client.expect("stream_end")["reason"] == said, reason
        assert all("\x1b" not in e["text"] for e in client.seen("error"))
        leave(guest, client, 0 if said == "done" else 1)
    for code in (6, 10, 11, 12, 13, 99):
        lair, guest, client = in_room(place)
        client.send("/play card")
        play = guest.get(wire.PLAY)
        guest.link.send(wire.REFUSED, about=play.stream, code=code, sentence="no")
        assert client.expect("error")["code"] == "not-played"
        works(guest, client)
        leave(guest, client, 1)


@kit.case
def what_is_left_over_from_before_a_seek_is_granted_anew(place):
    lair, guest, client = entered(place)
    client.expect("directory")
    client.send("/play card")
    play = guest.get(wire.PLAY)
    guest.link.send(wire.STREAM, stream=play.stream, **{**CLIP, "frames": 240})
    client.expect("stream")
    client.send("/seek 5")
    seek = guest.get(wire.SEEK)
    # All the credit goes for a frame that was under way, under the old number: it is not wanted any more, but without
    # more credit nothing else could ever come.
    for at in range(0, play.credit, 8192):
        data = bytes(min(8192, play.credit - at))
        guest.link.send(wire.FRAME, chunk(play.stream, 0, data, flags=0 if at else 1, length=play.credit + 1))
    credit = guest.get(wire.CREDIT)
    assert credit.stream == seek.to and credit.bytes > 0, (credit, seek)
    guest.link.send(wire.FRAME, chunk(seek.to, 120, picture(place)))
    client.expect("frame", number=120)


@kit.case
def skips_are_counted_and_nonsense_of_them_is_refused(place):
    guest, client, number = asked(place)
    guest.link.send(wire.SKIPPED, stream=number, first=0, count=8)
    guest.link.send(wire.STREAM_END, stream=number, reason=1, sentence="")
    assert client.expect("stream_end")["skipped"] == 8
    leave(guest, client, 0)
    for first, count in ((0, 9), (8, 1), (2**32 - 1, 2**32 - 1), (0, 2**32 - 1)):
        guest, client, number = asked(place)
        guest.link.send(wire.SKIPPED, stream=number, first=first, count=count)
        assert closing(guest) == 1, (first, count)
        over(client, 1)


@kit.case
def a_skip_of_millions_holds_nothing_up(place):
    guest, client, number = asked(place, frames=10_000_000)
    guest.link.send(wire.SKIPPED, stream=number, first=0, count=9_999_999)
    client.expect("frame", number=0, outcome="skipped")
    leave(guest, client, 0)
    assert len(client.seen("frame")) < 1_000_000


@kit.case
def a_cast_has_nothing_of_a_film(place):
    for kind in (wire.SKIPPED, wire.FRAME):
        lair, guest, client = entered(place)
        client.expect("directory")
        client.send("/play card")
        play = guest.get(wire.PLAY)
        guest.link.send(wire.LIVE, stream=play.stream, flags=0, id=bytes(16), name="card", title="", caster="bob",
                        spki=IDENTITIES["bob"].spki)
        client.expect("live")
        if kind == wire.SKIPPED:
            guest.link.send(kind, stream=play.stream, first=0, count=9_999_999)
        else:
            guest.link.send(kind, chunk(play.stream, 0, picture(place)))
        assert closing(guest) == 1, kind
        over(client, 1)


if __name__ == "__main__":
    kit.main()
