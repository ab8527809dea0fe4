"""A client that was written from the document alone, among real ones, in a real room."""

import stranger  # before kit: it may change to another Python

import base64
import hashlib
import re
import types

from cinema_room import card, jpegs
from stranger import bindings, envelope, film, keys, talk, testimony, wire
from stranger.peer import TELLING, Peer

import kit

DOCUMENT = (kit.TOP / "src" / "wire" / "PROTOCOL.md").read_text()
FIELD = wire.field(200, b"from the future")


def blocks(kind):
    """The document's examples: name -> text."""
    return dict(re.findall(rf"^```{kind} (\S+)\n(.*?)^```$", DOCUMENT, re.M | re.S))


@kit.case
def the_documents_example_is_understood(place):
    has = {name: bytes.fromhex(text) for name, text in blocks("hex").items()}
    pem = {name: text.encode() for name, text in blocks("pem").items()}
    alice, bob = (keys.Identity.from_pem(pem[name]) for name in ("alice", "bob"))
    server = keys.fingerprint(keys.spki_of_pem(pem["server"]))
    hello = wire.frame(wire.HELLO, wire.pack(wire.HELLO, version=1, features=3, flags=0, name="alice", key=alice.pem,
                                             port=0))
    assert hello == has["hello"] and wire.unpack(wire.HELLO_ACK, has["hello-ack"][5:]).key == pem["server"]
    signed = bytes(range(0xe0, 0x100)), server, alice.fingerprint, b"alice", b""
    assert keys.signed_bytes("link", *signed) == has["link-signed"]
    assert keys.signature_holds(alice.spki, wire.unpack(wire.ACK, has["ack"][5:]).signature, "link", *signed)
    listed = bindings.Bindings(server)
    listed.apply(wire.unpack(wire.BINDINGS, has["bindings"][5:]))
    assert listed.hashes == [server, has["h1"], has["h2"]]
    assert listed.h == wire.unpack(wire.WELCOME, has["welcome"][5:]).h
    assert [m.name for m in wire.members_of(wire.unpack(wire.MEMBERS, has["members"][5:]))] == ["alice", "bob"]
    assert testimony.ask(listed, 2) == has["testimony"]
    assert len(testimony.read(has["testimony"], server, 2, listed.h).entries) == 2
    # The conversation with the server: alice's link is that of the example.
    assert has["session-label"] == keys.SESSION + signed[0]
    assert alice.unwrap(has["session-wrapped"], has["session-label"]) == has["session-key"]
    assert keys.signed_bytes("session", *signed[:3], has["session-wrapped"]) == (
        has["session-signed"] + has["session-wrapped"])
    link = types.SimpleNamespace(exporter=signed[0])
    came = talk.Talk(link, has["session-key"], talk.SERVER, None, alice.spki).read(
        wire.unpack(wire.LINE, has["line"][5:]))
    assert came.text == "Good morning." and came.holds
    assert keys.signed_bytes("line", signed[0], wire.number(4, 1), bytes(8), b"Good morning.") == has["line-signed"]
    assert keys.signed_bytes("say", server, wire.number(8, 1767225600000 << 20), b"Dinner at eight.") == has["say-signed"]
    sent = wire.unpack(wire.SEND, has["send"][5:])
    sealed = wire.unpack(wire.SEALED, has["sealed-head"][5:] + sent.envelope)
    letter = envelope.judge(sealed, bob, server, listed, envelope.Window())
    assert letter.body.decode() == "Grüße, Bob: only you can read this." and letter.id == sent.id
    assert envelope.judge(sealed, alice, server, listed, envelope.Window()) is None


@kit.case
def it_enters_sees_who_comes_and_goes_and_is_seen(place):
    server = kit.Server(place, "--room", "der Bau")
    alice = kit.Client(server, "alice")
    zoe = Peer(server, "Zoe")
    assert alice.expect("joined", name="Zoe")["fingerprint"] == zoe.fingerprint
    assert zoe.room.room == "der Bau" and zoe.room.n == 2 and sorted(zoe.members) == ["alice", "zoe"]
    bob = kit.Client(server, "bob")
    zoe.wait_for("bob")
    assert bob.directory["n"] == zoe.bindings.n == 3
    assert keys.shown(keys.fingerprint(zoe.members["bob"].spki)) == bob.fingerprint
    bob.quit()
    zoe.wait_for("bob", "left")
    assert "bob" not in zoe.members and zoe.quit("goodbye")
    assert alice.expect("left", name="Zoe")
    last = Peer(server, "zoe", zoe.me)
    assert last.bindings.h == zoe.bindings.h and last.members["zoe"].spki == zoe.me.spki
    last.link.cut()
    alice.expect("left", name="zoe")


