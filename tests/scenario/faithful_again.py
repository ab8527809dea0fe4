"""A den that dies between writing a message out and recording it: that message comes again, marked, and no other does.

Once by a library that kills it (dying.c) just where it would record it, once by a reader that leaves it in the middle.
"""

import fcntl
import json
import os
import signal
import subprocess

import kit

ON = ("--reconnect", "on")
TEXTS = [f"text {i}" for i in range(4)]


def room(place):
    """alice is in the room, and has written to bob, who was there before and is away."""
    server = kit.Server(place)
    alice = kit.Client(server, "alice")
    kit.Client(server, "bob").quit()
    alice.expect("left", name="bob")
    alice.send(*[f"/msg bob {text}" for text in TEXTS])
    for _ in TEXTS:
        alice.expect("sent", to="bob")
    return server, alice


@kit.case
def only_that_one_comes_again(place):
    server, alice = room(place)
    bob = kit.Client(server, "bob", *ON, **kit.preloaded(place, "dying"))
    first = bob.expect("message")
    bob.wait(-signal.SIGKILL)
    assert first["text"] == TEXTS[0] and "again" not in first and len(bob.seen("message")) == 1
    # As often as it dies there; and from another sender meanwhile nothing is marked.
    bob = kit.Client(server, "bob", *ON, **kit.preloaded(place, "dying"))
    assert bob.expect("message", text=TEXTS[0])["again"]
    bob.wait(-signal.SIGKILL)
    bob = kit.Client(server, "bob", *ON)
    got = [bob.expect("message") for _ in TEXTS]
    assert [m["text"] for m in got] == TEXTS and got[0]["id"] == first["id"], got
    assert [m.get("again", False) for m in got] == [True, False, False, False], got
    bob.expect("past", lost=0)
    bob.quit()
    # Then it is recorded, and over.
    bob = kit.Client(server, "bob", *ON)
    alice.send("/msg bob the next")
    assert "again" not in bob.expect("message", text="the next") and len(bob.seen("message")) == 1


@kit.case
def a_person_reads_that_it_is_again(place):
    server, alice = room(place)
    bob = kit.Talker(server, "bob", *ON, **kit.preloaded(place, "dying"))
    bob.line(f"alice.*: {TEXTS[0]}$")
    bob.wait(-signal.SIGKILL)
    bob = kit.Talker(server, "bob", *ON)
    lines = [bob.line(f": {text}$") for text in TEXTS]
    assert ["(again)" in line for line in lines] == [True, False, False, False], lines


@kit.case
def killed_in_the_middle_of_writing_it_out(place):
    """Its reader takes the first byte of a long message, and no more: so den is at it when it is killed."""
    server, alice = room(place)
    long = "y" * 20000
    alice.send(f"/msg bob {long}")
    alice.expect("sent", to="bob")
    outer, inner = os.pipe()
    fcntl.fcntl(inner, fcntl.F_SETPIPE_SZ, 4096)
    den = subprocess.Popen([kit.program("den"), *server.options_for("bob", "--json", *ON), server.address],
                           stdin=subprocess.PIPE, stdout=inner)
    os.close(inner)
    out = b""
    while not out.endswith(b'"yyyy'):
        out += os.read(outer, 1)
    den.kill()
    den.wait(), den.stdin.close()
    while data := os.read(outer, 65536):
        out += data
    os.close(outer)
    shown = [json.loads(line) for line in out.splitlines() if line.endswith(b"}")]
    assert [m["text"] for m in shown if m["event"] == "message"] == TEXTS
    bob = kit.Client(server, "bob", *ON)
    assert bob.expect("message", text=long)["again"]
    bob.expect("past")
    assert len(bob.seen("message")) == 1


if __name__ == "__main__":
    kit.main()
