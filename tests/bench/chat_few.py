"""Sealed envelopes to rooms of 10 and 100: see crowds.py."""

import crowds

WHY = """What is missed, by perf: one at a time among 10, a quarter of dend's time is going to sleep and waking, 3.5 times a message, where
mosquitto does once, for another thread syncs the log; send() takes 32 %, select() 21 %, dend's own code 8 %, the cipher 5 %. With 8 in flight
among 10 it is still a quarter (4.3 times for 8 messages). One at a time among 100: send() 46 %, select() 18 %, the cipher 11 %, own code 10 %.
Tried: not looking at members while messages gather (nothing), or while the log is written (kept for 64 members and more), asking for links'
cache lines beforehand (nothing).""".replace("\n", " ")


def main():
    for count in (10, 100):
        crowds.compare(count)
    print(WHY)


if __name__ == "__main__":
    main()
