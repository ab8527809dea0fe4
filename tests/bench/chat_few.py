"""Sealed envelopes to rooms of 10 and 100: see crowds.py."""

import crowds
import measure

WHY = """Where the limit lies: a bare server (tests/bench/bare_room.c) only waits by select(), receives, opens, writes and syncs a log, seals for each
and sends to each, with BearSSL and nothing of dend's. In turn with it dend delivers 0.93 to 1.05 of what that one does in flight. One at a time among 100 it
takes 0.98 to 1.13 of its time, and 0.94 to 0.98 of that of one that syncs on a thread, as dend has to where a disk takes its time. Among 10 it takes 1.2 to 1.33,
and of one with a thread 1.07 and 1.08 in two calm hours, 1.19 and 1.24 in two when the machine took up to half more for everything: so up to a quarter is
dend's own there. The thread costs the rest: two sleep 2.1 times a message, where a server that keeps no log, or lets all wait for its disk, sleeps once.
Neither comes near 0.6 of mosquitto. By perf, one at a time among 100, the kernel takes 76 % of dend's time (send() 50 %, select() 20 %), BearSSL 11 %, own
code 7 %; in flight among 10 the kernel takes 67 %, BearSSL 19 %, own code 6 %. With 8 in flight among 10 the ratio to mosquitto was 1.6 to 2.7, by the
hour. What helped: not to look at members between two writes of the log where several messages come at a time (0.39 sleeps a message before, 0.27 after, with 8
in flight among 10), and to wake a thread when the lock that it needs is free (3.3 sleeps before, one at a time). Tried: not looking at members while the log
is written (kept for 64 members and more), asking for links' cache lines beforehand (nothing). p99 is that of the two to four slowest messages, so the hour's more
than the server's: among 100, 1.08 ms (0.84 of ngircd's) was recorded in a calm one, 8.80 (1.18) and 11.1 (0.91) in ones where everything took longer; in such an hour
the dend of the former record had 5.4 ms and this one 6.5 in turn, in 14 runs each that ranged from 3 to 15."""


def main():
    for count in (10, 100):
        crowds.compare(count)
    measure.remark(WHY)


if __name__ == "__main__":
    main()
