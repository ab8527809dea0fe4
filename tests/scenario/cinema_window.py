"""The window on a real X server (Xvfb), looked at from outside: what its pixels show, and what keys do."""
# alone
import os
import threading

import cinema_room as room
import kit
import screen

QUIET = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")}


def watcher(server, x, name="viewer", *options):
    return kit.Client(server, name, "--display", "sdl", *options, env=x.env())


def is_black(line):
    return max(line) < 16


class Sampler:
    """Looks at the screen again and again: the strips that it saw, and whether the middle was ever black."""

    def __init__(self, x):
        self.x, self.strips, self.black, self.looks = x, [], 0, 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def _run(self):
        while not self.stop.is_set():
            self.looks += 1
            # Three lines through the bars, the number and the shape: a picture is never black in all.
            self.black += all(is_black(self.x.line(self.x.height * part // 16)) for part in (1, 6, 12))
            if self.looks % 8 == 0 and (got := self.x.strip()):
                self.strips.append(got)

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


@kit.case
def thirds_are_seen_and_no_black_between(place):
    room.card(place, seconds=6, heights="240,720,1440", quality=85)
    server = kit.Server(place)
    with screen.Screen(place, 1280, 720) as x:
        alice = watcher(server, x)
        alice.send("/play card")
        assert alice.expect("note", text="Showing on sdl")
        window = x.wait_for_window()
        x.wait_for_strip()
        with Sampler(x) as seen:
            while not alice.seen("frame") or alice.seen("frame")[-1]["number"] < 140:
                alice.expect("frame")
            geometry = x.remote.windows()
        assert alice.expect("stream_end")["reason"] == "done"
        x.wait_for_no_window()
        alice.quit()
    assert geometry == [window], (geometry, window)  # it keeps its size and place
    assert seen.looks > 100 and seen.black == 0, (seen.looks, seen.black)
    numbers = [number for number, _ in seen.strips]
    assert numbers == sorted(numbers) and len(set(numbers)) > 20, numbers
    for number, height in seen.strips:
        assert height == (240, 720, 1440)[number * 3 // 144], (number, height)
    assert {height for _, height in seen.strips} == {240, 720, 1440}


@kit.case
def bars_are_black_and_the_picture_whole(place):
    room.card(place, seconds=30, fps="8", heights="240,720", quality=85)
    server = kit.Server(place)
    with screen.Screen(place, 1300, 1100) as x:
        alice = watcher(server, x)
        alice.send("/play card")
        window = x.wait_for_window()
        assert (window.width, window.height) == (1280, 720)
        x.wait_for_strip()
        for width, height in ((800, 800), (900, 300), (333, 777)):
            x.remote.resize(window, width, height)
            x.wait(f"a picture of {width}x{height}", lambda: fits(x, width, height))
        alice.send("/seek 20")
        x.wait_for_strip(lambda got: got[1] == 720)
        assert fits(x, 333, 777)
        alice.quit()


def fits(x, width, height):
    """A strip in the window's size, black bars of the right size beside 16:9, and something next to them."""
    now, = x.remote.windows()
    raw = x.raw()
    green = lambda column, row: raw[4 * ((now.y + row) * x.width + now.x + column) + 1]
    line = lambda row: [green(column, row) for column in range(0, width, 3)]
    pillar = lambda column: [green(column, row) for row in range(0, height, 3)]
    high, wide = min(height, width * 9 // 16), min(width, height * 16 // 9)
    above, beside = (height - high) // 2, (width - wide) // 2
    bars = [line(row) for row in ((0, above - 2, height - 1, height - above + 1) if above > 2 else ())]
    bars += [pillar(column) for column in ((0, beside - 2, width - 1, width - beside + 1) if beside > 2 else ())]
    edges = [max(edge) for edge in (line(above + 2), line(height - above - 3),
                                    pillar(beside + 2), pillar(width - beside - 3))]
    return all(max(bar) == 0 for bar in bars) and min(edges) > 100 and (width < 400 or x.strip() is not None)


@kit.case
def keys_do_what_they_say(place):
    room.card(place, seconds=30, heights="240,360", fps="24")
    server = kit.Server(place)
    with screen.Screen(place, 1280, 720) as x:
        alice, bob = watcher(server, x, "alice"), room.viewer(server, "bob")
        alice.expect("joined", name="bob")
        alice.send("/play card")
        window = x.wait_for_window()
        x.wait_for_strip(lambda got: got[0] > 5)
        x.press("space")
        alice.expect("note", text="Paused.")
        held = x.wait_for_strip()
        alice.expect("frame", number=held[0])
        room.works(alice, bob)
        assert x.strip() == held and alice.seen("frame")[-1]["number"] == held[0]
        plain = x.raw()
        x.press("i")
        counted = x.wait("counters", lambda: (now := x.raw()) != plain and now)
        assert counted[len(counted) // 3:] == plain[len(plain) // 3:]  # they stand in the upper left corner
        x.press("i")
        x.wait("no counters", lambda: x.raw() == plain)
        x.press("Right")
        at, _ = x.wait_for_strip(lambda got: got != held)
        assert at == held[0] + 120, (at, held)
        x.press("Left")
        x.wait_for_strip(lambda got: got == held)
        x.press("space")
        alice.expect("note", text="Going on.")
        x.wait_for_strip(lambda got: got[0] > held[0] + 3)
        x.press("f")
        x.press("f")
        alice.expect("frame", number=held[0] + 24)
        assert x.remote.windows() == [window]
        x.press("q")
        assert alice.expect("stream_end")["reason"] == "stopped"
        x.wait_for_no_window()
        room.works(alice, bob)
        alice.send("/play card")
        x.wait_for_window()
        x.wait_for_strip()
        x.press("Escape")
        assert alice.expect("stream_end")["reason"] == "stopped"
        x.wait_for_no_window()
        alice.quit()


@kit.case
def a_closed_window_ends_the_clip_alone(place):
    room.card(place, seconds=30, heights="240")
    server = kit.Server(place)
    with screen.Screen(place, 1280, 720) as x:
        alice, bob = watcher(server, x, "alice"), room.viewer(server, "bob")
        alice.expect("joined", name="bob")
        for early in (False, True):
            alice.send("/play card")
            window = x.wait_for_window()
            if not early:
                x.wait_for_strip()
            x.remote.close_window(window)
            assert alice.expect("stream_end")["reason"] == "stopped"
            x.wait_for_no_window()
            room.works(alice, bob)
        for _ in range(5):  # gone before or while it opens
            alice.send("/play card", "/stop")
            assert alice.expect("stream_end")["reason"] == "stopped"
        x.wait_for_no_window()
        alice.quit()


@kit.case
def many_windows_one_after_the_other(place):
    """One in thirty of these ended den: SDL's wake-up came to a window that was gone (sdl_forgive_x11)."""
    room.card(place, seconds=30, heights="240")
    server = kit.Server(place)
    with screen.Screen(place, 640, 480) as x:
        alice = watcher(server, x, "alice")
        for _ in range(30):
            alice.send("/play card")
            x.wait_for_window()
            x.wait("a picture", lambda: max(x.line(150)) > 100)
            x.press("q")
            assert alice.expect("stream_end")["reason"] == "stopped"
            x.wait_for_no_window()
        alice.quit()


@kit.case
def one_shots_end_with_their_window(place):
    room.card(place, seconds=2, heights="240")
    server = kit.Server(place)
    with screen.Screen(place, 1280, 720) as x:
        options = server.options_for("viewer", "--display", "sdl")
        one = kit.Running(kit.program("den"), *options, "play", server.address, "card", env=x.env())
        x.wait_for_strip()
        one.wait(0)
        x.wait_for_no_window()
        one = kit.Running(kit.program("den"), *options, "play", server.address, "card", env=x.env())
        x.remote.close_window(x.wait_for_window())
        one.wait(0)


@kit.case
def no_display_is_said_and_exit_1(place):
    room.card(place, heights="240")
    server = kit.Server(place)
    for wrong, said in (({}, "neither DISPLAY nor WAYLAND_DISPLAY is set"),
                        ({"SDL_VIDEODRIVER": "dummy"}, "SDL's driver `dummy` is no display"),
                        ({"SDL_VIDEODRIVER": "offscreen"}, "SDL's driver `offscreen` is no display"),
                        ({"DISPLAY": ":59999"}, "sdl: ")):
        out, err = server.den("viewer", "play", "card", options=("--display", "sdl"), code=1, env={**QUIET, **screen.NO_BUS, **wrong})
        assert said in err, (wrong, out, err)
    out, err = server.den("viewer", "play", "card", options=("--display", "auto", "--json"), env=QUIET)
    assert "Showing on headless; sdl: neither DISPLAY nor WAYLAND_DISPLAY is set" in out, out


@kit.case
def a_lost_x_server_is_said(place):
    """Xlib ends the process then, and SDL is not to be had without Xlib: all that can be asked for is a clean end."""
    room.card(place, seconds=30, heights="240")
    server = kit.Server(place)
    x = screen.Screen(place, 1280, 720)
    alice, bob = watcher(server, x, "alice"), room.viewer(server, "bob")
    alice.expect("joined", name="bob")
    alice.send("/play card")
    x.wait_for_strip()
    x.stop()
    alice.wait(1)
    assert b"X connection to :" in alice.err, alice.err
    bob.expect("left", name="alice")
    bob.quit()


if __name__ == "__main__":
    kit.main()
