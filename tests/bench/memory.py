"""Memory of dend as the kernel counts it (VmRSS), in MB of 1,000,000 bytes.

Members are the strangers of tests/scenario/stranger, in this one process: what dend keeps for each of them once it has the
directory and 100 messages went by, everything read."""

import itertools
import os
import pathlib
import resource
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests" / "scenario"))

import stranger  # noqa: E402  before kit: it may change to another Python
from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: E402
from stranger import keys, wire  # noqa: E402
from stranger.peer import Peer  # noqa: E402

import kit  # noqa: E402

MEMBERS = 100  # their TLS and keys are Python's: twice as many take longer than a part may
MESSAGES = 100
LIMITS = ("--max-strangers-per-address", "256", "--max-new-names", "0", "--room-rate", "0")


def memory(program, which="VmRSS"):
    """Bytes."""
    for line in pathlib.Path(f"/proc/{program.pid}/status").read_text().splitlines():
        if line.startswith(which + ":"):
            return 1024 * int(line.split()[1])
    raise AssertionError(f"no {which}")


def row(what, figure, reach, unit):
    print(f"{what} | {figure:.2f} {unit} | - | {figure:.2f} | {reach}", flush=True)


def identities(count):
    """Distinct keys, soon: each from two primes of a pool."""
    primes = []
    while len(primes) * (len(primes) - 1) // 2 < count:
        numbers = rsa.generate_private_key(65537, 2048).private_numbers()
        primes += numbers.p, numbers.q
    for p, q in itertools.islice(itertools.combinations(primes, 2), count):
        d = pow(65537, -1, (p - 1) * (q - 1))
        public = rsa.RSAPublicNumbers(65537, p * q)
        whole = rsa.RSAPrivateNumbers(p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public)
        yield keys.Identity(whole.private_key())


def of_the_server(place):
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    server = kit.Server(place, *LIMITS)
    idle = memory(server.process)
    row("dend idle, RSS", idle / 1e6, 3, "MB")
    members = [Peer(server, f"m{i}", identity) for i, identity in enumerate(identities(MEMBERS))]
    members[0].wait_for(f"m{MEMBERS - 1}")
    for i in range(MESSAGES):
        members[0].say("m1", f"message {i}")
    for member in members[1:]:
        member.link.receive()
        while member.link.receive().type != wire.SEALED:
            pass
        for _ in range(MESSAGES - 1):
            assert member.link.receive().type == wire.SEALED
    each = lambda: (memory(server.process) - idle) / MEMBERS / 1e3
    at_once = each()
    deadline = time.monotonic() + 10
    while each() > 20 and time.monotonic() < deadline:  # what idles is handed back by and by
        time.sleep(0.2)
    row(f"dend, each of {MEMBERS} members after {MESSAGES} messages, RSS", each(), 20, "kB")
    print(f"dend, each of {MEMBERS} members right after the last message: {at_once:.1f} kB")
    for member in members:
        member.link.cut()
    server.stop()


def main():
    with tempfile.TemporaryDirectory() as name:
        try:
            of_the_server(pathlib.Path(name))
        finally:
            kit.end_all()


if __name__ == "__main__":
    main()
