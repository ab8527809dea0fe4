"""The conversation between a client and the server (section 6.3), from either side."""

import os
import types

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from stranger import Malformed, keys, wire

CLIENT, SERVER = 1, 2
LINE, SAY = 1, 2


def make_key(link, server, client_spki, /, key=None, **lies):
    """For a server: (key, what SESSION_KEY holds). Lies: exporter, server, client, wrapped, purpose, label."""
    key = key or os.urandom(32)
    label = lies.pop("label", keys.SESSION + link.exporter)
    wrapped = lies.pop("wrapped", None) or keys.wrap(client_spki, key, label=label)
    signed = {"exporter": link.exporter, "server": server.fingerprint, "client": keys.fingerprint(client_spki),
              "wrapped": wrapped, **lies}
    purpose = signed.pop("purpose", "session")
    return key, {"wrapped": wrapped, "signature": server.sign(purpose, *signed.values())}


def take_key(message, link, me, server_spki):
    """For a client: the key in SESSION_KEY."""
    signed = link.exporter, keys.fingerprint(server_spki), me.fingerprint, message.wrapped
    if not keys.signature_holds(server_spki, message.signature, "session", *signed):
        raise Malformed("SESSION_KEY is not signed by this server for this session")
    key = me.unwrap(message.wrapped, keys.SESSION + link.exporter)
    if key is None:
        raise Malformed("SESSION_KEY can't be unwrapped")
    return key


class Talk:
    """One side: `me` and `peer` are its identity and the other's SPKI."""

    def __init__(self, link, key, side, me, peer):
        self.link, self.key, self.side, self.me, self.peer = link, key, side, me, peer
        self.sent = self.received = self.said = 0

    def _nonce(self, side, counter):
        return wire.number(4, side) + wire.number(8, counter)

    def sign(self, text, at=None, /, **lies):
        """Lies: exporter, direction, counter, text, purpose."""
        signed = {"exporter": self.link.exporter, "direction": wire.number(4, self.side),
                  "counter": wire.number(8, self.sent if at is None else at), "text": text, **lies}
        return self.me.sign(signed.pop("purpose", "line"), *signed.values())

    def sign_say(self, text, number, /, **lies):
        signed = {"server": self.me.fingerprint, "id": wire.number(8, number), "text": text, **lies}
        return self.me.sign(signed.pop("purpose", "say"), *signed.values())

    def seal(self, plain, counter=None, side=None, key=None):
        """A LINE's payload, counted."""
        counter = self.sent if counter is None else counter
        sealed = AESGCM(key or self.key).encrypt(self._nonce(side or self.side, counter), plain, None)
        self.sent += 1
        return wire.pack(wire.LINE, counter=counter, sealed=sealed)

    def line(self, text, /, **lies):
        text = text.encode() if isinstance(text, str) else text
        return self.seal(wire.number(1, LINE) + self.sign(text, **lies) + text)

    def say_line(self, text, number, /, **lies):
        text = text.encode() if isinstance(text, str) else text
        return self.seal(wire.number(1, SAY) + wire.number(8, number) + self.sign_say(text, number, **lies) + text)

    def write(self, text, /, **lies):
        """Sends a line; returns the ciphertext and tag."""
        payload = self.line(text, **lies)
        self.link.send(wire.LINE, payload)
        return payload[8:]

    def read(self, message):
        """An object with kind, text, holds (the signature does) and sealed; Malformed if it breaks the protocol."""
        other = SERVER if self.side == CLIENT else CLIENT
        if message.counter != self.received:
            raise Malformed(f"line {message.counter} instead of {self.received}")
        try:
            plain = AESGCM(self.key).decrypt(self._nonce(other, message.counter), message.sealed, None)
        except InvalidTag as error:
            raise Malformed("a line that can't be opened") from error
        self.received += 1
        reader = wire.Reader(plain)
        kind = reader.number(1)
        number = reader.number(8) if kind == SAY else None
        signature, text = reader.take(256), reader.rest()
        if not 1 <= len(text) <= 4096:
            raise Malformed(f"a line of {len(text)} bytes")
        if kind == LINE:
            signed = "line", self.link.exporter, wire.number(4, other), wire.number(8, message.counter), text
        elif kind == SAY and self.side == CLIENT and number > self.said:
            self.said = number
            signed = "say", keys.fingerprint(self.peer), wire.number(8, number), text
        else:
            raise Malformed(f"a line of kind {kind}, {number}")
        return types.SimpleNamespace(kind=kind, text=text.decode(), id=number, sealed=message.sealed,
                                     holds=keys.signature_holds(self.peer, signature, *signed))
