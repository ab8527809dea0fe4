"""The conversation with the server, one side of which is a stranger's program: honest, then lying."""

import stranger  # before kit: it may change to another Python

import base64
import os
import re

from console_ctl import ctl
from stranger import keys, talk, wire
from stranger.peer import TALK, VIDEO, Peer
from stranger_server import IDENTITIES, Lair, over

import kit

OVER = "Chat ended. Keys erased."
ZOE = keys.Identity()


class Lines:
    """dend, with den in its room; a stranger comes and goes."""

    def __init__(self, place):
        self.server = kit.Server(place)
        self.alice = kit.Client(self.server, "alice")

    def shows(self, text):
        self.server.process.line(rf"^\[zoe\] {text}$")

    def zoe(self, **hello):
        return Peer(self.server, "zoe", ZOE, **{"features": VIDEO | TALK, **hello})

    def talk(self):
        zoe = self.zoe()
        return zoe, zoe.take_key()

    def goes_on(self):
        """The room, and the conversation of others."""
        self.alice.send("/server all is well")
        self.server.process.line(r"^\[alice\] all is well$")


@kit.case
def a_strangers_client(place):
    lines = Lines(place)
    zoe, line = lines.talk()
    for text in ("hello", "grüße", "x" * 4096, "two\nlines"):
        sealed = line.write(text)
        lines.shows("received " + re.escape(base64.b64encode(sealed).decode()))
        lines.shows("signature holds")
        lines.shows(text.replace("\n", " "))
    ctl(lines.server, "msg", "zoe", "wie geht's?")
    got = line.read(zoe.wait(wire.LINE))
    assert (got.kind, got.text, got.holds) == (talk.LINE, "wie geht's?", True)
    ids = []
    for text in ("all of you", "once more"):
        ctl(lines.server, "say", text)
        got = line.read(zoe.wait(wire.LINE))
        assert (got.kind, got.text, got.holds) == (talk.SAY, text, True)
        ids.append(got.id)
    assert ids[0] < ids[1]
    # What is said to all is signed once.
    lines.alice.expect("talk", text="once more", to="all")
    zoe.link.send(wire.CLOSE, wire.field(7, b"later"))
    zoe.wait(wire.CLOSE)
    lines.shows(OVER)
    zoe.link.send(wire.LINE, line.line("too late"))     # under way, it may be: ignored
    zoe.link.send(wire.CLOSE)
    assert zoe.say("alice", "still here") == 1
    assert b"too late" not in lines.server.process.out
    zoe.quit()
    zoe, again = lines.talk()
    assert again.key != line.key
    again.write("a new one")
    lines.shows("a new one")
    lines.goes_on()


@kit.case
def who_does_not_announce_it_hears_nothing(place):
    lines = Lines(place)
    zoe = lines.zoe(features=VIDEO)
    ctl(lines.server, "say", "hello")
    assert ctl(lines.server, "msg", "zoe", "hello", code=1) == "zoe has no conversation with the server\n"
    assert zoe.say("alice", "nothing came") == 1 and zoe.link.silent()
    zoe.link.send(wire.CLOSE)
    assert zoe.refused() == 1


@kit.case
def the_server_closes(place):
    lines = Lines(place)
    zoe, line = lines.talk()
    line.write("hello")
    lines.shows("hello")
    ctl(lines.server, "close", "zoe")
    zoe.wait(wire.CLOSE)
    zoe.link.send(wire.LINE, line.line("was under way"))
    zoe.link.send(wire.CLOSE)
    assert zoe.say("alice", "still here") == 1
    assert b"was under way" not in lines.server.process.out
    lines.goes_on()


@kit.case
def signatures_that_do_not_hold(place):
    lines = Lines(place)
    zoe, line = lines.talk()
    other = talk.Talk(zoe.link, line.key, talk.CLIENT, IDENTITIES["bob"], line.peer)
    lies = ({"purpose": "say"}, {"text": b"another"}, {"exporter": os.urandom(32)}, {"direction": wire.number(4, 2)},
            {"counter": wire.number(8, 7)})
    broken = [line.line("do not show", **lie) for lie in lies]
    other.sent = line.sent
    broken.append(other.line("do not show"))
    for payload in broken:
        zoe.link.send(wire.LINE, payload)
        lines.shows("Signature verification failed")
    line.sent = other.sent
    line.write("but this")          # the counters were used up, the session goes on
    lines.shows("but this")
    assert b"do not show" not in lines.server.process.out


