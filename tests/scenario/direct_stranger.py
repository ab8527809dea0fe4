"""den's direct chats against an independent client: as caller, as callee, and as somebody who lies."""

import stranger  # before kit: it may change to another Python

import shutil
import socket
import time

from stranger import keys, wire
from stranger.direct import Caller, Phone
from stranger.link import Ended, Link
from stranger.peer import Peer

import kit

IDENTITIES = sorted((keys.Identity() for _ in range(3)), key=lambda one: one.fingerprint)
EVE = IDENTITIES[1]


class Hall:
    """alice is den, eve the stranger; both are in the room, and eve takes calls."""

    def __init__(self, place, identity=EVE, phone=None, options=(), client=kit.Client):
        self.server = kit.Server(place)
        self.alice = client(self.server, "alice", *options)
        self.phone = Phone(phone or identity)
        self.eve = Peer(self.server, "eve", identity, port=self.phone.port)
        self.room = self.eve.server
        if client is kit.Client:
            self.alice.expect("joined", name="eve", direct=True)

    def called(self, fields=b""):
        """eve calls, alice accepts."""
        caller = Caller(self.eve, "alice", call=False)
        caller.call(fields=fields)
        self.alice.expect("call", name="eve", state="ringing", direction="in", fingerprint=EVE.shown)
        self.alice.send("/accept eve")
        caller.accepted()
        self.alice.expect("chat", name="eve")
        return caller

    def calls(self):
        """alice calls; eve's phone has it."""
        self.alice.send("/chat eve")
        callee = self.phone.answer(self.room)
        assert callee.call.name == "alice" and keys.fingerprint(callee.call.spki) == keys.fingerprint(
            self.eve.members["alice"].spki)
        return callee

    def goes_on(self):
        """A chat both ways, and the room."""
        caller = self.called()
        caller.say("it goes on")
        self.alice.expect("direct", from_="eve", text="it goes on")
        self.alice.send("EOM")
        caller.over()
        self.alice.expect("chat_end", reason="eom")
        self.room_goes_on()

    def room_goes_on(self):
        self.eve.say("alice", "and the room")
        self.alice.expect("message", text="and the room")


def end_of(alice, reason):
    return alice.expect("chat_end", name="eve", reason=reason)["text"]


# Honest


@kit.case
def the_stranger_calls(place):
    hall = Hall(place)
    caller = hall.called(fields=wire.field(9, b"later"))
    caller.say("hello", fields=wire.field(7, b"later"))
    hall.alice.expect("direct", from_="eve", text="hello")
    caller.say("x" * 16384)
    hall.alice.expect("direct", text="x" * 16384)
    hall.alice.send("Grüße")
    caller.hear("Grüße")
    caller.link.send(0x80, b"from the future")
    caller.eom()
    end_of(hall.alice, "eom")
    hall.goes_on()


@kit.case
def the_stranger_is_called(place):
    hall = Hall(place)
    callee = hall.calls()
    callee.ring(fields=wire.field(9, b"later"))
    hall.alice.expect("call", state="ringing", direction="out", name="eve")
    callee.link.send(wire.ACCEPT, fields=wire.field(9, b"later"))
    hall.alice.expect("chat", name="eve", direction="out")
    hall.alice.send("hello")
    callee.hear("hello")
    callee.say("hi")
    hall.alice.expect("direct", text="hi")
    hall.alice.send("EOM")
    callee.over()
    end_of(hall.alice, "eom")


@kit.case
def every_answer_to_a_call(place):
    hall = Hall(place)
    callee = hall.calls()
    callee.ring()
    callee.link.send(wire.DECLINE)
    assert callee.link.end()
    assert "declined" in end_of(hall.alice, "declined")
    for code, reason in ((9, "refused"), (6, "busy")):
        callee = hall.calls()
        callee.link.send(wire.ERROR, code=code, sentence="no")
        assert callee.link.end()
        end_of(hall.alice, reason)
    callee = hall.calls()
    callee.ring()
    callee.link.send(wire.ERROR, code=8, sentence="no")
    end_of(hall.alice, "no-answer")
    callee = hall.calls()
    callee.ring()
    hall.alice.expect("call", state="ringing")
    hall.alice.send("EOM")
    callee.get(wire.QUIT)
    end_of(hall.alice, "hung-up")
    callee = hall.calls()
    callee.accept()
    hall.alice.expect("chat")
    callee.link.cut()
    assert "lost" in end_of(hall.alice, "gone")
    callee = hall.calls()
    callee.link.cut()
    end_of(hall.alice, "unreachable")
    hall.goes_on()


@kit.case
def a_call_is_answered_by_the_user_alone(place):
    hall = Hall(place)
    caller = Caller(hall.eve, "alice")
    caller.rings()
    hall.alice.expect("call", state="ringing")
    assert caller.link.silent()
    hall.alice.send("/decline")
    caller.get(wire.DECLINE)
    assert caller.link.end()
    end_of(hall.alice, "declined")
    caller = Caller(hall.eve, "alice")
    caller.rings()
    hall.alice.expect("call", state="ringing")
    caller.link.send(wire.QUIT, sentence="")
    end_of(hall.alice, "hung-up")
    # A newer call of the same peer takes the older one's place.
    first, second = hall.called(), Caller(hall.eve, "alice")
    end_of(hall.alice, "called-again")
    first.get(wire.QUIT)
    second.rings()
    hall.alice.expect("call", state="ringing")
    hall.alice.send("/accept")
    second.get(wire.ACCEPT)
    hall.goes_on()


