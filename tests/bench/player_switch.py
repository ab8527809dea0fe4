"""How late the worst picture is around a switch of rendition, by den's own account of when each stood in the window."""

import json

import film
import measure
import players

AROUND = 3  # frames before and after


def worst(b):
    """Milliseconds."""
    done = measure.run(b.den("thirds", "film", "--display", "sdl", "--json"), env=b.screen.env())
    assert done.code == 0, done.out[-500:]
    frames = [e for e in map(json.loads, done.out.splitlines()) if e["event"] == "frame"]
    switches = [i for i in range(1, len(frames)) if frames[i]["height"] != frames[i - 1]["height"]]
    assert len(switches) == len(film.HEIGHTS) - 1 and len(frames) == film.FRAMES
    near = [f for at in switches for f in frames[at - AROUND:at + AROUND]]
    return max(f["shown_ms"] - f["pts_ms"] if "shown_ms" in f else 1000 for f in near)


def main():
    with players.window() as b:
        measure.quantity("worst frame at a switch of rendition, late by", [worst(b) for _ in range(9)], 20, "ms")


if __name__ == "__main__":
    main()
