"""Thirds of 240p, 720p, 1440p in a window: processor time and peak memory, beside other players."""

import measure
import players

WHY = """Why no more: of den's time in the window 61 % are TurboJPEG's, 16 % painting (9 % writing the pixels), 15 % the kernel's
(going to sleep and waking, pages that are touched for the first time, sockets), 2 % the cipher's, 1 % SDL's and Xlib's (perf).
Tried: stores that go past the cache (in two comparisons on a busy machine 4 % less and nothing for den, 10 % more for the X
server), credit to the server in larger pieces (half of the messages, no less time), keeping memory that malloc would give back
and painting in plain C instead of vectors by hand (no difference beyond the noise). The hour matters: by its threads' schedstat
den took about 2.6 ms a frame some minutes after this was recorded and about 4.6 some minutes before; TurboJPEG was not measured
in turn with those, so they are no ratio."""


def main():
    with players.window() as b:
        players.compare(b, "thirds", 0.45, 1.5, None if measure.SHORT else 40)
        if not measure.SHORT:
            measure.remark(WHY)


if __name__ == "__main__":
    main()