def refused(name, spoil):
    """A case: what the function sends ends the session with ERROR 1, and that alone."""
    def run(place):
        lines = Lines(place)
        zoe, line = lines.talk()
        line.write("hello")
        lines.shows("hello")
        spoil(zoe, line)
        assert zoe.refused() == 1
        lines.shows(OVER)
        assert b"do not show" not in lines.server.process.out
        lines.goes_on()
    run.__name__ = name
    kit.case(run).__module__ = __name__


def flipped(payload, at):
    at %= len(payload)
    return payload[:at] + bytes([payload[at] ^ 1]) + payload[at + 1:]


def sends(make):
    return lambda zoe, line: zoe.link.send(wire.LINE, make(line))


for name, spoil in {
    "a_line_sent_twice": lambda zoe, line: [zoe.link.send(wire.LINE, p) for p in [line.line("once")] * 2],
    "a_counter_left_out": sends(lambda line: line.seal(b"\1" + line.sign(b"do not show", 2) + b"do not show", 2)),
    "a_counter_gone_back": sends(lambda line: line.seal(b"\1" + line.sign(b"do not show", 0) + b"do not show", 0)),
    "a_flipped_counter": sends(lambda line: flipped(line.line("do not show"), 7)),
    "a_flipped_text": sends(lambda line: flipped(line.line("do not show"), 270)),
    "a_flipped_tag": sends(lambda line: flipped(line.line("do not show"), -1)),
    "another_key": sends(lambda line: line.seal(b"\1" + line.sign(b"do not show") + b"do not show", key=bytes(32))),
    "the_servers_direction": sends(lambda line: line.seal(b"\1" + line.sign(b"do not show") + b"do not show", side=2)),
    "a_say_of_a_client": sends(lambda line: line.say_line("do not show", 1)),
    "a_kind_of_the_future": sends(lambda line: line.seal(b"\3" + bytes(256) + b"do not show")),
    "no_text": sends(lambda line: line.line("")),
    "a_text_that_is_none": sends(lambda line: line.line(b"do not show \xff")),
    "no_signature": sends(lambda line: line.seal(b"\1" + bytes(255))),
    "no_plaintext": sends(lambda line: line.seal(b"")),
    "no_tag": sends(lambda line: bytes(8)),
    "a_payload_too_short": sends(lambda line: bytes(7)),
    "a_text_too_long": sends(lambda line: line.seal(b"\1" + line.sign(b"y" * 4097) + b"y" * 4097)),
    "a_line_over_its_limit": sends(lambda line: bytes(4386)),
    "a_close_with_a_tail": lambda zoe, line: zoe.link.send(wire.CLOSE, b"x"),
    "a_key_from_the_client": lambda zoe, line: zoe.link.send(wire.SESSION_KEY, bytes(512)),
}.items():
    refused(name, spoil)


@kit.case
def a_line_before_the_key(place):
    """Sent together with ACK's last bytes it would be too early for the room; here the room is entered without the
    feature, so no key will ever come."""
    lines = Lines(place)
    zoe = lines.zoe(features=VIDEO)
    zoe.link.send(wire.LINE, bytes(300))
    assert zoe.refused() == 1
    lines.goes_on()


# A stranger's server, against den


def talking(place, **lies):
    """(server, guest, client, its side of the conversation)."""
    lair = Lair(place)
    client = lair.client("alice")
    guest = lair.accept()
    guest.greet(features=3)
    guest.bind()
    guest.welcome(members=guest.member())
    return lair, guest, client, guest.give_key(**lies)


@kit.case
def a_strangers_server(place):
    lair, guest, client, line = talking(place)
    assert guest.hello.features & 2
    guest.link.send(wire.LINE, line.line("at once, with the key"))
    assert client.expect("talk")["text"] == "at once, with the key"
    client.send("/server hello")
    got = line.read(guest.get(wire.LINE))
    assert (got.kind, got.text, got.holds) == (talk.LINE, "hello", True)
    guest.link.send(wire.LINE, line.say_line("to all", 5))
    guest.link.send(wire.LINE, line.say_line("x" * 4096, 6))
    assert client.expect("talk", to="all")["text"] == "to all"
    assert client.expect("talk", to="all")["text"] == "x" * 4096
    guest.link.send(wire.LINE, line.line("\x1b[2J\u202e"))
    assert client.expect("talk")["text"] == "\x1b[2J\u202e" and b"\x1b" not in client.out
    client.send("/server exit")
    guest.get(wire.CLOSE)
    client.expect("talk_over")
    guest.link.send(wire.LINE, line.line("was under way"))
    guest.link.send(wire.CLOSE)
    client.send("/quit")
    guest.get(wire.QUIT)
    guest.link.end()
    client.wait(0)
    assert b"was under way" not in client.out


