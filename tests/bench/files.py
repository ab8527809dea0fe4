"""A file of 1 GB from den to den over loopback, against how fast br_sha256 hashes in the same run; their memory; and how soon a
line of a direct chat is there beside it."""

import os
import pathlib
import statistics
import subprocess
import sys
import time

import large
import measure
from memory import memory, row

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scenario"))
import files as transfers  # noqa: E402  the scenario's
import kit  # noqa: E402

RUNS = 5
LINES = 40
WHY = """Why no more: both ends hash all of it, and two cores are all there is here, which are busy all the time. By perf, in a run of
0.73, 79 % of the time of both dens were the hash, 6.5 % AES-GCM, 8 % the kernel's copies of the file's and the sockets' bytes, 2 %
going to sleep and waking: without all of that but the hash, the cipher and four copies it would be about 0.8. What the kernel takes
to have pages for the file that comes differs from minute to minute in this virtual machine (the cp), and makes the rest of the
difference. What helped: not to ask select() again and again while a file is under way (0.6 before). Tried: blocks of 128 and 256 KB
and of 1 MB instead of 512 KB, reading 128 KB at once instead of 32 (nothing)."""


def make(place):
    path = place / "large.bin"
    with open(path, "wb") as f:
        for n in range(large.SIZE // 1_000_000):
            f.write(os.urandom(1000) * 1000)
    return path


class Pair:
    """alice, who sends, and bob, who takes; each of whom sent 20 MB before anything is measured."""

    def __init__(self, place):
        self.server, self.alice, self.bob = transfers.pair(place, "--accept-from", "alice")
        self.both = self.alice, self.bob
        self.path = make(place)
        self.send(transfers.make(place, "small.bin", 20_000_000))
        self.before = [memory(client) for client in self.both]

    def send(self, path, meanwhile=lambda: None):
        """Bytes a second."""
        self.alice.send(f"/send bob {path}")
        self.bob.expect("file_offer")
        meanwhile()
        done = self.bob.expect("file_done", timeout=40)
        self.alice.expect("file_done")
        assert transfers.same(path, done["path"])
        os.unlink(done["path"])
        return 1000 * path.stat().st_size / max(done["ms"], 1)

    def chat(self):
        self.alice.send("/chat bob")
        self.bob.expect("call", state="ringing")
        self.bob.send("/accept")
        self.alice.expect("chat"), self.bob.expect("chat")

    def lines(self):
        """Milliseconds from a line's way into alice to its way out of bob, one line after the other."""
        took = []
        for n in range(LINES):
            begun = time.monotonic()
            self.alice.send(f"line {n}")
            self.bob.expect("direct", text=f"line {n}")
            took.append(1000 * (time.monotonic() - begun))
            self.alice.expect("direct_sent")
        return took


def copying(pair):
    """Seconds that a plain copy of the file takes: what it costs to have the pages for it differs from minute to minute."""
    begun, other = time.monotonic(), pair.path.with_name("copy.bin")
    subprocess.run(["cp", "--reflink=never", "--sparse=never", pair.path, other], check=True)
    took = time.monotonic() - begun
    other.unlink()
    return took


def speed(pair):
    """Rows of how fast it went, and what the hash had of the processor."""
    rates, bases, busy, copies = [], [large.hashing()], [], []
    for _ in range(RUNS):
        copies.append(copying(pair))
        before = sum(client.cpu() for client in pair.both)
        rates.append(pair.send(pair.path) / 1e6)
        busy.append(sum(client.cpu() for client in pair.both) - before)
        bases.append(large.hashing())
    large.row("a file of 1 GB over loopback", rates, bases)
    used = statistics.median(busy)
    hashed = 2 * large.SIZE / 1e6 / statistics.median(bases)
    measure.remark(f"""The two dens took {used:.1f} s of processor for it, on {os.cpu_count()} cores; br_sha256 alone takes {hashed:.1f} s
        for both ends' hashes, {100 * hashed / used:.0f} % of that. A plain cp of the file took {min(copies):.2f} to {max(copies):.2f} s.""")


def chat_beside(pair):
    pair.chat()
    idle, beside = pair.lines(), []
    pair.send(pair.path, lambda: beside.extend(pair.lines()))
    worst, middle = max(beside), statistics.median(beside)
    measure.row("a line of a direct chat beside that file, median", f"{middle:.2f} ms", figure=middle, reach=20,
                runs=f"{LINES}: worst {worst:.1f} ms")
    measure.row("the same without the file", f"{statistics.median(idle):.2f} ms", figure=statistics.median(idle),
                runs=f"{LINES}: worst {max(idle):.1f} ms")


def main():
    with large.place() as place:
        try:
            pair = Pair(place)
            speed(pair)
            for who, client, before in zip(("sends", "takes"), pair.both, pair.before):
                row(f"den that {who} it: peak above what it has after 20 MB", max(0, memory(client, "VmHWM") - before) / 1e6, 2, "MB")
            first, second = pair.before
            print(f"den after 20 MB: RSS {first / 1e6:.1f} and {second / 1e6:.1f} MB; where files lie: {large.WHERE or 'the disk'}")
            chat_beside(pair)
            measure.remark(WHY)
            pair.server.stop()
        finally:
            kit.end_all()


if __name__ == "__main__":
    main()
