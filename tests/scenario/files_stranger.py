"""den's files against an independent client, both ways, and against one that means harm."""

import stranger  # before kit: it may change to another Python

import os
import resource

from direct_stranger import EVE, Hall
from stranger import wire
from stranger.direct import Caller
from stranger.files import Sender, Taker, sha
from stranger.link import Ended

import kit
from files import content, hidden


class Hall2(Hall):
    """alice, who is den, takes what eve sends, if she asks for it."""

    def __init__(self, place, *options, **more):
        self.inbox = place / "in"
        super().__init__(place, options=("--downloads", self.inbox, *options), **more)

    def offered(self, sender, name, size, **offer):
        """One whose user says yes."""
        sender.offer(name, size, **offer)
        number = self.alice.expect("file_offer")["file"]
        self.alice.send(f"/accept #{number}")
        return number


def ended(sender, code=1):
    error = sender.end.get(wire.ERROR)
    assert error.code == code, error
    assert sender.link.end()


@kit.case
def the_stranger_sends(place):
    hall = Hall2(place, "--accept-from", "eve")
    data = content(1_000_001)
    sender = Sender(hall.eve, "alice")
    assert sender.give("photo.jpg", data) == 0
    assert (hall.inbox / "photo.jpg").read_bytes() == data
    hall.alice.expect("file_done", name="photo.jpg", size=len(data))
    # Cut in the middle; then the same again, on another link.
    token = os.urandom(16)
    sender.offer("cut.bin", len(data), token=token)
    sender.taken()
    sender.begin()
    sender.data(data[:700_000])
    sender.link.cut()
    hall.alice.expect("file_cut")
    sender = Sender(hall.eve, "alice")
    assert sender.give("cut.bin", data, token=token) > 500_000
    assert hall.alice.expect("file_done", name="cut.bin")["resumed"] > 500_000
    # It never heard that it was kept, and asks again.
    sender.offer("cut.bin", len(data), token=token)
    sender.kept()
    assert sorted(p.name for p in hall.inbox.iterdir()) == ["cut.bin", "photo.jpg"]
    # It lies about what it has: what is there is thrown away.
    token = os.urandom(16)
    sender.offer("two.bin", len(data), token=token)
    sender.taken()
    sender.begin()
    sender.data(data[:700_000])
    sender.link.send(wire.EOM)
    assert sender.link.end()
    sender = Sender(hall.eve, "alice")
    other = content(len(data), 5)
    assert sender.give("two.bin", other, token=token) == 0
    assert (hall.inbox / "two.bin").read_bytes() == other
    sender.link.send(wire.EOM)
    assert sender.link.end()
    hall.room_goes_on()


@kit.case
def the_stranger_takes(place):
    hall = Hall2(place)
    path = place / "photo.jpg"
    path.write_bytes(content(1_000_001))
    hall.alice.send(f"/send eve {path}")
    taker = Taker(hall.phone.answer(hall.room))
    offer = taker.offered()
    assert (offer.name, offer.size, offer.mtime) == ("photo.jpg", 1_000_001, path.stat().st_mtime_ns)
    assert taker.take(offer) == (path.read_bytes(), 0)
    hall.alice.expect("file_done")
    taker.end.over()
    # Lost in the middle: it is offered again with its token, and goes on.
    hall.alice.send(f"/send eve {path}")
    taker = Taker(hall.phone.answer(hall.room))
    offer = taker.offered()
    taker.link.send(wire.TAKE, file=offer.file, offset=0, hash=sha(b""))
    taker.end.get(wire.BEGIN)
    taker.end.get(wire.DATA)
    taker.link.cut()
    hall.alice.expect("file_cut")
    taker = Taker(hall.phone.answer(hall.room))
    again = taker.offered()
    assert again.token == offer.token
    assert taker.take(again, path.read_bytes()[:400_000]) == (path.read_bytes(), 400_000)
    hall.alice.expect("file_done", resumed=400_000)
    taker.end.over()
    # What is there is something else: from the beginning. And every way to say no.
    hall.alice.send(f"/send eve {path}")
    taker = Taker(hall.phone.answer(hall.room))
    assert taker.take(taker.offered(), b"x" * 1000) == (path.read_bytes(), 0)
    hall.alice.expect("file_done", resumed=0)
    taker.end.over()
    for why, reason in ((1, "declined"), (2, "too-large"), (3, "no-space"), (5, "damaged"), (6, "failed-there"),
                        (7, "busy"), (99, "failed-there")):
        hall.alice.send(f"/send eve {path}")
        taker = Taker(hall.phone.answer(hall.room))
        taker.link.send(wire.DROP, file=taker.offered().file, why=why)
        hall.alice.expect("file_failed", reason=reason)
        taker.end.over()
    # One that does not know of files is not asked for them.
    hall.alice.send(f"/send eve {path}")
    taker = Taker(hall.phone.answer(hall.room), features=0)
    taker.end.get(wire.QUIT)
    assert "can't take files" in hall.alice.expect("error", code="not-reachable")["text"]
    # More than there is.
    hall.alice.send(f"/send eve {path}")
    taker = Taker(hall.phone.answer(hall.room))
    taker.link.send(wire.TAKE, file=taker.offered().file, offset=1_000_002, hash=bytes(32))
    assert taker.end.get(wire.ERROR).code == 1
    hall.room_goes_on()


