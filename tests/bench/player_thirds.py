"""Thirds of 240p, 720p, 1440p in a window: processor time and peak memory, beside other players."""

import measure
import players

WHY = """Why no more: of den's time in the window 66 % are TurboJPEG's, 14 % painting (10 % writing the pixels), 11 % the kernel's (going
to sleep and waking, pages that are touched for the first time, sockets), 2 % the cipher's, 1 % SDL's and Xlib's (perf, on a quiet
machine). TurboJPEG straight to pixels is no quicker than planes and our painting: without smooth chroma 1.44 to 1.81 ms at 720p and
4.35 to 4.40 at 1440p, where planes and painting take 1.41 and 4.13; its fast DCT saves 0.07 ms at 720p and nothing at 1440p, and is
not used. What helped: scaling by picking from vectors (0.39 to 0.25 ms for a picture of 240p), waking the loop for several frames
that were shown (0.09 ms a frame). Tried: stores that go past the cache (den 0 to 0.14 ms less, the X server 0.05 to 0.08 more; a
screen's own memory is written so), sleeping between frames without SDL (one sleep and some fifteen system calls less, no
difference), keeping memory that malloc would give back and credit in larger pieces (no difference)."""


def main():
    with players.window() as b:
        players.compare(b, "thirds", 0.45, 1.5, None if measure.SHORT else 40)
        if not measure.SHORT:
            measure.remark(WHY)


if __name__ == "__main__":
    main()
