"""The clock set back, and ahead: of dend, and of den. Nothing is lost, nothing comes twice, and nothing waits for it.

A library that is loaded before the program (wrong_clock.c) moves the wall clock while it runs.
"""

import re
import select
import socket

import kit
from console_ctl import ctl
from room_invited import CODE

YEARS = 365 * 86400
BACK, AHEAD = -20 * YEARS, 20 * YEARS


class Clock:
    """One for each program whose clock is to be wrong; more: Popen's options that give it the program."""

    def __init__(self, place, name="clock"):
        self.file = place / name
        self.off(0)
        self.more = kit.preloaded(place, "wrong_clock", DEN_TEST_CLOCK=str(self.file))

    def off(self, seconds):
        with open(self.file, "r+b" if self.file.exists() else "wb") as file:
            file.write(seconds.to_bytes(8, "little", signed=True))


class Pair:
    """alice and bob; what alice says gets there, once."""

    def __init__(self, server, alice=None, *options):
        self.alice = kit.Client(server, "alice", *options, **(alice.more if alice else {}))
        self.bob = kit.Client(server, "bob", *options)
        self.alice.expect("joined", name="bob")
        self.said = []

    def say(self, count=5):
        for _ in range(count):
            self.said.append(f"line {len(self.said)}")
            self.alice.send(f"/msg bob {self.said[-1]}")
            self.bob.expect("message", text=self.said[-1])
            self.alice.expect("sent", to="bob")

    def answer(self):
        self.bob.send("/msg alice yes")
        self.alice.expect("message", text="yes")

    def end(self):
        texts = [item["text"] for item in self.bob.seen("message") if item["from"] == "alice"]
        assert texts == self.said, texts
        assert not self.bob.seen("error") and not self.alice.seen("error")


def invite(server, *words):
    return CODE.search(ctl(server, "invite", *words))[1]


@kit.case
def the_servers_clock_jumps_while_a_pair_chats(place):
    clock = Clock(place)
    server = kit.Server(place, **clock.more)
    pair = Pair(server)
    pair.say()
    for seconds in (BACK, 0, AHEAD, BACK, 60, 0):
        clock.off(seconds)
        pair.say()
        pair.answer()
        # Comings and goings, and what the operator says to all, whose ids follow the clock.
        server.den("carol", "msg", "bob", f"and {seconds}")
        pair.bob.expect("message", from_="carol", text=f"and {seconds}")
    pair.end()


@kit.case
def a_hello_has_its_seconds_in_any_year(place):
    for wait, seconds in (("600", AHEAD), ("1", BACK)):
        clock = Clock(place)
        server = kit.Server(place, "--hello-seconds", wait, **clock.more)
        pair = Pair(server)
        with socket.create_connection((server.host, server.port), kit.PATIENCE) as link:
            link.sendall(b"\x16")
            clock.off(seconds)
            pair.say(2)
            if seconds == AHEAD:
                assert not select.select([link], [], [], 0)[0]
            else:
                assert link.recv(100) == b""
        pair.end()
        server.stop()


@kit.case
def what_waits_in_the_log_outlives_a_jump_of_years(place):
    """bob is away. The log has several segments, and age deletes: of a year is what a day ago was this year."""
    clock = Clock(place)
    server = kit.Server(place, "--log-bytes", "1M", "--log-days", "30", "--room-rate", "1000", **clock.more)
    pair = Pair(server, None, "--reconnect", "on")
    pair.bob.quit()
    pair.alice.expect("left", name="bob")
    for i, seconds in enumerate((0, AHEAD, AHEAD, BACK, 0)):
        clock.off(seconds)
        for j in range(3):      # more than a segment
            pair.said.append(f"{i} {j} " + "x" * 40000)
            pair.alice.send(f"/msg bob {pair.said[-1]}")
            pair.alice.expect("sent", to="bob")
        if i == 2:
            server.restart()    # it begins with a wrong one, too
            pair.alice.expect("back")
    stats = ctl(server, "stats")
    assert re.search(r"^log oldest: 1$", stats, re.M), stats
    assert len(list((server.state / "log").glob("*.seg"))) > 3
    bob = kit.Client(server, "bob")
    for text in pair.said:
        assert bob.expect("message")["text"] == text
    assert not bob.seen("lost")


@kit.case
def invitations_follow_the_clock_and_are_not_lost(place):
    clock = Clock(place)
    server = kit.Server(place, "--invite-only", **clock.more)
    code = place / "code"
    code.write_text(invite(server, "alice", "3") + "\n")
    clock.off(4 * 86400)
    server.den("alice", "who", options=("--invitation-file", code), code=3)
    assert "ended" in ctl(server, "invites")
    server.restart()
    clock.off(BACK)
    server.den("alice", "who", options=("--invitation-file", code))
    clock.off(AHEAD)
    server.den("alice", "who")          # a key that is known
    server.den("bob", "who", options=("--invitation-file", code), code=3)


@kit.case
def a_dens_own_clock_is_set_back(place):
    """The ids of what it sends follow its clock, but only ahead: also from one start to the next, and of one-shots."""
    clock = Clock(place)
    server = kit.Server(place)
    pair = Pair(server, clock)
    pair.say()
    for seconds in (AHEAD, 0, BACK, -1):
        clock.off(seconds)
        pair.say()
        pair.answer()
        server.den("alice", "msg", "bob", f"from {seconds}", **clock.more)
        pair.said.append(f"from {seconds}")
        pair.bob.expect("message", text=pair.said[-1])
    pair.alice.quit()
    pair.bob.expect("left", name="alice")
    clock.off(BACK)
    pair.alice = kit.Client(server, "alice", **clock.more)
    pair.say()
    pair.bob.quit()
    pair.said.append("while you were away")
    pair.alice.expect("left", name="bob")
    pair.alice.send("/msg bob while you were away")
    pair.alice.expect("sent", to="bob")
    bob = kit.Client(server, "bob")
    assert bob.expect("message")["text"] == "while you were away"


@kit.case
def any_clock_takes_the_certificate(place):
    """It says a time, for who wants one; den looks at the key. Receipts and coming back have clocks of their own."""
    for name, seconds in (("early", BACK), ("late", AHEAD)):
        clock = Clock(place, name + "-dend")
        clock.off(seconds)
        server = kit.Server(place, state=name, **clock.more)
        other = Clock(place, name + "-den")
        other.off(-seconds)
        alice = kit.Client(server, "alice", "--reconnect", "on", "--receipts", "on", **other.more)
        bob = kit.Client(server, "bob", "--reconnect", "on", "--receipts", "on", **clock.more)
        alice.expect("joined", name="bob")
        alice.send("/msg bob hello")
        bob.expect("message", text="hello")
        server.restart()
        alice.expect("back"), bob.expect("back")
        alice.expect("delivered", to="bob")
        alice.quit(), bob.quit()


if __name__ == "__main__":
    kit.main()
