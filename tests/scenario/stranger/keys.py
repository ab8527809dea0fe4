"""Identities (sections 5.2, 5.3, 8.2)."""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from stranger import Malformed, wire

SPKI_HEAD = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100")
SPKI_TAIL = bytes.fromhex("0203010001")
SPKI_SIZE = 294

_PSS = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
ENVELOPE = b"den1 envelope"                       # labels of wrapped keys
SESSION = b"den1 session"                         # and the exporter behind it


def _oaep(label):
    return padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label)


def fingerprint(spki):
    return hashlib.sha256(spki).digest()


def shown(fp):
    """As people and den's JSON see it."""
    return "SHA256:" + fp.hex()


def check_spki(spki):
    modulus = spki[len(SPKI_HEAD):-len(SPKI_TAIL)]
    whole = len(spki) == SPKI_SIZE and spki.startswith(SPKI_HEAD) and spki.endswith(SPKI_TAIL)
    if not (whole and modulus[0] & 0x80 and modulus[-1] & 1):
        raise Malformed("not the SPKI of an RSA-2048 key")
    return spki


def spki_of(public):
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def spki_of_pem(pem):
    return check_spki(spki_of(serialization.load_pem_public_key(pem)))


def _public(spki):
    return serialization.load_der_public_key(spki)


def signed_bytes(purpose, *fields):
    return b"den1 " + purpose.encode() + b"\0" + b"".join(wire.sized(4, f) for f in fields)


def signature_holds(spki, signature, purpose, *fields):
    try:
        _public(spki).verify(signature, signed_bytes(purpose, *fields), _PSS, hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def wrap(spki, key, clear=True, label=ENVELOPE):
    """Draws until the top bit is clear (or, for who wants to be refused, set)."""
    while True:
        wrapped = _public(spki).encrypt(key, _oaep(label))
        if (wrapped[0] < 0x80) == clear:
            return wrapped


class Identity:
    def __init__(self, private=None, bits=2048, e=65537):
        self.private = private or rsa.generate_private_key(e, bits)
        self.public = self.private.public_key()
        self.spki = spki_of(self.public)
        self.fingerprint = fingerprint(self.spki)
        self.shown = shown(self.fingerprint)
        self.pem = self.public.public_bytes(serialization.Encoding.PEM,
                                            serialization.PublicFormat.SubjectPublicKeyInfo)

    @classmethod
    def from_pem(cls, pem):
        return cls(serialization.load_pem_private_key(pem, None))

    def sign(self, purpose, *fields):
        return self.private.sign(signed_bytes(purpose, *fields), _PSS, hashes.SHA256())

    def unwrap(self, wrapped, label=ENVELOPE):
        """The 32 bytes, or None if it is not for us."""
        try:
            key = self.private.decrypt(wrapped, _oaep(label))
        except ValueError:
            return None
        return key if len(key) == 32 else None
