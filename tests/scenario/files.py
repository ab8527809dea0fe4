"""Files from den to den, over links of their own: asked for, taken, cut, and what is wrong with them."""

import hashlib
import os
import pathlib
import signal
import subprocess
import time

import kit
from console_ctl import ctl

SIZE = 3_000_000


def pair(place, *options, names=("alice", "bob"), server=None, **popen):
    """A server and two in its room who know each other; files come into place/NAME-in."""
    server = server or kit.Server(place)
    clients = [enter(server, name, *options, **popen) for name in names]
    for i, client in enumerate(clients):
        for other in clients[i + 1:]:
            client.expect("joined", name=other.name)
    return server, *clients


def enter(server, name, *options, **popen):
    inbox = server.place / (name + "-in")
    client = kit.Client(server, name, "--downloads", inbox, *options, **popen)
    client.inbox = inbox
    return client


def content(size=SIZE, seed=1):
    return (hashlib.sha512(str(seed).encode()).digest() * (size // 64 + 1))[:size]


def make(place, name="photo.jpg", size=SIZE, seed=1):
    path = place / name
    path.write_bytes(content(size, seed))
    return path


def hidden(inbox):
    return [p for p in inbox.iterdir() if p.name.startswith(".")] if inbox.exists() else []


def took(receiver, path, name=None):
    """It came whole: where it is."""
    done = receiver.expect("file_done", direction="in")
    at = pathlib.Path(done["path"])
    assert at == receiver.inbox / (name or path.name), at
    assert at.read_bytes() == path.read_bytes()
    assert at.stat().st_mode & 0o777 == 0o600, oct(at.stat().st_mode)
    assert not hidden(receiver.inbox)
    return done


@kit.case
def offered_and_accepted(place):
    server, alice, bob = pair(place)
    path = make(place)
    alice.send(f"/send bob {path}")
    offered = alice.expect("file_offered", peer="bob", name="photo.jpg", size=SIZE)
    offer = bob.expect("file_offer", peer="alice", name="photo.jpg", size=SIZE, asked=True)
    bob.send(f"/accept #{offer['file']}")
    took(bob, path)
    alice.expect("file_done", file=offered["file"], direction="out")
    # Again, by the name of who offers, and with nothing behind it: never over what is there.
    alice.send(f"/send bob {path}")
    bob.expect("file_offer")
    bob.send("/accept alice")
    took(bob, path, "photo (2).jpg")
    alice.expect("file_done")
    alice.send(f"/send bob '{path}'")
    bob.expect("file_offer")
    bob.send("/accept")
    took(bob, path, "photo (3).jpg")
    alice.expect("file_done")
    # An empty file is a file.
    empty = make(place, "empty", 0)
    alice.send(f"/send bob {empty}")
    bob.expect("file_offer", size=0)
    bob.send("/accept")
    took(bob, empty)
    alice.expect("file_done")
    alice.quit(), bob.quit()

@kit.case
def declined_taken_back_and_cancelled(place):
    server, alice, bob = pair(place)
    path = make(place)
    alice.send(f"/send bob {path}")
    bob.expect("file_offer")
    bob.send("/decline alice")
    assert alice.expect("file_failed")["reason"] == "declined"
    assert bob.expect("file_failed")["reason"] == "cancelled"
    alice.send(f"/send bob {path}")
    offer = bob.expect("file_offer")
    alice.send(f"/cancel #{alice.expect('file_offered', file=2)['file']}")
    assert bob.expect("file_failed", file=offer["file"])["reason"] == "declined"
    bob.send(f"/accept #{offer['file']}")
    bob.expect("error", code="no-file")
    # A call and an offer at once: the call has the name, the file its number.
    alice.send(f"/send bob {path}", "/chat bob")
    offer = bob.expect("file_offer")
    bob.expect("call", state="ringing", direction="in")
    bob.send("/accept")
    bob.expect("error", code="usage")
    bob.send("/accept alice")
    bob.expect("chat")
    bob.send(f"/accept #{offer['file']}")
    took(bob, path)
    for wrong in ("/send", "/send bob", "/send bob 'x", "/cancel", "/cancel 1", "/accept #x", "/files now"):
        bob.send(wrong)
        bob.expect("error", code="usage")
    bob.send("/files", "/cancel #99", "/send nobody x", "/send bob x")
    assert "No file" in bob.expect("note")["text"]
    bob.expect("error", code="no-file"), bob.expect("error", code="no-member"), bob.expect("error", code="usage")


@kit.case
def what_can_not_be_sent(place):
    server, alice, bob = pair(place, "--max-file", "1M")
    os.mkfifo(place / "pipe")
    (place / "secret").touch(mode=0)
    for name, why in (("nothing", "No such file"), ("pipe", "no regular file"), ("bob-in", ""), (".", "no regular")):
        alice.send(f"/send bob {place / name}")
        failed = alice.expect("file_failed")
        assert failed["reason"] == "failed" and why in failed["text"], failed
    alice.send(f"/send bob {make(place)}")
    assert alice.expect("file_failed")["reason"] == "too-large"
    assert bob.expect("file_offer")["asked"] is False
    assert bob.expect("file_failed")["reason"] == "too-large"
    link = place / "link"
    link.symlink_to(make(place, "small", 1000))
    alice.send(f"/send bob {link}")
    bob.expect("file_offer", name="link", size=1000)
    bob.send("/accept")
    bob.expect("file_done")
    # bob takes no calls at all, or his address can't be reached.
    bob.quit()
    alice.expect("left")
    bob = enter(server, "bob", "--direct-port", "off")
    alice.expect("joined")
    alice.send(f"/send bob {link}")
    assert "--direct-port" in alice.expect("error", code="not-reachable")["text"]


@kit.case
def several_at_once_with_chat_between(place):
    server, alice, bob = pair(place, "--accept-from", "alice,carol")
    alice.send("/chat bob")
    bob.expect("call", state="ringing")
    bob.send("/accept")
    alice.expect("chat"), bob.expect("chat")
    paths = [make(place, f"part{i}.bin", 8_000_000 + i, i) for i in range(12)]
    alice.send("/send bob " + " ".join(str(p) for p in paths))
    for n in range(20):
        alice.send(f"line {n}")
        bob.send(f"line {n}")
        bob.expect("direct", text=f"line {n}"), alice.expect("direct", text=f"line {n}")
    done = {bob.expect("file_done", timeout=60)["name"] for _ in paths}
    assert done == {p.name for p in paths}
    for path in paths:
        assert (bob.inbox / path.name).read_bytes() == path.read_bytes()
        alice.expect("file_done")
    alice.send("EOM")
    bob.expect("chat_end")
    assert not hidden(bob.inbox)


class Slow:
    """A file so large that it is under way when something happens to it, without its bytes being on the disk."""

    def __init__(self, place, size=120_000_000):
        self.path = place / "large.bin"
        with open(self.path, "wb") as f:
            f.write(content(5_000_000))
            f.truncate(size - 5_000_000)
            f.seek(0, os.SEEK_END)
            f.write(content(5_000_000, 2))

    def under_way(self, inbox, least=10_000_000):
        """The partial file has so much."""
        deadline = time.monotonic() + kit.PATIENCE
        while not any(p.stat().st_size >= least for p in hidden(inbox)):
            assert time.monotonic() < deadline
            time.sleep(0.005)


def same(one, other):
    """Without both in memory."""
    return subprocess.run(["cmp", "-s", one, other]).returncode == 0


def resumed(receiver, path):
    done = receiver.expect("file_done", timeout=60)
    assert done["resumed"] >= 5_000_000, done
    assert same(done["path"], path) and not hidden(receiver.inbox)
    receiver.records_gone = list((receiver.inbox.parent / receiver.name / "parcels").iterdir())
    assert not receiver.records_gone
    return done


def kill(*clients):
    for client in clients:
        client.signal(signal.SIGKILL)
        client.wait()


@kit.case
def the_receiver_is_killed(place):
    server, alice, bob = pair(place, "--accept-from", "alice")
    slow = Slow(place)
    alice.send(f"/send bob {slow.path}")
    slow.under_way(bob.inbox)
    kill(bob)
    alice.expect("file_cut")
    bob = enter(server, "bob")  # it was accepted before: nobody needs to accept it again
    resumed(bob, slow.path)
    alice.expect("file_done")


@kit.case
def the_sender_is_killed_then_both(place):
    server, alice, bob = pair(place)
    slow = Slow(place)
    alice.send(f"/send bob {slow.path}")
    bob.expect("file_offer")
    bob.send("/accept")
    slow.under_way(bob.inbox)
    kill(alice)
    bob.expect("file_cut")
    bob.send("/files")
    assert bob.expect("file")["state"] == "waits"
    alice = enter(server, "alice")
    slow.under_way(bob.inbox, 40_000_000)
    kill(alice, bob)
    bob = enter(server, "bob")
    alice = enter(server, "alice")
    resumed(bob, slow.path)
    alice.expect("file_done")
    assert not list((place / "alice" / "parcels").iterdir())


@kit.case
def a_file_that_changed_begins_anew(place):
    server, alice, bob = pair(place, "--accept-from", "alice")
    slow = Slow(place)
    alice.send(f"/send bob {slow.path}")
    slow.under_way(bob.inbox)
    kill(alice)
    os.utime(slow.path)
    alice = enter(server, "alice")
    done = bob.expect("file_done", timeout=60)
    assert done["resumed"] == 0 and same(done["path"], slow.path)
    # Of the same size and time, and yet another one: what is there is compared.
    slow = Slow(place)
    alice.send(f"/send bob {slow.path}")
    slow.under_way(bob.inbox)
    kill(alice)
    times = slow.path.stat()
    with open(slow.path, "r+b") as f:
        f.write(b"other")
    os.utime(slow.path, ns=(times.st_atime_ns, times.st_mtime_ns))
    alice = enter(server, "alice")
    done = bob.expect("file_done", timeout=60)
    assert done["resumed"] == 0 and same(done["path"], slow.path)
    # While it is sent.
    alice.expect("file_done")
    slow = Slow(place)
    alice.send(f"/send bob {slow.path}")
    slow.under_way(bob.inbox)
    os.utime(slow.path)
    alice.expect("file_changed")
    done = bob.expect("file_done", timeout=60)
    assert same(done["path"], slow.path) and not hidden(bob.inbox)


class Receiver(kit.Running):
    """den receive, that waits for files."""

    parse = staticmethod(kit.Client.parse)

    def __init__(self, server, name, *options):
        self.name, self.inbox = name, server.place / (name + "-in")
        super().__init__(kit.program("den"), *server.options_for(name, "--json", "--downloads", self.inbox), "receive",
                         server.address, *options)
        self.expect("ready")

    expect, seen = kit.Client.expect, kit.Client.seen


@kit.case
def one_shots(place):
    server = kit.Server(place)
    one, two = make(place, "one.txt", 1000), make(place, "two.txt", 2_000_000)
    bob = Receiver(server, "bob")
    server.den("alice", "send", "bob", one, two)
    assert {took_any(bob), took_any(bob)} == {"one.txt", "two.txt"}
    assert (bob.inbox / "two.txt").read_bytes() == two.read_bytes()
    # What is written to him meanwhile waits for a den that shows it.
    server.den("alice", "msg", "bob", "are you there?")
    # A name of the room that bob has never met is one of the room all the same; but not another key of it.
    server.den("alice", "send", "nobody", one, code=4)
    server.den("alice", "send", "bob", place / "none", code=1)
    server.den("alice", "send", "bob", code=2)
    for words in (("who", server.address, "--once"), ("receive", server.address, "x"),
                  ("receive", server.address, "--direct-port", "off"), ("receive", server.address, "--from", "?")):
        kit.run("den", *server.options_for("carol"), *words, code=2)
    bob.signal(signal.SIGTERM)
    bob.wait(0)
    # From one alone, and one alone.
    bob = Receiver(server, "bob", "--from", "carol", "--once")
    _, why = server.den("alice", "send", "bob", one, code=1)
    assert "declined" in why
    out, _ = server.den("carol", "send", "bob", one, options=("--json",))
    assert '"file_done"' in out
    assert took_any(bob) == "one (2).txt"
    bob.wait(0)
    # Cut, the same command goes on.
    slow = Slow(place)
    bob = Receiver(server, "bob")
    words = [kit.program("den"), *server.options_for("alice"), "send", server.address, "bob", slow.path]
    sender = kit.Running(*words)
    slow.under_way(bob.inbox)
    kill(sender)
    bob.expect("file_cut")
    server.den("alice", "send", "bob", slow.path)
    assert bob.expect("file_done", name="large.bin")["resumed"] > 5_000_000
    assert same(bob.inbox / "large.bin", slow.path)

    bob.signal(signal.SIGTERM)
    bob.wait(0)
    enter(server, "bob").expect("message", from_="alice", text="are you there?")


@kit.case
def keys_in_doubt_are_told_by_the_exit_code(place):
    server = kit.Server(place)
    path = make(place, "one.txt", 1000)
    bob = enter(server, "bob")
    server.den("alice", "msg", "bob", "It is I.")
    bob.expect("message")
    bob.quit()
    bob = Receiver(server, "bob")
    for name in ("alice", "dora"):  # of dora he knows no more than that this file came
        server.den(name, "send", "bob", path)
        took_any(bob)
        # The name has another key now, which bob does not take for hers.
        ctl(server, "release", name)
        _, why = server.den(name, "send", "bob", path, options=("--state", place / f"not-{name}"), code=3)
        assert "bob" in why, why
    # And bob's name, of which alice remembers the key.
    bob.signal(signal.SIGTERM)
    bob.wait(0)
    ctl(server, "release", "alice"), ctl(server, "release", "bob")
    other = kit.Client(server, "bob", "--state", place / "other-bob")
    _, why = server.den("alice", "send", "bob", path, code=3)
    assert "/trust bob" in why, why
    other.quit()
    # A receiver whom the server's key is not the one that it was told.
    options = server.options_for("bob", "--state", place / "other-bob")
    options[options.index("--pin") + 1] = "SHA256:" + 64 * "0"
    kit.run("den", *options, "receive", server.address, code=3)


PROGRESS = r"large\.bin [#-]{12} \d+% [\d.]+ [kMG]?B/s \d+:\d\d left"


@kit.case
def both_sides_see_how_far_it_is(place):
    """A bar, the rate and the time left; the other side is held up, so that there is something to see."""
    server = kit.Server(place)
    slow = Slow(place)
    inbox = place / "bob-in"
    carol = kit.Client(server, "carol")
    taker = kit.Terminal(server, "bob", words=["--downloads", inbox, "receive", server.address])
    carol.expect("joined", name="bob")
    sender = kit.Terminal(server, "alice", words=["send", server.address, "bob", slow.path])
    for seen, other in ((sender, taker), (taker, sender)):
        slow.under_way(inbox)
        seen.text = ""
        os.kill(other.child.pid, signal.SIGSTOP)
        try:
            seen.until(PROGRESS)
        finally:
            os.kill(other.child.pid, signal.SIGCONT)
    assert sender.child.wait(60) == 0
    carol.quit()


def took_any(receiver):
    return pathlib.Path(receiver.expect("file_done", direction="in")["path"]).name


if __name__ == "__main__":
    kit.main()
