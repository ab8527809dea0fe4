"""What the parts about large files share: how large, where they lie, and how fast br_sha256 hashes."""

import contextlib
import os
import pathlib
import re
import subprocess
import tempfile

import measure

SIZE = 1_000_000_000
# In memory, if there is such a place: the disk is not what is measured.
WHERE = "/dev/shm" if os.access("/dev/shm", os.W_OK) and os.statvfs("/dev/shm").f_bavail * 4096 > 3 * SIZE else None


def hashing():
    """MB a second of br_sha256."""
    out = subprocess.run([measure.BUILD / "tests" / "bench_sha256"], check=True, capture_output=True, text=True).stdout
    return float(re.search(r"br_sha256 (\d+)", out)[1])


@contextlib.contextmanager
def place():
    with tempfile.TemporaryDirectory(dir=WHERE) as name:
        yield pathlib.Path(name)


def row(what, rates, bases):
    """A row of MB a second against br_sha256's."""
    rate, base = measure.median(rates), measure.median(bases)
    measure.row(what, f"{rate:.0f} MB/s", f"br_sha256 {base:.0f}", rate / base, ">= 0.8",
                runs=f"{len(rates)}: {min(rates):.0f} to {max(rates):.0f}")