@kit.case
def sealed_to_one_both_ways_and_nobody_else_opens_it(place):
    server = kit.Server(place)
    alice = kit.Client(server, "alice")
    zoe, eve = Peer(server, "zoe"), Peer(server, "eve")
    alice.expect("joined", name="eve")
    zoe.wait_for("eve")
    assert zoe.say("alice", "Grüße\nvon zoe") == 1
    got = alice.expect("message")
    assert (got["from"], got["text"], got["to"]) == ("zoe", "Grüße\nvon zoe", "one")
    assert got["number"] == 1 and got["verified"]
    alice.send("/msg zoe und zurück")
    sealed, letter = zoe.hear()
    assert (sealed.sender, sealed.number, letter.body.decode()) == ("alice", 2, "und zurück")
    assert (letter.n, letter.h) == (3, zoe.bindings.h) and alice.expect("sent")["id"] == str(letter.id)
    for number in (1, 2):
        passed = eve.wait(wire.SEALED)
        assert passed.number == number and eve.judge(passed) is None
    # And one that is not for alice is to her what the document says: bytes.
    sent = zoe.seal("eve", "not for alice")
    zoe.put(sent.envelope, sent.id)
    assert base64.b64decode(alice.expect("sealed", number=3)["base64"]) == sent.envelope
    assert eve.hear()[1].body == b"not for alice"


@kit.case
def sealed_to_all_both_ways(place):
    server = kit.Server(place)
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    zoe, eve = Peer(server, "zoe"), Peer(server, "eve")
    for client in (alice, bob):
        client.expect("joined", name="eve")
    zoe.wait_for("eve")
    zoe.say(None, "dinner")
    for client in (alice, bob):
        got = client.expect("message")
        assert (got["from"], got["to"], got["text"]) == ("zoe", "all", "dinner")
    sealed, letter = eve.hear()
    assert [hint for hint, _ in envelope.outside(sealed.envelope)[3]] == [eve.me.fingerprint[:4]]
    alice.send("/all at eight")
    assert zoe.hear()[1].body == eve.hear()[1].body == b"at eight"
    # Who has no slot gets it with none, and can't read it.
    letter = zoe.letter(None, "without eve")
    plain = envelope.pad(letter.content(zoe.me))
    zoe.put(envelope.seal(envelope.ALL, plain, [zoe.members["bob"].spki]), letter.id)
    assert bob.expect("message", text="without eve") and alice.expect("sealed", from_="zoe")
    passed = eve.wait(wire.SEALED)
    assert envelope.outside(passed.envelope)[3] == [] and eve.judge(passed) is None


@kit.case
def every_size_class_opens_at_its_edges(place):
    server = kit.Server(place)
    alice, zoe = kit.Client(server, "alice"), Peer(server, "zoe")
    edges = [c - 4 - 677 - 3 for c in envelope.CLASSES[:6]] + [65536]
    for size in edges + [e + 1 for e in edges[:-1]] + [0]:
        text = "x" * size
        zoe.say("alice", text)
        assert alice.expect("message")["text"] == text
        alice.send(f"/msg zoe {text or 'x'}")
        sealed, letter = zoe.hear()
        assert letter.body.decode() == (text or "x")
        # den takes the smallest class that holds it.
        used = len(envelope.outside(sealed.envelope)[2]) - 16
        assert used == next(c for c in envelope.CLASSES if c >= 4 + 677 + len("alice") + len(letter.body))