@kit.case
def names_that_mean_harm(place):
    hall = Hall2(place, "--accept-from", "eve")
    sender = Sender(hall.eve, "alice")
    (place / "x").write_bytes(b"mine")
    (place / ".bashrc").write_bytes(b"mine")
    for name, here in (("../x", "x"), ("../../../../tmp/x", "x (2)"), (".bashrc", "bashrc"), ("..", "file"), ("/", "file (2)"),
                       ("a\x1b[2Jb\nc\\d", "a_[2Jb c_d"), ("‮gpj.exe", "_gpj.exe"), ("n" * 251 + ".jpg", "n" * 251 + ".jpg"),
                       ("n" * 251 + ".jpg", "n" * 247 + " (2).jpg")):
        sender.give(name, b"data")
        done = hall.alice.expect("file_done")
        assert done["path"] == str(hall.inbox / here), done
    assert (place / "x").read_bytes() == b"mine" == (place / ".bashrc").read_bytes()
    assert all(c.isprintable() for c in hall.alice.out.decode().replace("\n", "")), hall.alice.out[-500:]
    for name in ("n" * 256, "", b"\xff"):
        sender = Sender(hall.eve, "alice")
        sender.offer(name, 4)
        ended(sender)
    hall.room_goes_on()


@kit.case
def lies_and_what_comes_at_the_wrong_time(place):
    hall = Hall2(place, "--accept-from", "eve", "--max-file", "1M")
    data = content(100_000)
    sender = Sender(hall.eve, "alice")
    sender.offer("hash", len(data))
    sender.taken(), sender.begin(), sender.data(data), sender.finish(b"other")
    sender.dropped(5)
    assert hall.alice.expect("file_failed", name="hash")["reason"] == "damaged"
    sender.offer("short", len(data))
    sender.taken(), sender.begin(), sender.data(data[:-1]), sender.finish(data[:-1])
    sender.dropped(5)
    sender.offer("large", 1024 * 1024 + 1)
    sender.dropped(2)
    sender.data(b"late")  # of a file that is over: nothing
    sender.give("good", data)
    hall.alice.expect("file_done", name="good")

    def wrong(*steps):
        sender = Sender(hall.eve, "alice")
        sender.offer("wrong", len(data))
        sender.taken()
        for step in steps:
            step(sender)
        ended(sender)

    wrong(lambda s: s.begin(), lambda s: s.data(data + b"x"))
    wrong(lambda s: s.begin(5))
    wrong(lambda s: s.begin(), lambda s: s.begin())
    wrong(lambda s: s.data(data))
    wrong(lambda s: s.finish(data))
    wrong(lambda s: s.offer("again", 5, file=s.last))
    wrong(lambda s: s.begin(file=99))
    wrong(lambda s: s.link.send(wire.TEXT, text="hello"))
    wrong(lambda s: s.link.send(wire.KEPT, file=s.last))
    wrong(lambda s: s.link.send(wire.DATA, file=s.last, bytes=b""))
    sender = Sender(hall.eve, "alice")
    sender.offer("huge", 2**63)
    ended(sender)
    # Files in a chat.
    caller = hall.called()
    caller.link.send(wire.OFFER, file=1, token=bytes(16), size=1, mtime=1, name="x")
    assert caller.get(wire.ERROR).code == 1
    # A purpose from the future is refused as a stranger is.
    caller = Caller(hall.eve, "alice", call=False)
    caller.call(fields=wire.field(1, b"\2"))
    assert caller.get(wire.ERROR).code == 9
    assert not [p for p in hall.inbox.iterdir() if p.name not in ("good",) and not p.name.startswith(".")]
    hall.room_goes_on()


@kit.case
def too_many_offers(place):
    hall = Hall2(place)
    sender = Sender(hall.eve, "alice")
    for n in range(16):
        sender.offer(f"f{n}", 1)
    for n in range(16):
        hall.alice.expect("file_offer", asked=True)
    sender.offer("one more", 1)
    ended(sender)
    # Taken back again and again.
    sender = Sender(hall.eve, "alice")
    try:
        for n in range(40):
            sender.offer(f"f{n}", 1)
            sender.link.send(wire.DROP, file=sender.last, why=1)
        ended(sender)
    except (Ended, OSError):
        pass
    assert len(hall.alice.seen("file_offer")) <= 16 + 17
    hall.room_goes_on()


@kit.case
def a_disk_that_is_full(place):
    """No file may be longer than that: it is as a disk is that fills up while it is written to."""
    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

    server = kit.Server(place)
    alice = kit.Client(server, "alice", "--downloads", place / "in", "--accept-from", "bob", preexec_fn=small_files)
    bob = kit.Client(server, "bob")
    alice.expect("joined")
    path = place / "large"
    path.write_bytes(content(5_000_000))
    bob.send(f"/send alice {path}")
    assert alice.expect("file_failed")["reason"] == "no-space"
    assert bob.expect("file_failed")["reason"] == "no-space"
    # More than the disk holds is not begun; a directory that can't be written to is told.
    huge = place / "huge"
    with open(huge, "wb") as f:
        try:
            f.truncate(1 << 43)
        except OSError:
            f.truncate(1 << 40)
    if os.statvfs(place).f_bavail * os.statvfs(place).f_frsize < huge.stat().st_size:
        bob.send(f"/send alice {huge}")
        assert alice.expect("file_failed", name="huge")["reason"] == "no-space"
    assert not hidden(place / "in")
    (place / "in").rmdir()
    (place / "in").write_bytes(b"no directory")
    path.write_bytes(b"small")
    bob.send(f"/send alice {path}")
    assert alice.expect("file_failed", reason="failed")
    bob.expect("file_failed", reason="failed-there")


if __name__ == "__main__":
    kit.main()
