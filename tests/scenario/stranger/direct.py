"""Direct chats (section 16), both sides, one step after the other in the test's own thread."""

from stranger import Malformed, keys, wire
from stranger.link import Link, Listener


class End:
    """What both sides have once TLS is there."""

    def __init__(self, link, me):
        self.link, self.me = link, me

    def get(self, kind):
        message = self.link.receive()
        assert message.type == kind, message
        return message

    def say(self, text, fields=b""):
        self.link.send(wire.TEXT, fields=fields, text=text)

    def hear(self, text):
        assert self.get(wire.TEXT).text == text

    def eom(self):
        self.link.send(wire.EOM)
        assert self.link.end()

    def over(self):
        """The other side wrote EOM."""
        self.get(wire.EOM)
        assert self.link.end()

    def refused(self):
        """The bytes of the ERROR that ends it."""
        message = self.get(wire.ERROR)
        assert self.link.end()
        return message.payload


class Caller(End):
    """peer: of a Peer in the room. to: a member's name; its key is required. call=False leaves CALL to the test."""

    def __init__(self, peer, to, call=True):
        entry = peer.members[wire.fold(to)]
        super().__init__(Link.connect(entry.address, entry.port), peer.me)
        self.peer, self.callee = peer, keys.spki_of(self.link.peer_key())
        if self.callee != entry.spki:
            raise Malformed("the callee has another key")
        if call:
            self.call()

    def call(self, fields=b"", signed=None, **other):
        """`other` are members of CALL that lie, and what is signed goes along with them; `signed` are fields that are
        signed otherwise than they stand there."""
        shown = {"version": 1, "features": 0, "name": self.peer.name, "spki": self.me.spki, "room": self.peer.server,
                 **other}
        true = {"exporter": self.link.exporter, "callee": keys.fingerprint(self.callee),
                "caller": keys.fingerprint(shown["spki"]), "name": shown["name"].encode(), "room": shown["room"],
                **(signed or {})}
        purpose = true.pop("purpose", "direct")
        signature = shown.pop("signature", None) or self.me.sign(purpose, *true.values())
        self.link.send(wire.CALL, fields=fields, signature=signature, **shown)

    def rings(self):
        assert 1 <= self.get(wire.RINGING).version <= 1

    def accepted(self):
        self.rings()
        self.get(wire.ACCEPT)


class Phone:
    """Where calls come in: enter the room with port=phone.port."""

    def __init__(self, me):
        self.me, self.listener = me, Listener(me)
        self.port = self.listener.port

    def answer(self, room):
        """The next link, and its CALL, which must be good."""
        end = Callee(self.listener.accept(), self.me)
        end.take(room)
        return end


class Callee(End):
    def take(self, room):
        self.call = self.get(wire.CALL)
        signed = (self.link.exporter, self.me.fingerprint, keys.fingerprint(self.call.spki), self.call.name.encode(),
                  self.call.room)
        if not keys.signature_holds(keys.check_spki(self.call.spki), self.call.signature, "direct", *signed):
            raise Malformed("a call whose proof does not hold")
        if self.call.version < 1 or self.call.room != room:
            raise Malformed("a call of no version, or to another room")

    def ring(self, fields=b"", version=1):
        self.link.send(wire.RINGING, fields=fields, version=version, features=0)

    def accept(self, fields=b""):
        self.ring()
        self.link.send(wire.ACCEPT, fields=fields)