@kit.case
def what_the_future_may_add_is_skipped(place):
    """Fields at the end of everything that may have them, and messages from 0x80 on."""
    card(place, fps="4", heights="120")
    server = kit.Server(place)
    alice = kit.Client(server, "alice")
    zoe = Peer(server, "zoe", enter=False)
    zoe.hello(fields=FIELD + wire.field(0, b""), version=7, features=(1 << 64) - 1, flags=0xf0)
    zoe.prove(fields=FIELD, invitation=bytes(16))
    zoe.welcome()
    for kind, payload in ((0x80, b""), (0xff, bytes(65536)), (0x9a, b"x")):
        zoe.link.send(kind, payload)
    letter = zoe.letter("alice", "with fields", fields=FIELD)
    zoe.put(envelope.seal(envelope.ONE, envelope.pad(letter.content(zoe.me)), zoe.keys_of("alice")), letter.id)
    assert alice.expect("message", text="with fields")
    zoe.link.send(wire.PLAY, fields=FIELD, stream=1, clip="card", schedule="thirds", start=0, credit=0)
    zoe.get(wire.STREAM)
    zoe.link.send(wire.CREDIT, fields=FIELD, stream=1, bytes=10, wanted=0)
    assert len(zoe.get(wire.FRAME).data) <= 10
    zoe.link.send(wire.SEEK, fields=FIELD, stream=1, to=2, frame=3)
    zoe.link.send(wire.STOP, fields=FIELD, stream=2)
    assert zoe.wait(wire.STREAM_END, stream=2).reason == 2
    zoe.link.send(wire.QUIT, fields=FIELD, sentence="")
    assert zoe.link.end()


@kit.case
def names_belong_to_keys(place):
    server = kit.Server(place)
    alice = kit.Client(server, "alice")
    other = keys.Identity()
    thief = Peer(server, "Alice", other, enter=False)
    thief.hello()
    thief.prove()
    assert thief.refused() == 4
    for name in ("", "two words", "x" * 33, "naïve", "a/b", "a\0"):
        stray = Peer(server, name, other, enter=False)
        stray.hello()
        assert stray.refused() == 1, name
    for name in ("x" * 32, "-._0Z"):
        Peer(server, name, other).quit()
    assert alice.expect("joined", name="-._0Z")["fingerprint"] == other.shown


@kit.case
def one_key_replaces_itself_and_shots_replace_nobody(place):
    server = kit.Server(place)
    alice = kit.Client(server, "alice")
    zoe, eve = Peer(server, "zoe"), Peer(server, "eve")
    shot = Peer(server, "zoe", zoe.me, flags=2)
    assert sorted(shot.members) == ["alice", "eve", "zoe"]
    shot.say("alice", "from a shot")
    assert alice.expect("message", text="from a shot")["from"] == "zoe"
    assert zoe.judge(zoe.wait(wire.SEALED)) is None     # comes back to the member of that name
    shot.quit()
    again = Peer(server, "ZOE", zoe.me)
    assert zoe.refused() == 5
    eve.wait_for("ZOE")
    again.say("alice", "it is me")
    alice.expect("message", text="it is me")
    eve.wait(wire.SEALED, sender="ZOE")
    assert ("left", "zoe") not in eve.told and sorted(eve.members) == ["alice", "eve", "zoe"]
    assert not alice.seen("left")
    for i in range(3):                                  # a new name, which is in no list that alice has seen yet
        new = Peer(server, f"new{i}", flags=2)
        new.say("alice", f"first word {i}")
        alice.expect("message", text=f"first word {i}")
        new.quit()
    gast = Peer(server, "gast", flags=3)                # ephemeral and one-shot: neither bound nor a member
    assert gast.room.n == new.room.n
    gast.say("alice", "and gone")
    assert alice.expect("message", text="and gone")["from"] == "gast" and not alice.seen("error")


@kit.case
def ephemeral_names_are_not_bound(place):
    server = kit.Server(place)
    alice = kit.Client(server, "alice")
    gast = Peer(server, "gast", flags=1, port=40000)
    assert gast.room.n == 1 and gast.members["gast"].flags == 1
    assert (gast.members["gast"].address, gast.members["gast"].port) == ("127.0.0.1", 40000)
    assert alice.expect("joined", name="gast")["ephemeral"]
    other = Peer(server, "gast", enter=False)
    other.hello()
    other.prove()
    assert other.refused() == 4
    gast.quit()
    alice.expect("left", name="gast")
    other = Peer(server, "gast")
    assert other.room.n == 2 and alice.expect("joined", name="gast")["fingerprint"] == other.fingerprint


# The cinema


def open_stream(zoe, number=1, clip="card", schedule="thirds", start=0, credit=1 << 26):
    zoe.link.send(wire.PLAY, stream=number, clip=clip, schedule=schedule, start=start, credit=credit)
    return zoe.get(wire.STREAM)


def stop(zoe, number):
    zoe.link.send(wire.STOP, stream=number)
    assert (end := zoe.get(wire.STREAM_END)).reason == 2 and end.stream == number


