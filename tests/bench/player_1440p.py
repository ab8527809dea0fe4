"""1440p alone in a window: processor time beside other players, and whether every frame came in time at 60 a second."""

import film
import measure
import players


def main():
    with players.window() as b:
        runs = players.compare(b, "1440p", 0.45)
        missed = [film.FRAMES - players.counts(done)[0] for done in runs["den"]]
        measure.row(f"1440p at {film.FPS} a second: frames late, dropped or skipped of {film.FRAMES}", str(missed), "-",
                    str(max(missed)), "0", "-", str(len(missed)))


if __name__ == "__main__":
    main()
