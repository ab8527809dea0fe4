"""Thirds of 240p, 720p, 1440p in a window: processor time and peak memory, beside other players."""

import measure
import players


def main():
    with players.window() as b:
        players.compare(b, "thirds", 0.45, 1.5, None if measure.SHORT else 40)


if __name__ == "__main__":
    main()