def crossing(place, identity):
    hall = Hall(place, identity)
    ours = hall.calls()
    theirs = Caller(hall.eve, "alice")
    theirs.rings()
    return hall, ours, theirs


@kit.case
def both_call_and_the_strangers_call_stands(place):
    """The stranger's fingerprint is the smaller one: den accepts its call and drops its own."""
    for identity in IDENTITIES:
        (place / identity.shown[7:]).mkdir()
        hall, ours, theirs = crossing(place / identity.shown[7:], identity)
        if identity.fingerprint < keys.fingerprint(hall.eve.members["alice"].spki):
            theirs.get(wire.ACCEPT)
            ours.get(wire.QUIT)
        else:
            # den's stands: it waits, and takes ours if its own fails.
            assert theirs.link.silent()
            ours.link.cut()
            theirs.get(wire.ACCEPT)
        hall.alice.expect("chat", name="eve", direction="in")
        assert not hall.alice.seen("chat_end")
        theirs.say("crossed")
        hall.alice.expect("direct", text="crossed")
        hall.alice.send("well met")
        theirs.hear("well met")


# Whom den calls


@kit.case
def somebody_else_at_the_address(place):
    hall = Hall(place, phone=IDENTITIES[0])
    hall.alice.send("/chat eve")
    try:
        link = hall.phone.listener.accept()
        link.receive()
        raise AssertionError("something was said")
    except Ended:
        pass
    assert "SOMEBODY ELSE" in end_of(hall.alice, "wrong-key")
    hall.goes_on()


@kit.case
def answers_that_cannot_be(place):
    hall = Hall(place)
    for wrong in (lambda c: c.link.send(wire.ACCEPT), lambda c: c.say("too soon"), lambda c: c.link.send(wire.EOM),
                  lambda c: c.ring(version=0), lambda c: c.ring(version=2), lambda c: c.link.send(wire.CALL, b""),
                  lambda c: c.link.send(wire.RINGING, b"short"), lambda c: c.link.send(wire.HELLO, b""),
                  lambda c: c.link.raw(b"\x44\xff\xff\xff\xff"), lambda c: c.link.send(0x80, b"")):
        callee = hall.calls()
        wrong(callee)
        assert callee.refused()[:2] == b"\0\1"
        end_of(hall.alice, "protocol")
    for wrong in (lambda c: c.link.send(wire.TEXT, b"\0\0"), lambda c: c.link.send(wire.TEXT, b"\0\1\xff"),
                  lambda c: c.link.send(wire.TEXT, b"\0\1xy"), lambda c: c.link.raw(b"\x44\0\0\x44\x01"),
                  lambda c: c.link.send(wire.ACCEPT), lambda c: c.ring(), lambda c: c.link.send(wire.EOM, b"x"),
                  lambda c: c.link.send(0x46, b""), lambda c: c.link.send(wire.SEALED, b"")):
        callee = hall.calls()
        callee.accept()
        wrong(callee)
        assert callee.refused()[:2] == b"\0\1"
        end_of(hall.alice, "protocol")
    hall.goes_on()


@kit.case
def what_is_written_there_is_clean_here(place):
    hall = Hall(place, client=kit.Talker)
    caller = Caller(hall.eve, "alice")
    hall.alice.line(r"^\* eve \(new key\) calls, for a direct chat: /accept eve or /decline eve$")
    hall.alice.send("/accept")
    caller.accepted()
    hall.alice.line(r"^\* \[direct\] eve \(new key\) and you are connected")
    caller.say("a\x1b[2Jb\u202ec\nd")
    hall.alice.line("^\\[direct\\] eve \\(new key\\): a\ufffd\\[2Jb\ufffdc$")
    hall.alice.line("^      d$")


# Who calls


def raw_refusal(hall, **call):
    """All that comes back for such a CALL, and how long it takes."""
    caller = Caller(hall.eve, "alice", call=False)
    began = time.monotonic()
    caller.call(**call)
    payload = caller.refused()
    return payload, time.monotonic() - began


@kit.case
def all_refusals_are_the_same(place):
    hall = Hall(place)
    other = IDENTITIES[2]
    alice_spki = hall.eve.members["alice"].spki
    hall.server.den("carol", "who")     # bound, but not here, and never met
    lies = (dict(room=bytes(32)), dict(name="nobody"), dict(name="carol"), dict(name="alice"), dict(version=0),
            dict(signature=bytes(256)), dict(signed={"exporter": bytes(32)}), dict(signed={"callee": bytes(32)}),
            dict(signed={"caller": bytes(32)}), dict(signed={"name": b"Eve"}), dict(signed={"room": bytes(32)}),
            dict(signed={"purpose": "link"}), dict(spki=other.spki), dict(spki=bytes(294)), dict(spki=alice_spki),
            dict(name="alice", spki=alice_spki))
    answers = [raw_refusal(hall, **lie) for lie in lies]
    hall.alice.send("/ignore eve")
    hall.alice.expect("note")
    answers.append(raw_refusal(hall))
    hall.alice.send("/ignore eve off")
    hall.alice.expect("note")
    assert {payload for payload, _ in answers} == {answers[0][0]} and answers[0][0][:2] == b"\0\x09", answers
    assert min(seconds for _, seconds in answers) >= 0.29, answers
    assert not hall.alice.seen("call") and not hall.alice.seen("chat_end")
    hall.goes_on()


