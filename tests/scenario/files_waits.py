"""Files that can't go on for the moment: what that costs, and what a person at a terminal sees of them."""

import re
import signal
import time

import cinema_tty
import kit
from files import PROGRESS, Slow, enter, make, pair, took

WINDOW = 2  # seconds of waiting that are looked at
MOST = 0.2  # seconds of CPU in them; who asks again and again whether there is news uses 1 to 2


def rests(client, what):
    """Its CPU while nothing happens that concerns it. What it uses beside that is no matter of how busy the machine is."""
    before = client.cpu()
    time.sleep(WINDOW)
    used = client.cpu() - before
    assert used < MOST, f"{used:.2f} s of CPU in {WINDOW} s: {what}"


def begun(place, *options):
    """alice's large file is on its way to bob."""
    server, alice, bob = pair(place, "--accept-from", "alice", *options)
    slow = Slow(place)
    alice.send(f"/send bob {slow.path}")
    slow.under_way(bob.inbox)
    return server, alice, bob


@kit.case
def a_receiver_that_takes_nothing(place):
    server, alice, bob = begun(place)
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
    server, alice, bob = begun(place, "--reconnect", "on")
    bob.signal(signal.SIGKILL)
    alice.expect("file_cut")
    rests(alice, "a file that waits for somebody who has left")
    server.stop()
    alice.expect("away")
    rests(alice, "a file that waits for the room")


@kit.case
def a_bar_before_the_prompt(place):
    """What is typed stays as it is, lines come above, and the bar goes when the file is there."""
    if "noline" in str(kit.BUILD):
        raise kit.Skip("a build that edits no lines")
    server = kit.Server(place)
    bob = enter(server, "bob", "--accept-from", "alice")
    alice = cinema_tty.Den(server, "alice", columns=100, rows=24, display="headless")
    alice.line("^\\* Here ")
    slow = Slow(place)
    alice.type(f"/send bob {slow.path}\r")
    slow.under_way(bob.inbox)
    bob.signal(signal.SIGSTOP)
    alice.type("half a li")
    alice.line(rf"^\[{PROGRESS}\] > half a li$")
    kit.Client(server, "carol").send("/msg alice look here")
    alice.line("look here")
    alice.line(r"^\[large\.bin [#-]{12} \d+% 0 B/s\] > half a li$")
    bob.signal(signal.SIGCONT)
    bob.expect("file_done", name="large.bin", timeout=60)
    alice.type("ne")
    alice.line("bob has it: large.bin, 120 MB in ")
    alice.until(lambda: re.match("> half a line$", alice.screen.row(alice.screen.y)), "prompt without a bar")
    alice.signal(signal.SIGTERM)
    alice.wait()


if __name__ == "__main__":
    kit.main()
