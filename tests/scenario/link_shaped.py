"""Viewers at the end of a link of 1 Mbit/s that the kernel shapes, between two network namespaces. Root only; nothing
outside the namespaces is touched, and they end with the processes that hold them."""
# alone
import ctypes
import os
import statistics
import subprocess
import time

import cinema_pace as pace
import cinema_room as room
import kit

ROUNDS = 12
MOST_MS = 200           # of each single message, on a machine that has time
NEAR, FAR = "192.0.2.1", "192.0.2.2"  # addresses for documentation: nobody's


class Place:
    """A network namespace; `popen` are options that start a program in it."""

    def __init__(self):
        self.holder = kit.Running("unshare", "--net", "sh", "-c", "echo here; exec cat")
        self.holder.line("here")
        self.pid = self.holder.pid
        self.net = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        libc = ctypes.CDLL(None, use_errno=True)
        self.popen = {"preexec_fn": lambda: libc.setns(self.net, 0) and os._exit(1)}

    def run(self, *words):
        kit.tool("nsenter", f"--net=/proc/{self.pid}/ns/net", *words)

    def close(self):
        os.close(self.net)


class Link:
    """near and far are Places; what either sends takes the time that the rate says, and queues for long."""

    def __init__(self, rate="1mbit"):
        if os.geteuid() != 0:
            raise kit.Skip("only root can shape a link")
        for name in ("unshare", "nsenter", "ip", "tc"):
            kit.need(name)
        if subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode != 0:
            raise kit.Skip("no network namespaces here")
        self.near, self.far = Place(), Place()
        self.near.run("ip", "link", "add", "to-far", "type", "veth", "peer", "name", "to-near", "netns",
                      str(self.far.pid))
        for place, device, address in ((self.near, "to-far", NEAR), (self.far, "to-near", FAR)):
            place.run("ip", "address", "add", f"{address}/24", "dev", device)
            place.run("ip", "link", "set", "lo", "up")
            place.run("ip", "link", "set", device, "up")
        self.shape("add", rate)

    def shape(self, verb, rate):
        for place, device in ((self.near, "to-far"), (self.far, "to-near")):
            place.run("tc", "qdisc", verb, "dev", device, "root", "tbf", "rate", rate, "burst", "4000", "limit",
                      "200000")

    def close(self):
        self.near.close()
        self.far.close()


def say(one, other, text, took):
    begun = time.monotonic()
    one.send(f"/msg {other.name} {text}")
    other.expect("message", text=text, from_=one.name)
    took.append(1000 * (time.monotonic() - begun))


def rounds(talkers, count, tag):
    """Messages both ways between the first and each other, one after the other: ms by direction."""
    first, took = talkers[0], {}
    for i in range(count):
        for other in talkers[1:]:
            say(first, other, f"{tag} {i}", took.setdefault(f"to {other.name}", []))
            say(other, first, f"{tag} back {i}", took.setdefault(f"from {other.name}", []))
    return took


@kit.case
def chat_is_quick_beside_large_frames(place):
    """330 kB a frame take 2.6 s there. Carol watches and chats by one link, dave only chats by the same wire."""
    link = Link("1mbit")
    try:
        folder = room.card(place, seconds=40, fps="2", heights="1800", quality=95)
        size = statistics.mean(map(len, room.jpegs(folder / "1800p.mjpeg")))
        assert size > 300_000, size
        server = kit.Server(place, listen=f"{NEAR}:0", **link.near.popen)
        alice = kit.Client(server, "alice", **link.near.popen)
        carol = kit.Client(server, "carol", *room.HEADLESS, **link.far.popen)
        dave = kit.Client(server, "dave", **link.far.popen)
        alice.expect("joined", name="dave"), carol.expect("joined", name="dave")
        idle = rounds((alice, carol, dave), 3, "idle")
        carol.send("/play card 1800")
        carol.expect("frame", number=0)
        with pace.Control() as control:
            took = rounds((alice, carol, dave), ROUNDS, "busy")
        for way, ms in took.items():
            print(f"# {way}: median {statistics.median(ms):.0f} ms, worst {max(ms):.0f} "
                  f"(without a film {statistics.median(idle[way]):.0f})")
        carol.expect("frame", outcome="skipped")
        carol.send("/stop")
        end = carol.expect("stream_end")
        frames = carol.seen("frame")
        assert end["reason"] == "stopped" and end["skipped"] > 0 and end["shown"] + end["late"] >= 2, end
        # Whole or not at all, and in their order.
        assert [f["number"] for f in frames] == list(range(len(frames)))
        room.check_bytes(folder, [f for f in frames if f["outcome"] != "skipped"])
        for way, ms in took.items():
            assert pace.BUSY or statistics.median(ms) < MOST_MS, (way, sorted(map(round, ms)))
            assert pace.BUSY or control.busy() or max(ms) < MOST_MS, (way, sorted(map(round, ms)), str(control))
        alice.quit(), carol.quit(), dave.quit()
    finally:
        link.close()


@kit.case
def auto_steps_down_before_anything_is_late(place):
    """From 60 Mbit/s to 9 while it plays, which is too little for 720p, and back."""
    link = Link("60mbit")
    try:
        room.card(place, seconds=22, fps="25", heights="240,720", quality=80)
        server = kit.Server(place, listen=f"{NEAR}:0", **link.near.popen)
        alice = kit.Client(server, "alice", *room.HEADLESS, **link.far.popen)
        alice.send("/play card auto")
        wanted = []
        with pace.Control() as control:
            for rate, height in ((None, 720), ("9mbit", 240), ("60mbit", 720))[:2 if pace.BUSY else 3]:
                if rate:
                    link.shape("change", rate)
                wanted.append(alice.expect("rendition", height=height))
                number = alice.take(lambda e: e["event"] == "frame" and e["height"] == height and
                                    e["number"] > len(wanted) * 20, f"frame of {height}p")["number"]
                alice.expect("frame", number=number + 25)
        alice.send("/stop")
        end = alice.expect("stream_end")
        frames = alice.seen("frame")
        print(f"# of {len(frames)} frames: {end}; a bare sleep was {control.mean:.2f} ms late")
        assert [f["number"] for f in frames] == list(range(len(frames)))
        assert pace.BUSY or control.busy() or end["shown"] >= 0.97 * len(frames), end
        alice.quit()
    finally:
        link.close()


if __name__ == "__main__":
    kit.main()
