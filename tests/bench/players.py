"""den and other players showing the same frames in a window of 1280x720 under Xvfb, without a GPU."""

import contextlib
import os
import pathlib
import re
import sys
import tempfile
import time

import film
import measure

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scenario"))

import kit  # noqa: E402
import screen  # noqa: E402

WIDTH, HEIGHT = 1280, 720
# No peer may leave frames out. SDL's renderer by OpenGL in software costs ffplay twice as much.
PEERS = {
    "vlc": ["vlc", "-I", "dummy", "-q", "--no-audio", "--vout=xcb_x11", "--no-video-title-show", "--play-and-exit", "--demux=mjpeg",
            f"--mjpeg-fps={film.FPS}", "--no-drop-late-frames", "--no-skip-frames"],
    "ffplay": ["ffplay", "-v", "error", "-nostats", "-an", "-autoexit", "-noframedrop", "-f", "mjpeg", "-framerate", film.FPS, "-x", WIDTH,
               "-y", HEIGHT],
    "mpv": ["mpv", "--no-config", "--really-quiet", "--no-audio", "--vo=x11", "--framedrop=no", "--demuxer-lavf-format=mjpeg",
            f"--demuxer-lavf-o=framerate={film.FPS}", f"--geometry={WIDTH}x{HEIGHT}"],
}
BARS = ((255, 0, 0), (0, 255, 0), (255, 255, 0), (0, 0, 255), (255, 0, 255), (0, 255, 255))  # of every frame, in its upper part


class Bench:
    """A server with the film, a screen, and who plays."""

    def __init__(self, place, **popen):
        self.place = place
        film.make()
        (place / "lib").symlink_to(film.CLIPS)
        place.chmod(0o755)
        self.server = kit.Server(place, **popen)
        kit.run("den", *self.options(), "who", self.server.address)  # makes the key and its pin
        self.screen = None

    def options(self, *more):
        return self.server.options_for("viewer", *more)

    def den(self, what, name, *options):
        return [measure.BUILD / "den", *self.options(*options), "play", self.server.address, name, what.removesuffix("p")]

    @contextlib.contextmanager
    def ready(self, player, what, name):
        """The command line that shows the film in a window, and the environment for it."""
        env = {"SDL_RENDER_DRIVER": "software", "SDL_FRAMEBUFFER_ACCELERATION": "0", "XDG_RUNTIME_DIR": "/tmp"}
        if player == "den":
            yield self.den(what, name, "--display", "sdl"), self.screen.env()
        elif player != "vlc":
            yield [*PEERS[player], film.path(what, name)], self.screen.env(**env)
        else:
            root = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
            window = self.screen.remote.make(WIDTH, HEIGHT)  # its own would follow the film's size
            try:
                yield [*root, *PEERS[player], f"--drawable-xid={window.id}", film.path(what, name)], self.screen.env(**env, HOME="/tmp")
            finally:
                self.screen.remote.drop(window)

    def play(self, player, what, name="film"):
        """To the end: measure.Done."""
        with self.ready(player, what, name) as (command, env):
            done = measure.run(command, env=env)
        assert done.code == 0, (player, done.out[-500:])
        return done

    def first(self, player, what, name="film"):
        """Seconds from its start until its first picture fills the window."""
        with self.ready(player, what, name) as (command, env):
            begun = time.monotonic()
            with measure.beside(command, env=env):
                while not self.filled():
                    assert time.monotonic() < begun + 10, f"{player} shows nothing"
                    time.sleep(0.0005)
                taken = time.monotonic() - begun
        self.screen.wait("an empty screen", lambda: not self.filled())
        return taken

    def filled(self):
        """Whether the film's bars fill the window's width and height."""
        return all(self.near(x, y, bar) for i, bar in enumerate(BARS) for x in ((2 * i + 1) * WIDTH // 12,) for y in (40, 80))

    def near(self, x, y, colour):
        at = self.screen.pixels + y * self.screen.pitch + 4 * x
        blue, green, red = self.screen.memory[at:at + 3]
        return all(abs(a - b) < 60 for a, b in zip((red, green, blue), colour))


@contextlib.contextmanager
def bench(**popen):
    with tempfile.TemporaryDirectory() as name:
        try:
            yield Bench(pathlib.Path(name), **popen)
        finally:
            kit.end_all()


@contextlib.contextmanager
def window():
    with bench() as b:
        with screen.Screen(b.place, WIDTH, HEIGHT) as b.screen:
            yield b


def turbo(what, *fps):
    """TurboJPEG alone, milliseconds a frame; in the rhythm of a player if there is one."""
    done = measure.run([measure.BUILD / "tests" / "turbo", film.path(what), *fps])
    assert done.code == 0, done.out
    return float(done.out)


def a_frame(done, brief):
    """Milliseconds of the processor, what starting and ending costs taken off."""
    return 1000 * (done.cpu - brief) / (film.FRAMES - film.BRIEF)


def rhythm(what, costs, paced):
    return (f"{what}: {measure.ratio(costs, paced):.2f} times TurboJPEG alone that sleeps between frames as a player does "
            f"({measure.show(measure.median(paced))} ms)")


def counts(done):
    """shown, late, dropped, skipped"""
    return tuple(map(int, re.search(r"(\d+) frames shown, (\d+) late, (\d+) dropped, (\d+) skipped", done.out).groups()))


def compare(b, what, reach, floor_reach=None, memory=None, steady=False):
    """The rows of one film in the window."""
    names = ("den",) if measure.SHORT else ("den", *PEERS)
    briefs = measure.in_turn(3, **{n: lambda n=n: b.play(n, what, "brief").cpu for n in names})
    briefs = {name: measure.median(values) for name, values in briefs.items()}
    runs = measure.in_turn(None, turbo=lambda: turbo(what), paced=lambda: turbo(what, film.FPS),
                           **{n: lambda n=n: b.play(n, what) for n in names})
    floor, paced = runs.pop("turbo"), runs.pop("paced")
    costs = {name: [a_frame(done, briefs[name]) for done in of] for name, of in runs.items()}
    title = f"player, {what} in a window of {WIDTH}x{HEIGHT}"
    if not measure.SHORT:
        measure.compare(f"{title}, CPU a frame", costs, "den", reach, "ms", floor)
        print("; ".join(f"{n} {measure.show(measure.median(v))}" for n, v in costs.items()) + f" ms a frame, {what}")
    measure.compare(f"{title}, against TurboJPEG alone", {"den": costs["den"], "TurboJPEG": floor}, "den", floor_reach or "-", "ms",
                    floor, steady=steady)
    print(rhythm(f"den, {what}", costs["den"], paced))
    if memory:
        peaks = {name: [done.peak / 1e6 for done in of] for name, of in runs.items()}
        measure.quantity(f"{title}, peak memory", peaks["den"], memory, "MB")
        print("; ".join(f"{n} {measure.show(measure.median(v))}" for n, v in peaks.items()) + f" MB at most, {what}")
    return runs
