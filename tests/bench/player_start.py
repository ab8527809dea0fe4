"""From the program's start to the first picture of 720p in a window: den with its key at hand and the server on loopback,
others from a plain file."""

import measure
import players


def main():
    with players.window() as b:
        names = ("den", *players.PEERS)
        times = measure.in_turn(9, **{n: lambda n=n: 1000 * b.first(n, "720p") for n in names})
        measure.compare("program start to the first picture, 720p", times, "den", 0.5, "ms")
        print("; ".join(f"{n} {measure.show(measure.median(v))}" for n, v in times.items()) + " ms to the first picture")


if __name__ == "__main__":
    main()
