"""Sealed envelopes to rooms of 500 and 900: see crowds.py."""

import crowds
import measure

WHY = """Where the limit lies: a bare server that does nothing but what it must (tests/bench/bare_room.c, see chat_few) needs 0.6 to 0.7 of mosquitto's time by
itself. By perf, one at a time among 900, the kernel takes 70 % of dend's time (send() 48 %, select() 22 %; the bare server's 75 %), BearSSL 11 %, own code
13 %, nearly all of it waiting for a member's session and link, which are in no cache when their turn comes. What helped: the links that have something to send
stand in an array, not in a chain (9.8 us a delivery before, 9.3 after). Tried: asking for links' cache lines beforehand (nothing, also from the array). With
several in flight a member's lines serve several messages, which go in one record."""


def main():
    for count in (500, 900):
        crowds.compare(count)
    measure.remark(WHY)


if __name__ == "__main__":
    main()
