"""The server's side, one step after the other, in the test's own thread. What it says is true unless told otherwise."""


from stranger import Malformed, bindings, envelope, keys, talk, wire
from stranger.link import Listener


class Host:
    """key: what HELLO+ACK shows; `identity` is the certificate's."""

    def __init__(self, identity=None, key=None):
        self.me = identity or keys.Identity()
        self.key = key or self.me
        self.fingerprint = self.me.shown
        self.listener = Listener(self.me)
        self.host, self.port = "127.0.0.1", self.listener.port
        self.address = f"{self.host}:{self.port}"
        self.bindings = bindings.Bindings(self.me.fingerprint)
        self.guests, self.number, self.log = [], 0, self.fingerprint[:16]

    def accept(self, shown=None):
        return Guest(self, self.listener.accept(), shown)

    def admit(self, shown=None):
        """A whole hello; the others are told. shown: another list of bindings than the others see."""
        guest = self.accept(shown)
        guest.greet()
        entry = guest.bind()
        self.guests.append(guest)
        guest.welcome()
        for other in self.guests[:-1]:
            if entry:
                other.link.send(wire.BINDINGS, entry)
            other.link.send(wire.JOINED, more=0, entries=guest.member())
        return guest

    def pass_on(self, sender):
        """Takes one SEND and gives it to the others."""
        sent = sender.get(wire.SEND)
        self.number += 1
        sender.link.send(wire.ACCEPTED, id=sent.id, number=self.number)
        for other in self.guests:
            if other is not sender:
                other.give(sender.name, sender.fingerprint, slots_for(sent.envelope, other.fingerprint), self.number)
        return sent


def slots_for(sealed, fingerprint):
    """Form 2 reaches each member with only the slots of its own hint (section 9.2)."""
    form, head, ciphertext, slots = envelope.outside(sealed)
    if form == envelope.ONE:
        return sealed
    mine = [hint + wrapped for hint, wrapped in slots if hint == fingerprint[:4]][:4]
    return head + wire.sized(4, ciphertext) + wire.number(2, len(mine)) + b"".join(mine)


def member(name, spki, flags=0, address="", port=0, fields=b""):
    return wire.sized(2, wire.pack("member", fields=fields, flags=flags, name=name, spki=spki, address=address,
                                   port=port))


class Guest:
    """A session as the server has it."""

    def __init__(self, host, link, shown=None):
        self.host, self.link = host, link
        self.bindings = shown or host.bindings

    def get(self, kind):
        message = self.link.receive()
        assert message.type == kind, message
        return message

    def greet(self, fields=b"", **other):
        """HELLO, HELLO+ACK, ACK."""
        self.hello = self.get(wire.HELLO)
        self.name, self.spki = self.hello.name, keys.spki_of_pem(self.hello.key)
        self.fingerprint = keys.fingerprint(self.spki)
        self.link.send(wire.HELLO_ACK, fields=fields,
                       **{"version": 1, "features": 9, "key": self.host.key.pem, **other})
        self.proof = self.get(wire.ACK)
        signed = (self.link.exporter, self.host.me.fingerprint, self.fingerprint, self.name.encode(),
                  self.proof.invitation)
        if not keys.signature_holds(self.spki, self.proof.signature, "link", *signed):
            raise Malformed("a proof that does not hold")

    def bind(self):
        """The new entry, if there is one."""
        if self.bindings.ever(self.name, self.fingerprint):
            return None
        return self.bindings.add(self.name, self.fingerprint)

    def member(self, **other):
        return member(**{"name": self.name, "spki": self.spki, **other})

    def welcome(self, entries=None, members=None, **other):
        """WELCOME, BINDINGS, MEMBERS. entries, members: payloads instead of the true ones."""
        bound = self.bindings
        self.link.send(wire.WELCOME, **{"room": "lair", "log": self.host.log, "last": self.host.number, "n": bound.n,
                                        "h": bound.h, "fields": b"", **other})
        for part in bound.parts() if entries is None else [entries]:
            self.link.send(wire.BINDINGS, part)
        everybody = b"".join(g.member() for g in self.host.guests)
        self.link.send(wire.MEMBERS, more=0, entries=everybody if members is None else members)

    def give(self, name, fingerprint, sealed, number=None):
        """SEALED."""
        if number is None:
            self.host.number += 1
            number = self.host.number
        self.link.send(wire.SEALED, number=number, sender=name, fingerprint=fingerprint, envelope=sealed)

    def give_key(self, **lies):
        """SESSION_KEY, for who announced and was announced TALK."""
        key, members = talk.make_key(self.link, self.host.me, self.spki, **lies)
        self.link.send(wire.SESSION_KEY, **members)
        return talk.Talk(self.link, key, talk.SERVER, self.host.me, self.spki)

    def refused(self):
        """The code and sentence of the ERROR with which the client ends."""
        message = self.get(wire.ERROR)
        self.link.end()
        return message.code, message.sentence
