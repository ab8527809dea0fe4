"""Peak memory of den (VmHWM) while it plays the test card's thirds, in MB of 1,000,000 bytes."""

import os
import pathlib
import sys
import tempfile

from memory import memory, row

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scenario"))

import kit  # noqa: E402
import screen  # noqa: E402


def of_a_player(place, what, *options, **popen):
    server = kit.Server(place)
    den = kit.Talker(server, "viewer", *options, **popen)
    before = memory(den)
    den.send("/play testcard")
    end = den.line(r"^\* The clip is over \(done\)", timeout=40)
    row(f"den plays the thirds, {what}: peak RSS", memory(den, "VmHWM") / 1e6, 40, "MB")
    print(f"den in the room before it played, {what}: RSS {before / 1e6:.1f} MB; then{end.split(':')[1]}")
    den.close()
    server.stop()


def main():
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        (place / "lib").symlink_to(os.environ["BENCH_LIBRARY"])
        try:
            of_a_player(place, "headless", "--display", "headless")
            with screen.Screen(place, 1280, 720) as x:
                of_a_player(place, "a window of 1280x720 under Xvfb", "--display", "sdl", env=x.env())
        finally:
            kit.end_all()


if __name__ == "__main__":
    main()