def collect(zoe, number, grant=0):
    """All until STREAM_END: [("frame", head) or ("skipped", first, count)...], reason."""
    reel, got = film.Film(), []
    while True:
        message = zoe.next()
        if message.type in TELLING:
            continue
        assert message.stream == number, message
        if message.type == wire.FRAME:
            whole = reel.add(message)
            if whole:
                got.append(("frame", whole))
            if grant and message.data:
                zoe.link.send(wire.CREDIT, stream=number, bytes=len(message.data), wanted=0)
        elif message.type == wire.SKIPPED:
            got.append(("skipped", message.first, message.count))
        else:
            assert message.type == wire.STREAM_END and reel.head is None, message
            return got, message.reason


@kit.case
def the_clips_are_listed(place):
    card(place, "one", heights="120,240")
    card(place, "two", fps="30000/1001")
    zoe = Peer(kit.Server(place), "zoe")
    zoe.link.send(wire.LIST, b"")
    clips = zoe.get(wire.CLIPS)
    assert clips.more == 0
    one, two = wire.clips_of(clips)
    assert (one.name, one.fps_num, one.fps_den, one.frames, one.heights) == ("one", 24, 1, 24, [120, 240])
    assert (two.name, two.fps_num, two.fps_den, two.heights) == ("two", 30000, 1001, [240, 480])


