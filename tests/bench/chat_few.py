"""Sealed envelopes to rooms of 10 and 100: see crowds.py."""

import crowds
import measure

WHY = """What is missed, by perf: one at a time among 100, send() takes 55 % of dend's time, select() 15 %, the cipher 9 %, own code 10 %.
send(), of which mosquitto needs as many, and select(), which is asked about everybody, alone make 0.6 of all that mosquitto takes.
With 8 in flight among 10, send() takes 28 %, select() 22 % (12 % going to sleep), the cipher 16 %, recv() 8 %: about 8 of 10 messages
come together, for one sync and one send to each, and it sleeps 0.3 times a message. One at a time among 10, send() takes 34 %,
select() 19 %, going to sleep and waking up to 25 %, the log's write 9 %: two threads sleep 2.1 times a message, where mosquitto, which keeps no log, sleeps once. p99 among 10 is that of the two slowest of 200 messages, and ranges sixfold from run
to run for both servers; half of all come within 0.27 ms, mosquitto's within 0.25. What helped: to wake a thread
when the lock that it needs is free (3.3 times before; 8 % of the time among 10). Tried: not looking at members while messages gather
(nothing), or while the log is written (kept for 64 members and more), asking for links' cache lines beforehand (nothing)."""


def main():
    for count in (10, 100):
        crowds.compare(count)
    measure.remark(WHY)


if __name__ == "__main__":
    main()
