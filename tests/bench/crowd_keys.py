"""crowd_keys.py FILE COUNT: COUNT distinct RSA-2048 keys, soon: each from two primes of a pool. For measuring alone: who
knows one of them finds the others. Each is n (256 bytes) and p, q, dp, dq, iq (128 each), as tests/bench/crowd reads them."""

import itertools
import pathlib
import sys

from cryptography.hazmat.primitives.asymmetric import rsa


def numbers(count):
    """(p, q) with p above q."""
    primes = []
    while len(primes) * (len(primes) - 1) // 2 < count:
        made = rsa.generate_private_key(65537, 2048).private_numbers()
        primes += made.p, made.q
    return itertools.islice(itertools.combinations(sorted(primes, reverse=True), 2), count)


def write(path, count):
    with open(path, "wb") as out:
        for p, q in numbers(count):
            out.write((p * q).to_bytes(256, "big"))
            parts = p, q, pow(65537, -1, p - 1), pow(65537, -1, q - 1), pow(q, -1, p)
            out.write(b"".join(part.to_bytes(128, "big") for part in parts))


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1]), int(sys.argv[2]))
