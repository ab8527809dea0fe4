"""Thirds of 240p, 720p, 1440p in a window: processor time and peak memory, beside other players."""

import measure
import players

WHY = """Why no more: of den's time in the window 61 % are TurboJPEG's, 16 % painting (9 % writing the pixels), 15 % the kernel's
(going to sleep and waking, pages that are touched for the first time, sockets), 2 % the cipher's, 1 % SDL's and Xlib's (perf).
Tried: stores that go past the cache (4 % less for den, 10 % more for the X server, so more in all), credit to the server in
larger pieces (half of the messages, no less time), keeping memory that malloc would give back (nothing), painting in plain C
(2 % more, so the vectors by hand cost nothing). The hour decides more than any of these: den took 2.6 ms a frame on the same
machine ten minutes later (1.4 times TurboJPEG), and 3.9 an hour before, while TurboJPEG without a pause stayed at 1.9."""


def main():
    with players.window() as b:
        players.compare(b, "thirds", 0.45, 1.5, None if measure.SHORT else 40)
        if not measure.SHORT:
            print(" ".join(WHY.split()))


if __name__ == "__main__":
    main()
