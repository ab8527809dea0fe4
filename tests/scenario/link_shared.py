"""Many viewers on one loop: each gets a share, who chats does not notice, and dend --rate bounds them all."""
# alone
import stranger  # before kit: it may change to another Python

import concurrent.futures
import re
import statistics
import time

import cinema_pace as pace
import cinema_room as room
from stranger import wire
from stranger.peer import Peer

import kit

VIEWERS, FRAMES, FPS = 30, 60, 12


def say(alice, bob, took):
    begun = time.monotonic()
    alice.send(f"/msg bob {len(took)}")
    bob.expect("message", text=str(len(took)))
    took.append(1000 * (time.monotonic() - begun))


def check_chat(took, control, limit):
    print(f"# chat: median {statistics.median(took):.1f} ms, worst {max(took):.0f}, of {len(took)}; "
          f"a bare sleep was {control.mean:.2f} late, worst {control.worst:.0f}")
    assert pace.BUSY or control.busy() or statistics.median(took) < limit, sorted(map(round, took))


@kit.case
def thirty_laptops_at_once(place):
    """They are all this machine, so the film is a small one, and they speak no JSON, which Python would have to read."""
    room.card(place, seconds=FRAMES // FPS, fps=str(FPS), heights="120", quality=50)
    server = kit.Server(place)
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    crowd = [kit.Running(kit.program("den"), *server.options_for(f"v{i}", *room.HEADLESS), server.address)
             for i in range(VIEWERS)]
    for i, one in enumerate(crowd):
        one.line("^\\* Here ", timeout=2 * kit.PATIENCE)
        bob.expect("joined", name=f"v{i}")
    before, took = pace.memory(server.process), []
    with pace.Control() as control:
        begun = time.monotonic()
        for one in crowd:
            one.send("/play card")
        for second in range(1, FRAMES // FPS):
            crowd[0].line(f"frame {second * FPS} of {FRAMES} ", timeout=2 * kit.PATIENCE)
            say(alice, bob, took)
        ends = [one.line("The clip is over", timeout=2 * kit.PATIENCE) for one in crowd]
        lasted = time.monotonic() - begun
    counts = [[int(n) for n in re.findall(r"(\d+) (?:frames )?(?:shown|late|dropped|skipped)", end)] for end in ends]
    shown = [c[0] for c in counts]
    print(f"# {min(shown)} to {max(shown)} of {FRAMES} frames shown in time, all over after {lasted:.1f} s")
    assert all("(done)" in end for end in ends) and {sum(c) for c in counts} == {FRAMES}, ends
    assert pace.BUSY or control.busy() or (lasted < 2 * FRAMES / FPS and min(shown) >= 0.9 * FRAMES), counts
    assert pace.memory(server.process) - before < 8 << 20, "the server queues for its viewers"
    check_chat(took, control, 100)    # every one of the thirty tries to open each message
    for one in crowd:
        one.send("/quit")
    for one in crowd:
        one.wait(0)


@kit.case
def a_rate_for_all_is_shared_fairly(place):
    """Six who want 400 kB each as fast as it comes, from 600 kB a second: all are served after 4 s, none before."""
    rate, each = 600_000, 400_000
    room.card(place, seconds=8, heights="720", quality=85)
    server = kit.Server(place, "--rate", str(rate))
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    viewers = [Peer(server, f"v{i}") for i in range(6)]
    idle = Peer(server, "idle")
    bob.expect("joined", name="idle")

    def watch(peer, want):
        """The seconds until all of it came."""
        peer.link.send(wire.PLAY, stream=1, clip="card", schedule="720", start=0, credit=want)
        got = 0
        while got < want:
            message = peer.next()
            got += len(message.data) if message.type == wire.FRAME else 0
        return time.monotonic() - begun

    begun = time.monotonic()
    watch(idle, 5000)   # who wants little has it soon, and does not hold the rest up
    with concurrent.futures.ThreadPoolExecutor(len(viewers)) as pool:
        begun = time.monotonic()
        watching = [pool.submit(watch, peer, each) for peer in viewers]
        took = []
        with pace.Control() as control:
            while not all(w.done() for w in watching):
                say(alice, bob, took)
        times = [w.result() for w in watching]
    print(f"# {len(viewers)} x {each} bytes at {rate} a second: {min(times):.2f} to {max(times):.2f} s")
    least = (len(viewers) * each - 0.2 * rate) / rate
    assert max(times) >= least, times
    assert pace.BUSY or control.busy() or (max(times) < 1.3 * len(viewers) * each / rate and
                                           min(times) > 0.8 * max(times)), times
    check_chat(took, control, 50)


if __name__ == "__main__":
    kit.main()
