"""A server whose library has 1,000 indexed clips: how long it takes until it listens, and until it has told them all."""

import os
import pathlib
import subprocess
import tempfile
import time

import measure
import servers

CLIPS = 1000


def make_library(place):
    drawn = pathlib.Path(os.environ["BENCH_LIBRARY"]) / "testcard"
    for i in range(CLIPS):
        clip = place / "lib" / f"clip{i}"
        clip.mkdir(parents=True)
        for file in drawn.iterdir():
            os.link(file, clip / file.name)  # an index knows its film by size and time
    return place / "lib"


def start(place, library):
    """(seconds until it listens, until the list is there)"""
    begun = time.monotonic()
    with servers.dend(place, library):
        listens = time.monotonic() - begun
        told = subprocess.run([measure.BUILD / "dend", "ctl", "--config", "off", "--state", place / "state", "clips"], check=True,
                              text=True, capture_output=True).stdout
        assert told.count("\n") == CLIPS, told[-300:]
        return listens, time.monotonic() - begun


def main():
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as name:
        place = pathlib.Path(name)
        library = make_library(place)
        start(place, library)  # makes the key
        runs = [start(place, library) for _ in range(measure.RUNS)]
    for what, values in zip(("listens", "has told them all"), zip(*runs)):
        measure.quantity(f"from its start until a server with {CLIPS} clips {what}", values, 0.2, "s")


if __name__ == "__main__":
    main()