@kit.case
def a_key_that_changed_is_not_let_in(place):
    hall = Hall(place)
    hall.alice.quit()
    hall.eve.quit()
    # Another eve is known to alice: the server forgets the names.
    hall.server.stop()
    for file in hall.server.state.iterdir():
        if file.name != "identity.pem":
            shutil.rmtree(file) if file.is_dir() else file.unlink()
    hall.server.listen = hall.server.address
    hall.server.start()
    hall.eve = Peer(hall.server, "eve", IDENTITIES[0], port=hall.phone.port)
    hall.alice = kit.Client(hall.server, "alice")
    hall.alice.expect("error", code="key-changed")
    hall.eve.wait_for("alice")
    payload, _ = raw_refusal(hall)
    assert payload[:2] == b"\0\x09"
    hall.alice.send("/chat eve")
    hall.alice.expect("error", code="key-changed")
    assert not hall.alice.seen("call")
    hall.alice.send("/trust eve")
    hall.alice.expect("trusted")
    caller = Caller(hall.eve, "alice")
    caller.rings()
    hall.alice.expect("call", state="ringing", fingerprint=IDENTITIES[0].shown)


@kit.case
def calls_that_are_none(place):
    hall = Hall(place)
    port = hall.eve.members["alice"].port
    for data in (b"", b"\x40", b"\x44\0\0\0\0", b"\x01\0\0\0\0", b"\x40\0\0\x10\x01", b"\x40\xff\xff\xff\xff",
                 wire.frame(wire.CALL, b""), wire.frame(wire.CALL, bytes(595)), b"\x80\0\0\0\0", b"\x42\0\0\0\0"):
        link = Link.connect("127.0.0.1", port)
        link.raw(data)
        if len(data) < 5:
            link.cut()
            continue
        message = link.receive()
        assert (message.type, message.code) == (wire.ERROR, 1), (data, message)
        assert link.end()
    caller = Caller(hall.eve, "alice")
    caller.rings()
    hall.alice.expect("call", state="ringing")
    caller.say("before it is accepted")
    assert caller.refused()[:2] == b"\0\1"
    hall.alice.expect("chat_end", reason="protocol")
    hall.goes_on()
    for data in (b"GET / HTTP/1.1\r\n\r\n", bytes(1000), b"\x16\x03\x01\xff\xff" + bytes(100)):
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.sendall(data)
            sock.settimeout(stranger.PATIENCE)
            try:
                while sock.recv(4096):
                    pass
            except ConnectionError:
                pass
    hall.goes_on()


@kit.case
def a_flood_of_connections(place):
    """Many connect and say nothing; those over the limit are closed at once, and the room goes on meanwhile."""
    hall = Hall(place)
    port = hall.eve.members["alice"].port
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(60)]
    closed = 0
    for sock in silent:
        sock.settimeout(0.5 if closed >= 56 else stranger.PATIENCE)
        # The first four wait for us; later ones find the end of file.
        if silent.index(sock) >= 4:
            assert sock.recv(1) == b""
            closed += 1
    assert closed == 56
    hall.room_goes_on()
    # Ten seconds later the four are gone as well.
    for sock in silent[:4]:
        sock.settimeout(stranger.PATIENCE)
        assert sock.recv(1) == b""
        sock.close()
    for sock in silent[4:]:
        sock.close()
    hall.goes_on()


@kit.case
def too_many_chats(place):
    hall = Hall(place)
    others = [Peer(hall.server, f"p{i}", keys.Identity()) for i in range(17)]
    for other in others:
        hall.alice.expect("joined", name=other.name)
    calls = []
    for other in others[:16]:
        calls.append(Caller(other, "alice"))
        calls[-1].rings()
        hall.alice.expect("call", name=other.name, state="ringing")
        if len(calls) <= 12:     # no more than 8 ring at once: hostile_direct.py
            hall.alice.send(f"/accept {other.name}")
            calls[-1].get(wire.ACCEPT)
    one_more = Caller(others[16], "alice")
    assert one_more.refused()[:2] == b"\0\6"
    hall.alice.send("/accept", "/chat eve")
    hall.alice.expect("error", code="usage")
    hall.alice.expect("error", code="limit")
    hall.alice.send("/accept p13")
    calls[13].get(wire.ACCEPT)
    hall.alice.quit()
    assert calls[13].get(wire.EOM)
    assert calls[14].get(wire.DECLINE)


if __name__ == "__main__":
    kit.main()
