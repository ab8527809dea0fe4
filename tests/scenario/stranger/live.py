"""Casts (section 10.1): frames and keys as the document says."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from stranger import Malformed, envelope, keys, wire

SEALED = 1
ASK_KIND, KEY_KIND = 8, 9
FIRST, LAST = 1, 2


def _nonce(shot):
    return wire.number(4, shot.epoch) + wire.number(8, shot.number)


def _aad(caster, cast, shot):
    return caster + cast + wire.number(8, shot.pts)


class Watching:
    """A stream of a cast, for a peer: LIVE has come."""

    def __init__(self, peer, name, stream=1, credit=1 << 20):
        self.peer, self.stream, self.keys, self.part = peer, stream, {}, None
        peer.link.send(wire.PLAY, stream=stream, clip=name, schedule="", start=0, credit=credit)
        self.live = peer.wait(wire.LIVE)
        self.caster = keys.fingerprint(keys.check_spki(self.live.spki))
        if not peer.bindings.ever(self.live.caster, self.caster):
            raise Malformed("the caster's key is not bound to its name")
        self.nonce = os.urandom(16)

    def ask(self, body=None, **other):
        """The question; other: what is wrong with it."""
        p = self.peer
        true = {"name": p.name, "spki": p.me.spki, "to": envelope.ONE, "receiver": self.caster, "server": p.server, "n": p.bindings.n,
                "h": p.bindings.h, "kind": ASK_KIND, "body": self.live.id + self.nonce if body is None else body}
        letter = envelope.Letter(id=p.next_id(), **{**true, **other})
        sealed = envelope.seal(envelope.ONE, envelope.pad(letter.content(p.me)), [self.live.spki])
        p.link.send(wire.ASK, stream=self.stream, envelope=sealed)

    def take_key(self, given):
        """True if it was one that counts."""
        sealed = wire.Message(type=wire.SEALED, payload=b"", sender=self.live.caster, fingerprint=self.caster,
                              envelope=given.envelope)
        letter = envelope.judge(sealed, self.peer.me, self.peer.server, self.peer.bindings, self.peer.window)
        if letter is None:
            return False
        body = letter.body
        if letter.kind != KEY_KIND or len(body) != 68 or body[:16] != self.live.id:
            raise Malformed("no key of this cast")
        epoch = int.from_bytes(body[32:36], "big")
        if not self.keys and (letter.to != envelope.ONE or body[16:32] != self.nonce) or epoch <= max(self.keys, default=0):
            raise Malformed("a key that answers nothing, or is no newer")
        self.keys[epoch] = body[36:]
        return True

    def get_key(self):
        self.ask()
        while not self.take_key(self.peer.wait(wire.GIVEN, stream=self.stream)):
            pass

    def frame(self):
        """The next whole frame, as it comes: a first chunk with all data. Keys on the way are taken, credit is given."""
        while True:
            message = self.peer.next()
            assert message.type != wire.ERROR, message
            if message.type == wire.STREAM_END:
                return message
            if message.type == wire.GIVEN:
                self.take_key(message)
            if message.type != wire.SHOT or message.stream != self.stream:
                continue
            self.peer.link.send(wire.CREDIT, stream=self.stream, bytes=len(message.data), wanted=0)
            if message.flags & FIRST:
                self.part, self.part.whole = message, message.data
            else:
                if self.part is None or self.part.number != message.number:
                    raise Malformed("a piece of another frame")
                self.part.whole += message.data
            if bool(message.flags & LAST) != (len(self.part.whole) == self.part.length):
                raise Malformed("a frame whose end is not where it said")
            if message.flags & LAST:
                return self.part

    def open(self, shot, key=None):
        """The JPEG; None without the key."""
        if not self.live.flags & SEALED:
            return shot.whole
        key = key or self.keys.get(shot.epoch)
        try:
            return key and AESGCM(key).decrypt(_nonce(shot), shot.whole, _aad(self.caster, self.live.id, shot))
        except InvalidTag:
            return None


def first_chunk(cast, number, data, length=None, flags=FIRST | LAST, epoch=0, pts=0, track=0):
    return dict(stream=cast, track=track, flags=flags, number=number, epoch=epoch, length=len(data) if length is None else length, pts=pts,
                data=data)
