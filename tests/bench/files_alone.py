"""One den and a file of 1 GB, whose other end is an independent client (tests/scenario/stranger) that hashes nothing meanwhile: what a
den does that has two cores to itself, as one on a machine of its own has."""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "scenario"))
import stranger  # noqa: E402,F401  first: it may change to another Python

import hashlib  # noqa: E402
import os  # noqa: E402
import time  # noqa: E402

import large  # noqa: E402
import kit  # noqa: E402
from direct_stranger import Hall  # noqa: E402
from stranger import wire  # noqa: E402
from stranger.files import CHUNK, Sender, Taker, sha  # noqa: E402

RUNS = 3
MESSAGES = 4  # of DATA, sent at once
PIECE = os.urandom(CHUNK)
COUNT = large.SIZE // (MESSAGES * CHUNK) + 1
SIZE = COUNT * MESSAGES * CHUNK


def whole():
    """The file's hash, made beforehand."""
    digest = hashlib.sha256()
    for _ in range(COUNT):
        digest.update(PIECE * MESSAGES)
    return digest.digest()


def taken(hall, digest):
    """Bytes a second that den takes."""
    sender = Sender(hall.eve, "alice")
    file = sender.offer("large.bin", SIZE)
    sender.taken()
    data = wire.frame(wire.DATA, wire.pack(wire.DATA, file=file, bytes=PIECE)) * MESSAGES
    begun = time.monotonic()
    sender.begin()
    for _ in range(COUNT):
        sender.link.raw(data)
    sender.link.send(wire.END, file=file, hash=digest)
    sender.kept()
    took = time.monotonic() - begun
    os.unlink(hall.alice.expect("file_done", timeout=40)["path"])
    return SIZE / took


def sent(hall, path, digest):
    """Bytes a second that den sends."""
    hall.alice.send(f"/send eve {path}")
    taker = Taker(hall.phone.answer(hall.room))
    offer, got = taker.offered(), 0
    begun = time.monotonic()
    taker.link.send(wire.TAKE, file=offer.file, offset=0, hash=sha(b""))
    taker.end.get(wire.BEGIN)
    while got < SIZE:
        got += len(taker.end.get(wire.DATA).bytes)
    assert taker.end.get(wire.END).hash == digest
    took = time.monotonic() - begun
    taker.link.send(wire.KEPT, file=offer.file)
    hall.alice.expect("file_done", timeout=40)
    taker.end.over()
    return SIZE / took


def main():
    with large.place() as place:
        try:
            hall = Hall(place, options=("--downloads", place / "in", "--accept-from", "eve"))
            path, digest, out, back, bases = place / "large.bin", whole(), [], [], [large.hashing()]
            with open(path, "wb") as f:
                for _ in range(COUNT):
                    f.write(PIECE * MESSAGES)
            for _ in range(RUNS):
                back.append(taken(hall, digest) / 1e6)
                out.append(sent(hall, path, digest) / 1e6)
                bases.append(large.hashing())
            large.row("den takes a file of 1 GB, alone on two cores", back, bases)
            large.row("den sends a file of 1 GB, alone on two cores", out, bases)
            hall.server.stop()
        finally:
            kit.end_all()


if __name__ == "__main__":
    main()
