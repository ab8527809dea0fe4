"""Sealed envelopes to rooms of 500 and 900: see crowds.py."""

import crowds
import measure

WHY = """What is missed, by perf: one at a time among 900, send() takes 42 % of dend's time, select() 17 %, and what touches a member's session,
link and record first, each in no cache, 25 %; the cipher takes 6 %. send() and select() alone are 0.5 of all that mosquitto takes. Tried: asking
for links' cache lines beforehand (nothing). With several in flight a member's lines serve several messages, which go in one record."""


def main():
    for count in (500, 900):
        crowds.compare(count)
    measure.remark(WHY)


if __name__ == "__main__":
    main()
