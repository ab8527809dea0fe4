"""Files that can't go on for the moment: what that costs."""

import signal
import time

import kit
from files import Slow, make, pair, took

WINDOW = 2  # seconds of waiting that are looked at
MOST = 0.2  # seconds of CPU in them; who asks again and again whether there is news uses 1 to 2


def rests(client, what):
    """Its CPU while nothing happens that concerns it. What it uses beside that is no matter of how busy the machine is."""
    before = client.cpu()
    time.sleep(WINDOW)
    used = client.cpu() - before
    assert used < MOST, f"{used:.2f} s of CPU in {WINDOW} s: {what}"


@kit.case
def a_receiver_that_takes_nothing(place):
    server, alice, bob = pair(place, "--accept-from", "alice")
    slow = Slow(place)
    alice.send(f"/send bob {slow.path}")
    slow.under_way(bob.inbox)
    bob.signal(signal.SIGSTOP)
    alice.expect("file_progress")
    rests(alice, "a file that is under way, and stands still")
    alice.send(f"/send bob {make(place)}")
    alice.expect("file_offered", name="photo.jpg")
    bob.signal(signal.SIGCONT)
    bob.expect("file_done", name="large.bin", timeout=60)
    took(bob, place / "photo.jpg")


@kit.case
def a_receiver_that_does_not_answer_the_call(place):
    server, alice, bob = pair(place, "--accept-from", "alice")
    path = make(place)
    bob.signal(signal.SIGSTOP)
    alice.send(f"/send bob {path}", "/who")
    alice.expect("directory")
    rests(alice, "files whose link is not there yet")
    bob.signal(signal.SIGCONT)
    took(bob, path)


@kit.case
def a_room_that_is_gone(place):
    server, alice, bob = pair(place, "--accept-from", "alice", "--reconnect", "on")
    slow = Slow(place)
    alice.send(f"/send bob {slow.path}")
    slow.under_way(bob.inbox)
    bob.signal(signal.SIGKILL)
    alice.expect("file_cut")
    rests(alice, "a file that waits for somebody who has left")
    server.stop()
    alice.expect("away")
    rests(alice, "a file that waits for the room")


if __name__ == "__main__":
    kit.main()