@kit.case
def a_strangers_server_closes(place):
    lair, guest, client, line = talking(place)
    guest.link.send(wire.CLOSE, wire.field(1, b""))      # it may overtake the unwrapping of the key
    guest.get(wire.CLOSE)
    client.expect("talk_over")
    client.send("/server hello")
    client.expect("error", code="talk-over")
    client.send("/quit")
    guest.get(wire.QUIT)
    guest.link.end()
    client.wait(0)


@kit.case
def a_line_waits_for_the_key(place):
    lair = Lair(place)
    client = lair.client("alice")
    guest = lair.accept()
    guest.greet(features=3)
    guest.bind()
    guest.welcome()
    client.expect("directory")
    client.send("/server one", "/server two", "/who")
    client.expect("directory")
    assert guest.link.silent()
    line = guest.give_key()
    assert [line.read(guest.get(wire.LINE)).text for _ in range(2)] == ["one", "two"]


@kit.case
def a_server_that_does_not_talk(place):
    lair = Lair(place)
    client = lair.client("alice")
    guest = lair.accept()
    guest.greet()
    guest.bind()
    guest.welcome()
    client.send("/server hello", "/server", "/server exit")
    for _ in range(3):
        assert client.expect("error", code="talk-none")
    guest.give_key()
    over(client, 1, "protocol")


@kit.case
def the_servers_signatures_that_do_not_hold(place):
    lair, guest, client, line = talking(place)
    for lie in ({"purpose": "say"}, {"text": b"another"}, {"exporter": os.urandom(32)},
                {"direction": wire.number(4, 1)}, {"counter": wire.number(8, 9)}):
        guest.link.send(wire.LINE, line.line("do not show", **lie))
    for i, lie in enumerate(({"purpose": "line"}, {"text": b"another"}, {"server": os.urandom(32)},
                             {"id": wire.number(8, 0)})):
        guest.link.send(wire.LINE, line.say_line("do not show", i + 1, **lie))
    for _ in range(9):
        got = client.expect("talk")
        assert got["signature"] is False and "text" not in got, got
        assert client.expect("error", code="signature")["text"] == "Signature verification failed"
    guest.link.send(wire.LINE, line.line("but this"))
    assert client.expect("talk", text="but this")["signature"] is True
    assert b"do not show" not in client.out


@kit.case
def keys_that_are_not_for_this_session(place):
    mallory = IDENTITIES["mallory"]
    lies = ({"exporter": os.urandom(32)}, {"server": mallory.fingerprint}, {"client": mallory.fingerprint},
            {"wrapped": os.urandom(256)}, {"purpose": "link"}, {"label": keys.ENVELOPE},
            {"label": keys.SESSION + os.urandom(32)}, {"key": bytes(31)})
    for i, lie in enumerate(lies):
        (place / str(i)).mkdir()
        lair, guest, client, _ = talking(place / str(i), **lie)
        assert guest.refused()[0] == 1, lie
        over(client, 1, "protocol")


@kit.case
def a_servers_lines_that_break_it(place):
    def twice(line):
        return [line.line("once")] * 2

    def say_again(line):
        return [line.say_line("once", 9), line.say_line("do not show", 9)]

    spoiled = (twice, say_again,
               lambda line: [line.seal(b"\1" + line.sign(b"do not show", 1) + b"do not show", 1)],
               lambda line: [flipped(line.line("do not show"), 270)],
               lambda line: [line.seal(b"\1" + line.sign(b"do not show") + b"do not show", side=1)],
               lambda line: [line.seal(b"\7" + line.sign(b"do not show") + b"do not show")],
               lambda line: [line.line("")], lambda line: [line.line(b"do not show\xfe")],
               lambda line: [line.seal(b"\2" + bytes(263))], lambda line: [bytes(24)], lambda line: [bytes(4386)])
    for i, spoil in enumerate(spoiled):
        (place / str(i)).mkdir()
        lair, guest, client, line = talking(place / str(i))
        client.expect("directory")
        for payload in spoil(line):
            guest.link.send(wire.LINE, payload)
        assert guest.refused()[0] == 1, i
        over(client, 1, "protocol")
        assert b"do not show" not in client.out


@kit.case
def what_may_not_come_before_the_key_or_twice(place):
    for i, send in enumerate((lambda guest: guest.link.send(wire.LINE, bytes(300)),
                              lambda guest: guest.link.send(wire.CLOSE),
                              lambda guest: (guest.give_key(), guest.give_key()))):
        (place / str(i)).mkdir()
        lair = Lair(place / str(i))
        client = lair.client("alice")
        guest = lair.accept()
        guest.greet(features=3)
        guest.bind()
        guest.welcome()
        send(guest)
        assert guest.refused()[0] == 1
        over(client, 1, "protocol")


kit.main()
