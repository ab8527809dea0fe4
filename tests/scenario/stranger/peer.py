"""A client in the room (sections 5, 6, 9), in the test's own thread: it reads when it is asked to."""

import time
import types

from stranger import Malformed, bindings, envelope, keys, talk, wire
from stranger.link import Link

VIDEO, TALK, PAST, AUTO, LIVE = 1, 2, 4, 8, 32
EPHEMERAL, ONE_SHOT = 1, 2
TELLING = (wire.BINDINGS, wire.JOINED, wire.LEFT)


class Peer:
    """enter=False leaves the hello to the test: hello(), prove(), and welcome() one by one."""

    def __init__(self, server, name, identity=None, enter=True, **hello):
        self.server = bytes.fromhex(server.fingerprint.removeprefix("SHA256:"))
        self.name, self.me = name, identity or keys.Identity()
        self.fingerprint = self.me.shown
        self.link = Link.connect(server.host, server.port)
        self.bindings = bindings.Bindings(self.server)
        self.members, self.window = {}, envelope.Window()
        self.told = []                                  # JOINED and LEFT, one by one: ("joined", name)
        self.last_id = time.time_ns() // 1_000_000 << 20
        if keys.fingerprint(keys.check_spki(keys.spki_of(self.link.peer_key()))) != self.server:
            raise Malformed("the server has another key")
        if enter:
            self.hello(**hello)
            self.prove()
            self.welcome()

    # The hello

    def hello(self, fields=b"", **other):
        self.link.send(wire.HELLO, fields=fields, **{"version": 1, "features": VIDEO | PAST | AUTO, "flags": 0, "name": self.name,
                                                     "key": self.me.pem, "port": 0, **other})

    def read_hello(self):
        answer = self.get(wire.HELLO_ACK)
        if answer.version != 1 or keys.fingerprint(keys.spki_of_pem(answer.key)) != self.server:
            raise Malformed("HELLO+ACK shows another version or key")
        return answer

    def proof(self, invitation=b"", **other):
        """The signature of ACK; `other` are signed fields that lie."""
        signed = {"exporter": self.link.exporter, "server": self.server, "client": self.me.fingerprint,
                  "name": self.name.encode(), "invitation": invitation, **other}
        purpose = signed.pop("purpose", "link")
        return self.me.sign(purpose, *signed.values())

    def prove(self, fields=b"", **other):
        self.answer = self.read_hello()
        self.link.send(wire.ACK, fields=fields, signature=self.proof(**other),
                       invitation=other.get("invitation", b""))

    def welcome(self):
        self.room = self.get(wire.WELCOME)
        while self.bindings.n < self.room.n:
            self.get(wire.BINDINGS)
        if self.bindings.hashes[self.room.n] != self.room.h:
            raise Malformed("WELCOME's hash is not the list's")
        while self.get(wire.MEMBERS).more:
            pass

    # In the room

    def next(self):
        """The next message, after it did to members and bindings what it does."""
        message = self.link.receive()
        apply = {wire.BINDINGS: self.bindings.apply, wire.MEMBERS: self._join, wire.JOINED: self._join,
                 wire.LEFT: self._leave}.get(message.type)
        if apply:
            apply(message)
        return message

    def get(self, kind):
        """The next message, which must be of that kind but for what the room tells of itself at any time."""
        message = self.next()
        while message.type != kind and message.type in TELLING:
            message = self.next()
        assert message.type == kind, f"not {kind:#x}: {message}"
        return message

    def wait(self, kind, **members):
        """The next message that fits; others are applied and passed over."""
        while True:
            message = self.next()
            if message.type == kind and all(getattr(message, k) == v for k, v in members.items()):
                return message
            assert message.type != wire.ERROR, message

    def wait_for(self, name, event="joined"):
        while (event, name) not in self.told:
            self.next()
        self.told.remove((event, name))

    def _join(self, message):
        for entry in wire.members_of(message):
            fingerprint = keys.fingerprint(keys.check_spki(entry.spki))
            bound = self.bindings.ever(entry.name, fingerprint)
            if not bound and (not entry.flags & EPHEMERAL or wire.fold(entry.name) in self.bindings.bound):
                raise Malformed(f"{entry.name} with a key that is not bound")
            self.members[wire.fold(entry.name)] = entry
            if message.type == wire.JOINED:
                self.told.append(("joined", entry.name))

    def _leave(self, message):
        for entry in wire.leavers_of(message):
            there = self.members.get(wire.fold(entry.name))
            if there and keys.fingerprint(there.spki) == entry.fingerprint:
                del self.members[wire.fold(entry.name)]
            self.told.append(("left", entry.name))

    # Envelopes

    def next_id(self):
        self.last_id += 1
        return self.last_id

    def letter(self, to, text="", /, **other):
        """to: a member's name, or None for all."""
        receiver = keys.fingerprint(self.members[wire.fold(to)].spki) if to else envelope.EVERYONE
        true = {"name": self.name, "spki": self.me.spki, "to": envelope.ONE if to else envelope.ALL,
                "receiver": receiver, "server": self.server, "n": self.bindings.n, "h": self.bindings.h,
                "body": text.encode() if isinstance(text, str) else text}
        return envelope.Letter(**{"id": other.get("id") or self.next_id(), **true, **other})

    def keys_of(self, to):
        own = wire.fold(self.name)
        return [m.spki for n, m in self.members.items() if (n == wire.fold(to) if to else n != own)]

    def seal(self, to, text="", /, **other):
        letter = self.letter(to, text, **other)
        plain = envelope.pad(letter.content(self.me))
        sealed = envelope.seal(envelope.ONE if to else envelope.ALL, plain, self.keys_of(to))
        return types.SimpleNamespace(letter=letter, envelope=sealed, id=letter.id)

    def put(self, sealed, number=None):
        """SEND; returns the number under which it was accepted."""
        number = number or self.next_id()
        self.link.send(wire.SEND, id=number, envelope=sealed)
        return self.wait(wire.ACCEPTED, id=number).number

    def say(self, to, text):
        sealed = self.seal(to, text)
        return self.put(sealed.envelope, sealed.id)

    def judge(self, sealed):
        return envelope.judge(sealed, self.me, self.server, self.bindings, self.window)

    def hear(self, kind=wire.SEALED):
        """The next envelope that is for us: (SEALED, letter)."""
        while True:
            sealed = self.wait(kind)
            letter = self.judge(sealed)
            if letter:
                return sealed, letter

    # The conversation with the server, for who announced TALK

    def take_key(self):
        """SESSION_KEY; what is said then is said with the result."""
        spki = keys.spki_of(self.link.peer_key())
        key = talk.take_key(self.wait(wire.SESSION_KEY), self.link, self.me, spki)
        return talk.Talk(self.link, key, talk.CLIENT, self.me, spki)

    # The past (section 9.5)

    def ask_on(self, after=0, log=None, fields=b""):
        self.link.send(wire.RESUME, fields=fields, log=self.room.log if log is None else log, after=after)

    def catch_up(self):
        """What RESUME brings: (PAST..., PAST_END, what came between). It is checked as the document says."""
        past, between = [], []
        while (message := self.next()).type != wire.PAST_END:
            assert message.type != wire.ERROR, message
            (past if message.type == wire.PAST else between).append(message)
        numbers = [m.number for m in past]
        if numbers != sorted(set(numbers)) or any(not message.start < n <= message.last for n in numbers):
            raise Malformed(f"numbers {numbers} of {message}")
        if message.last != self.room.last or message.lost != message.last - message.start - len(past):
            raise Malformed(f"{len(past)} and {message} of {self.room}")
        return past, message, between

    def resume(self, after=0, log=None, fields=b""):
        self.ask_on(after, log, fields)
        return self.catch_up()

    def quit(self, sentence=""):
        self.link.send(wire.QUIT, sentence=sentence)
        return self.link.end()

    def refused(self):
        """The code of the ERROR that ends the session; what stands before it is thrown away."""
        message = self.link.receive()
        while message.type != wire.ERROR:
            message = self.link.receive()
        assert message.sentence and self.link.end(), message
        return message.code
