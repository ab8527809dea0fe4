"""A live cast with two viewers that keep up and one that grants a tenth of its rate, 50 seconds or $MINUTES long: from the moment
when a frame stands in the caster's pipe to the line that says it is shown (so Python's own reading is in it), and dend's
memory."""

import json
import os
import pathlib
import statistics
import sys
import tempfile
import threading
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests" / "scenario"))

import stranger  # noqa: E402, F401  before kit: it may change to another Python
from cinema_room import card, jpegs  # noqa: E402
from stranger import keys, live, wire  # noqa: E402
from stranger.peer import LIVE, VIDEO, Peer  # noqa: E402

import kit  # noqa: E402

SECONDS = 60 * float(os.environ.get("MINUTES", 50 / 60))
FPS = 25
EVERY = 10      # frames before the slow one is given one's worth


def memory(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return 1024 * int(line.split()[1])
    raise AssertionError("no VmRSS")


class Viewer(kit.Client):
    """Its frames: {number: when the line came}."""

    def __init__(self, *words):
        self.shown = {}
        super().__init__(*words)

    def parse(self, line):
        item = json.loads(line)
        if item["event"] == "frame" and item["outcome"] in ("shown", "late"):
            self.shown[item["sha256"]] = time.monotonic()
            return {"event": "seen"}
        return item


def marked(jpeg, number):
    """The same picture as no other frame has it: with a comment."""
    return jpeg[:2] + b"\xff\xfe" + wire.number(2, 10) + wire.number(8, number) + jpeg[2:]


def main():
    import hashlib
    place = pathlib.Path(tempfile.mkdtemp(prefix="den-"))
    frames = jpegs(card(place, "film", seconds=2, heights="480") / "480p.mjpeg")
    size = statistics.mean(map(len, frames))
    server = kit.Server(place)
    reading, writing = os.pipe()
    caster = kit.Running(kit.program("den"), *server.options_for("cam", "--json"), "cast", server.address, "door", "-", stdin=reading)
    os.close(reading)
    caster.take(lambda line: json.loads(line)["event"] == "cast", "the cast")
    viewers = [Viewer(server, name, "--display", "headless") for name in ("alice", "bob")]
    for viewer in viewers:
        viewer.send("/play door")
    zoe = Peer(server, "zoe", keys.Identity(), features=VIDEO | LIVE)
    slow = live.Watching(zoe, "door", credit=1)
    slow.ask()
    whole, stop = [], threading.Event()

    def grant():
        """A tenth of what comes, and reads all that it is sent."""
        due = time.monotonic()
        while not stop.is_set():
            while not zoe.link.silent():
                message = zoe.next()
                if message.type == wire.GIVEN:
                    slow.take_key(message)
                elif message.type == wire.SHOT and message.flags & live.LAST:
                    whole.append(message.number)
            if time.monotonic() >= due:
                zoe.link.send(wire.CREDIT, stream=1, bytes=int(size * FPS / EVERY / 10), wanted=0)
                due += 0.1
            stop.wait(0.01)

    thread = threading.Thread(target=grant, daemon=True)
    thread.start()
    given, levels, number, begin = {}, [], 0, time.monotonic()
    while (now := time.monotonic()) < begin + SECONDS:
        jpeg = marked(frames[number % len(frames)], number)
        view = memoryview(jpeg)
        while view:
            view = view[os.write(writing, view):]
        given[hashlib.sha256(jpeg).hexdigest()] = time.monotonic()
        number += 1
        if number % FPS == 0:
            levels.append(memory(server.process.pid))
        time.sleep(max(0, begin + number / FPS - time.monotonic()))
    stop.set()
    thread.join()
    os.close(writing)
    caster.wait(0)
    for viewer, name in zip(viewers, ("first", "second")):
        late = sorted(1000 * (at - given[sha]) for sha, at in viewer.shown.items() if sha in given)
        share = len(late) / number
        median, worst = statistics.median(late), late[int(len(late) * 0.99)]
        print(f"live: frame in to frame shown, {name} of two viewers beside one at a tenth of the rate | {median:.1f} ms | - | "
              f"{median:.1f} | 50 | - | {len(late)} of {number} frames shown ({100 * share:.1f} %), 99 % within {worst:.0f} ms")
    half = len(levels) // 4
    grown = (statistics.median(levels[-half:]) - statistics.median(levels[half:2 * half])) / 1e6
    print(f"live: memory of dend that {SECONDS:.0f} s of it add | {grown:.2f} MB | - | {max(grown, 0):.2f} | 1 | - | "
          f"from {levels[0] / 1e6:.1f} to {max(levels) / 1e6:.1f} MB; the slow one was sent {len(whole)} whole frames of {number}")
    kit.end_all()


if __name__ == "__main__":
    main()
