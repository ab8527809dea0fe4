"""Codes of invitations (section 5.6)."""

import hashlib

from stranger import Malformed

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
READ_AS = str.maketrans("OIL", "011", " -")


def _check(code):
    return int.from_bytes(hashlib.sha256(b"den1 invitation" + code).digest()[:3], "big") >> 2


def read(text):
    """The 16 bytes."""
    text = text.upper().translate(READ_AS)
    value = 0
    for digit in text:
        value = value << 5 | DIGITS.index(digit)
    code = (value >> 22).to_bytes(16, "big")
    if len(text) != 30 or value & (1 << 22) - 1 != _check(code):
        raise Malformed(f"no code: {text}")
    return code


def write(code):
    value = int.from_bytes(code, "big") << 22 | _check(code)
    text = "".join(DIGITS[value >> 5 * i & 31] for i in reversed(range(30)))
    return "-".join(text[i:i + 5] for i in range(0, 30, 5))