@kit.case
def every_frame_comes_in_order_by_thirds(place):
    folder = card(place, fps="25", heights="120,240,360")
    films = {int(f.stem[:-1]): jpegs(f) for f in folder.glob("*.mjpeg")}
    zoe = Peer(kit.Server(place), "zoe")
    stream = open_stream(zoe)
    assert (stream.stream, stream.name, stream.schedule, stream.frames) == (1, "card", "thirds", 25)
    assert stream.heights == [120, 240, 360] and [h for _, h in stream.sizes] == [120, 240, 360]
    got, reason = collect(zoe, 1)
    frames = [head for _, head in got]
    assert reason == 1 and [f.number for f in frames] == [f.source for f in frames] == list(range(25))
    assert [f.height for f in frames] == [(120, 240, 360)[i * 3 // 25] for i in range(25)]
    assert [f.pts for f in frames] == [i * 10**9 // 25 for i in range(25)]
    assert all(f.jpeg == films[f.height][f.source] for f in frames)


@kit.case
def other_schedules(place):
    card(place, fps="10", heights="120,240")
    zoe = Peer(kit.Server(place), "zoe")
    for i, (asked, said, heights) in enumerate((("alternate", "alternate", [120, 240] * 5), ("240", "240", [240] * 10),
                                                ("120p", None, [120] * 10)), 1):
        stream = open_stream(zoe, i, schedule=asked)
        assert said is None or stream.schedule == said, stream
        got, _ = collect(zoe, i)
        assert [f.height for _, f in got] == heights
        stop(zoe, i)
    open_stream(zoe, 9, start=7)
    assert [f.number for _, f in collect(zoe, 9)[0]] == [7, 8, 9]
    open_stream(zoe, 10, start=10)
    assert collect(zoe, 10) == ([], 1)


@kit.case
def never_more_than_the_credit(place):
    folder = card(place, fps="8", heights="120")
    size = sum(map(len, jpegs(folder / "120p.mjpeg")))
    zoe = Peer(kit.Server(place), "zoe")
    open_stream(zoe, credit=0)
    zoe.link.send(wire.LIST, b"")
    zoe.get(wire.CLIPS)                                 # nothing of the stream came before
    reel, taken = film.Film(), 0
    for grant in (1, 2, 1000, 1, size - 1104):
        zoe.link.send(wire.CREDIT, stream=1, bytes=grant, wanted=0)
        taken += grant
        while reel.taken < taken:
            reel.add(zoe.get(wire.FRAME))
        assert reel.taken == taken
    zoe.link.send(wire.LIST, b"")
    zoe.get(wire.CLIPS)
    zoe.link.send(wire.CREDIT, stream=1, bytes=100, wanted=0)
    while not reel.add(zoe.get(wire.FRAME)):
        pass
    assert reel.highest == 7 and reel.taken == size and zoe.get(wire.STREAM_END).reason == 1


@kit.case
def what_is_not_wanted_is_skipped_in_its_place(place):
    card(place, fps="24", heights="120")
    zoe = Peer(kit.Server(place), "zoe")
    open_stream(zoe, credit=100)
    reel = film.Film()
    while reel.taken < 100:
        reel.add(zoe.get(wire.FRAME))
    # Frame 0 was begun, so it comes to its end; then 1 to 9 are skipped; a lower number later changes nothing.
    zoe.link.send(wire.CREDIT, stream=1, bytes=0, wanted=10)
    zoe.link.send(wire.CREDIT, stream=1, bytes=1 << 20, wanted=3)
    while not (whole := reel.add(zoe.get(wire.FRAME))):
        pass
    assert whole.number == 0
    got = zoe.get(wire.SKIPPED)
    assert (got.first, got.count) == (1, 9)
    frames, reason = collect(zoe, 1)
    assert [f.number for _, f in frames] == list(range(10, 24)) and reason == 1
    # The stream is still open: SEEK goes on, and `wanted` began anew.
    zoe.link.send(wire.SEEK, stream=1, to=2, frame=20)
    assert [f.number for _, f in collect(zoe, 2)[0]] == [20, 21, 22, 23]
    zoe.link.send(wire.CREDIT, stream=2, bytes=0, wanted=1000)
    zoe.link.send(wire.SEEK, stream=2, to=3, frame=0)
    assert [f.number for _, f in collect(zoe, 3)[0]] == list(range(24))
    zoe.link.send(wire.SEEK, stream=3, to=4, frame=24)
    assert collect(zoe, 4) == ([], 1)
    stop(zoe, 4)
    # An end needs no credit.
    open_stream(zoe, 5, credit=0)
    zoe.link.send(wire.CREDIT, stream=5, bytes=0, wanted=1 << 31)
    assert collect(zoe, 5) == ([("skipped", 0, 24)], 1)


@kit.case
def a_seek_breaks_a_frame_off_and_takes_the_credit_along(place):
    folder = card(place, fps="24", heights="120")
    sizes = list(map(len, jpegs(folder / "120p.mjpeg")))
    zoe = Peer(kit.Server(place), "zoe")
    open_stream(zoe, credit=100)
    reel = film.Film()
    while reel.taken < 100:
        reel.add(zoe.get(wire.FRAME))
    zoe.link.send(wire.SEEK, stream=1, to=7, frame=20)
    zoe.link.send(wire.CREDIT, stream=1, bytes=1 << 20, wanted=0)      # for a number that is gone: ignored
    zoe.link.send(wire.CREDIT, stream=7, bytes=sizes[20] + 50, wanted=0)
    reel = film.Film()
    while reel.taken < sizes[20] + 50:
        chunk = zoe.get(wire.FRAME)
        assert chunk.stream == 7
        reel.add(chunk)
    assert reel.head.number == 21 and reel.taken == sizes[20] + 50
    zoe.link.send(wire.STOP, stream=1)                                  # not known: ignored
    stop(zoe, 7)
    open_stream(zoe, 7)                                                 # and the number is free
    assert len(collect(zoe, 7)[0]) == 24


@kit.case
def broken_frames_are_skipped_and_counted(place):
    folder = card(place, fps="24", heights="120")
    path = folder / "120p.mjpeg"
    frames = jpegs(path)
    server = kit.Server(place)
    zoe = Peer(server, "zoe")
    open_stream(zoe)
    collect(zoe, 1)
    path.write_bytes(b"".join(frames[:10] + [b"\xff\xd8" + bytes(200)] + frames[11:]))
    (folder / "120p.idx").unlink(missing_ok=True)
    open_stream(zoe, 2)
    got, reason = collect(zoe, 2)
    assert reason in (1, 3), reason
    numbers = [n for g in got for n in ([g[1].number] if g[0] == "frame" else range(g[1], g[1] + g[2]))]
    assert numbers == list(range(len(numbers))), numbers


@kit.case
def what_cannot_be_played_is_refused(place):
    card(place, fps="8", heights="120")
    (place / "lib" / "broken").mkdir()
    (place / "lib" / "broken" / "clip.conf").write_text("nonsense\n")
    zoe = Peer(kit.Server(place), "zoe")

    def refusal(number, **play):
        zoe.link.send(wire.PLAY, **{"stream": number, "clip": "card", "schedule": "thirds", "start": 0, "credit": 0,
                                    **play})
        answer = zoe.get(wire.REFUSED)
        assert answer.about == number and answer.sentence
        return answer.code

    assert refusal(5, clip="none") == 10 and refusal(5, clip="../card") == 10
    assert refusal(5, clip="broken") == 11
    for schedule in ("121", "half", "", "THIRDS"):
        assert refusal(5, schedule=schedule) == 12, schedule
    for number in (1, 2, 3, 4):
        open_stream(zoe, number, credit=0)
    assert refusal(5) == 13
    stop(zoe, 2)
    open_stream(zoe, 5, credit=0)


@kit.case
def auto_shows_what_the_viewer_asks_for(place):
    folder = card(place, fps="24", heights="120,240,360")
    films = {height: jpegs(folder / f"{height}p.mjpeg") for height in (120, 240, 360)}
    server = kit.Server(place)
    zoe = Peer(server, "zoe", enter=False)
    zoe.hello()
    answer = zoe.read_hello()
    assert answer.features & 9 == 9
    zoe.link.send(wire.ACK, signature=zoe.proof(), invitation=b"")
    zoe.welcome()
    assert open_stream(zoe, schedule="auto", credit=100).schedule == "auto"
    reel = film.Film()
    while reel.taken < 100:
        reel.add(zoe.get(wire.FRAME))
    heights = [120]
    # The one that was begun is sent to its end; then the highest that is no higher. Nobody's stream is nobody's matter.
    for wish, height in ((240, 240), (300, 240), (65535, 360), (0, 120), (360, 360)):
        zoe.link.send(wire.RENDITION, stream=1, height=wish, fields=FIELD)
        zoe.link.send(wire.RENDITION, stream=9, height=120)
        rest = reel.head.length - reel.taken if reel.head else 0
        zoe.link.send(wire.CREDIT, stream=1, bytes=rest + 50, wanted=0)
        reel.taken = 0
        while reel.taken < rest + 50:
            whole = reel.add(zoe.get(wire.FRAME))
            assert not whole or (whole.height, whole.jpeg) == (heights[-1], films[heights[-1]][whole.number])
        reel.taken = len(reel.data)
        heights.append(height)
        assert reel.head.height == height and reel.head.number == len(heights) - 1
    # The wish goes along with a seek; of another schedule's stream it changes nothing.
    zoe.link.send(wire.SEEK, stream=1, to=2, frame=20)
    zoe.link.send(wire.CREDIT, stream=2, bytes=1 << 24, wanted=0)
    got, reason = collect(zoe, 2)
    assert [(f.number, f.height) for _, f in got] == [(n, 360) for n in range(20, 24)] and reason == 1
    stop(zoe, 2)
    open_stream(zoe, 3, schedule="240", credit=0)
    zoe.link.send(wire.RENDITION, stream=3, height=360)
    zoe.link.send(wire.CREDIT, stream=3, bytes=1 << 24, wanted=0)
    assert {f.height for _, f in collect(zoe, 3)[0]} == {240}
    # Who did not announce it does not get it.
    old = Peer(server, "old", features=1)
    old.link.send(wire.PLAY, stream=1, clip="card", schedule="auto", start=0, credit=0)
    assert old.get(wire.REFUSED).code == 12


@kit.case
def chat_goes_on_while_clips_run(place):
    folder = card(place, seconds=2, fps="24", heights="240,480,720")
    digest = hashlib.sha256(b"".join(jpegs(folder / "720p.mjpeg"))).hexdigest()
    server = kit.Server(place)
    alice, zoe = kit.Client(server, "alice"), Peer(server, "zoe")
    alice.expect("joined", name="zoe")
    zoe.link.send(wire.PLAY, stream=1, clip="card", schedule="720", start=0, credit=60000)
    alice.send(*[f"/msg zoe word {i}" for i in range(20)])
    reel, heard, data, reason = film.Film(), [], b"", None
    while reason is None or len(heard) < 20:
        message = zoe.next()
        if message.type == wire.FRAME:
            whole = reel.add(message)
            data += whole.jpeg if whole else b""
            zoe.link.send(wire.CREDIT, stream=1, bytes=len(message.data), wanted=0)
        elif message.type == wire.SEALED:
            letter = zoe.judge(message)
            heard.append(letter.body.decode())
        elif message.type == wire.STREAM_END:
            reason = message.reason
    assert heard == [f"word {i}" for i in range(20)] and hashlib.sha256(data).hexdigest() == digest
    assert zoe.say("alice", "and back") == 21 and alice.expect("message", text="and back")


kit.main()
