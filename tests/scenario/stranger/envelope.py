"""Envelopes (section 8), and what a receiver checks (section 9.3)."""

import dataclasses
import os
import time

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from stranger import Malformed, keys, wire

CLASSES = (1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 24576, 32768, 49152, 65536, 98304)
ONE, ALL = 1, 2
TEXT = 1
KEPT = 384      # ids that are remembered of a sender
EVERYONE = bytes(32)
_NONCE, _TAG, _HEAD, _WRAPPED, _HINT = bytes(12), 16, 19, 256, 4


@dataclasses.dataclass
class Letter:
    """The inside but for the signature, as the sender wants it: true or not."""

    name: str
    spki: bytes
    to: int
    receiver: bytes
    server: bytes
    id: int
    n: int
    h: bytes
    body: bytes
    kind: int = TEXT
    time: int = dataclasses.field(default_factory=lambda: time.time_ns() // 1_000_000)
    fields: bytes = b""

    def rest(self):
        return wire.pack("letter", **vars(self))

    def content(self, identity, purpose="envelope"):
        return identity.sign(purpose, self.rest()) + self.rest()


def pad(content, size=None, filler=b"\0"):
    """The plaintext: in the smallest class, or in the one that is asked for."""
    size = size or next(c for c in CLASSES if c >= 4 + len(content))
    plain = wire.sized(4, content)
    return plain + filler * (size - len(plain))


def seal(form, plain, spkis, head=None, slots_of=None):
    """One: spkis is one key. All: any number. slots_of: {hint: [wrapped...]} instead of the right ones."""
    key = os.urandom(32)
    head = head or bytes([1, 1, form]) + os.urandom(16)
    sealed = wire.sized(4, AESGCM(key).encrypt(_NONCE, plain, head))
    if form == ONE:
        return head + keys.wrap(spkis[0], key) + sealed
    slots = slots_of(key) if slots_of else [(keys.fingerprint(s)[:_HINT], keys.wrap(s, key)) for s in spkis]
    slots.sort(key=lambda slot: slot[0])
    return head + sealed + wire.number(2, len(slots)) + b"".join(hint + wrapped for hint, wrapped in slots)


def outside(envelope):
    """(form, head, sealed, [(hint, wrapped)...]) if that is in order."""
    reader = wire.Reader(envelope)
    version, suite, form = reader.number(1), reader.number(1), reader.number(1)
    if (version, suite) != (1, 1) or form not in (ONE, ALL):
        raise Malformed("an envelope of another version, suite or form")
    reader.take(16)
    slots = [(b"", reader.take(_WRAPPED))] if form == ONE else []
    sealed = reader.sized(4)
    if form == ALL:
        slots = [(reader.take(_HINT), reader.take(_WRAPPED)) for _ in range(reader.number(2))]
    reader.end()
    hints = [hint for hint, _ in slots]
    if len(sealed) - _TAG not in CLASSES or len(slots) > 4096 or hints != sorted(hints):
        raise Malformed("an envelope with a wrong layout")
    if any(wrapped[0] >= 0x80 for _, wrapped in slots):
        raise Malformed("a wrapped key with its top bit set")
    return form, envelope[:_HEAD], sealed, slots


def unseal(envelope, identity):
    """(form, plaintext), or None if it is not for us (or altered)."""
    form, head, sealed, slots = outside(envelope)
    hint = identity.fingerprint[:_HINT]
    mine = [wrapped for h, wrapped in slots if form == ONE or h == hint][:4]
    key = next(filter(None, map(identity.unwrap, mine)), None)
    if key is None:
        return None
    try:
        return form, AESGCM(key).decrypt(_NONCE, sealed, head)
    except InvalidTag:
        return None


def read(plain):
    """(signature, rest, letter)."""
    reader = wire.Reader(plain)
    content = reader.sized(4)
    if any(reader.rest()):
        raise Malformed("padding that is not zero")
    signature, rest = content[:256], content[256:]
    if len(signature) < 256:
        raise Malformed("a content without a signature")
    letter = wire.unpack("letter", rest)
    keys.check_spki(letter.spki)
    if letter.to not in (ONE, ALL) or letter.to == ALL and letter.receiver != EVERYONE:
        raise Malformed("addressed to neither one nor all")
    if len(letter.body) > 65536:
        raise Malformed("a body that is too long")
    return signature, rest, letter


class Window:
    """Which ids were seen, per sender's fingerprint."""

    def __init__(self):
        self.seen = {}

    def new(self, sender, number):
        seen = self.seen.setdefault(sender, set())
        if number in seen or (len(seen) == KEPT and number < min(seen)):
            return False
        seen.add(number)
        if len(seen) > KEPT:
            seen.remove(min(seen))
        return True


def judge(sealed, identity, server, bindings, window):
    """All checks of section 9.3 on a SEALED: the letter; None if it is not for us; Malformed says what is wrong."""
    opened = unseal(sealed.envelope, identity)
    if opened is None:
        return None
    form, plain = opened
    signature, rest, letter = read(plain)
    sender = keys.fingerprint(letter.spki)
    checks = (
        (keys.signature_holds(letter.spki, signature, "envelope", rest), "signature"),
        (letter.to == form and (form == ALL or letter.receiver == identity.fingerprint), "address"),
        (letter.server == server, "server"),
        (sender == sealed.fingerprint and wire.fold(letter.name) == wire.fold(sealed.sender), "sender"),
        (bindings.ever(letter.name, sender), "sender's name"),
        (letter.n <= bindings.n and letter.h == bindings.hashes[letter.n], "bindings"),
    )
    for holds, what in checks:
        if not holds:
            raise Malformed(f"an envelope whose {what} is wrong")
    if not window.new(sender, letter.id):
        raise Malformed("an envelope seen before")
    return letter
