"""A clip at a terminal: pictures in half blocks above, lines and the line being typed below, keys that steer the film."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

import kit
import screens
import strip
import vt
from cinema_room import card

COLUMNS, ROWS = 180, 64  # the least that a test card's strip can be read in
LINES = ROWS // 5


def cube(n):
    """xterm's colour of that number."""
    if n >= 232:
        return (8 + 10 * (n - 232),) * 3
    return tuple((0, 95, 135, 175, 215, 255)[(n - 16) // by % 6] for by in (36, 6, 1))


class Screen(vt.Screen):
    """With colours: green[y] are those of the two pixels in each cell of a row."""

    def __init__(self, columns, rows):
        super().__init__(columns, rows)
        self.forget()

    def forget(self):
        self.ink = self.paper = (0, 0, 0)
        self.cells = {}

    def resize(self, columns, rows):
        super().resize(columns, rows)
        self.forget()

    def put(self, character):
        x, y = self.x, self.y
        super().put(character)
        if y < self.top:
            assert character in " \u2580", f"{character!r} in the picture"
            self.cells[x, y] = (self.paper if character == " " else self.ink)[1], self.paper[1]

    def sequence(self, match):
        if match.group(3) == "m":
            self.colour([int(p or 0) for p in match.group(2).split(";")])
        else:
            super().sequence(match)

    def colour(self, numbers):
        while numbers:
            which, *numbers = numbers
            if which == 0:
                self.ink = self.paper = (0, 0, 0)
                continue
            size = {2: 3, 5: 1}[numbers[0]]
            value = tuple(numbers[1:4]) if size == 3 else cube(numbers[1])
            assert len(value) == 3 and max(value) < 256
            numbers = numbers[1 + size:]
            if which == 38:
                self.ink = value
            else:
                assert which == 48
                self.paper = value

    def strip(self):
        """(frame, rendition's height) of the picture above the region, or None."""
        if self.top == 0 or len(self.cells) < self.columns * self.top:
            return None
        luma = bytes(self.cells[x, y // 2][y % 2] for y in range(2 * self.top) for x in range(self.columns))
        return strip.seek(luma, self.columns, 2 * self.top)

    def lines(self):
        return [self.row(y) for y in range(self.top, self.rows)]


class Den:
    """den in a terminal of its own, as a window or ssh gives it."""

    def __init__(self, server, name, *words, columns=COLUMNS, rows=ROWS, display="tty", options=(),
                 **environment):
        env = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"} | environment
        for sign in ("TMUX", "VTE_VERSION", "KONSOLE_VERSION", "WT_SESSION", "DISPLAY", "WAYLAND_DISPLAY"):
            env.pop(sign, None)
        words = words[:1] + (server.address, *words[1:]) if words else (server.address,)
        command = ["den", *map(str, server.options_for(name, "--display", display, *options)), *words]
        self.screen, self.raw = Screen(columns, rows), b""
        ready, go = os.pipe()
        self.pid, self.tty = pty.fork()
        if self.pid == 0:
            os.read(ready, 1)  # the window has its size before den looks
            os.execve(kit.program("den"), command, env)
        os.close(ready)
        self.size(columns, rows)
        self.found = termios.tcgetattr(self.tty)
        os.write(go, b"x"), os.close(go)
        self.code, self.chunk = None, 65536
        kit._running.append(self)

    def size(self, columns, rows):
        fcntl.ioctl(self.tty, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def pump(self, timeout=0.05):
        if not select.select([self.tty], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self.tty, self.chunk)
        except OSError:     # nobody has it any more
            data = b""
        self.raw += data
        self.screen.feed(data)
        return bool(data)

    def until(self, holds, what):
        deadline = time.monotonic() + kit.PATIENCE
        while not (answer := holds()):
            assert time.monotonic() < deadline, f"no {what}: {self.screen.lines()[-LINES:]} {self.raw[-200:]!r}"
            self.pump()
        return answer

    def line(self, pattern):
        return self.until(lambda: any(re.search(pattern, row) for row in self.screen.lines()), pattern)

    def frame(self, right=lambda number: True):
        """A whole picture, between two writes, whose frame is right."""
        got = self.until(lambda: (got := self.screen.strip()) and right(got[0]) and got, "picture")
        return got[0]

    def type(self, keys):
        os.write(self.tty, keys.encode())

    def signal(self, number):
        os.kill(self.pid, number)

    def wait(self):
        def ended():
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.code = os.waitstatus_to_exitcode(status) if pid else None
            return pid

        self.until(ended, "end")
        while self.pump():
            pass
        return self.code

    def close(self):
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.tty)


def theatre(place, **more):
    card(place, seconds=60, fps="4", heights="240")
    server = kit.Server(place)
    alice = Den(server, "alice", **more)
    alice.line(r"^\* Here ")
    bob = kit.Client(server, "bob")
    alice.line(r"^\* bob joined")
    return server, alice, bob


@kit.case
def film_above_and_lines_below(place):
    server, alice, bob = theatre(place)
    bob.send("/msg alice before")
    alice.line("before$")
    alice.type("/play card\r")
    first = alice.frame()
    assert alice.screen.rows - alice.screen.top == LINES
    alice.line("before$")                               # the last lines are there again
    alice.line(r"^\[space <- -> q i, Enter: type\] >$")
    texts = [f"line {n}" for n in range(LINES + 5)]
    alice.type("to b")
    bob.send(*(f"/msg alice {text}" for text in texts))
    alice.line(f"{texts[-1]}$")
    alice.frame(lambda number: number > first + 2)
    alice.line(r"> to b$")
    alice.size(COLUMNS + 20, ROWS + 10)
    alice.screen.resize(COLUMNS + 20, ROWS + 10)
    now = alice.frame()
    alice.frame(lambda number: number > now)
    alice.line(r"> to b$")
    alice.type("\x15")
    alice.line(r"type\] >$")
    alice.type("q")
    alice.line(r"^\* The clip is over \(stopped\)")
    alice.until(lambda: alice.screen.row(alice.screen.y) == ">", "prompt alone")
    assert (alice.screen.top, alice.screen.bottom) == (0, ROWS + 9) and "\u2580" not in str(alice.screen.text())
    shown = [text for text in texts if any(row.endswith(": " + text) for row in alice.screen.text())]
    assert shown == texts
    alice.type("/quit\r")
    assert alice.wait() == 0 and termios.tcgetattr(alice.tty) == alice.found


def heard(alice, bob, text):
    """While a film is shown her terminal must be read, or she waits for it in the middle of a line."""
    alice.until(lambda: any(item["text"] == text for item in bob.seen("message")), f"{text} at bob")


@kit.case
def keys_steer_the_film_and_text_is_typed(place):
    server, alice, bob = theatre(place, options=())
    alice.type("/to bob\r")
    alice.line("goes to bob now")
    alice.type("/play card\r")
    alice.frame()
    alice.type(" ")
    alice.line(r"^\* Paused\.$")
    at = alice.frame()
    looks = []
    for _ in range(3):                                  # without the counters, with, and without again
        alice.until(lambda: not alice.pump(1) and alice.screen.cells not in looks[-1:], "another picture")
        looks.append(dict(alice.screen.cells))
        if len(looks) < 3:
            alice.type("i")
    differ = [at for at in looks[0] if looks[0][at] != looks[2][at]]
    assert not differ, (len(differ), differ[:5], [looks[n][differ[0]] for n in range(3)])
    alice.type("\x1b[C")
    alice.frame(lambda number: number >= at + 20)
    alice.type("\x1b[D")
    alice.frame(lambda number: number < at + 8)
    alice.type(" ")
    alice.line(r"^\* Going on\.$")
    alice.type("\r")
    alice.line(r"^\[type\] to bob>$")
    alice.type("q i q\r")
    heard(alice, bob, "q i q")
    alice.line(r"type\] to bob>$")
    alice.type("hello\r")                               # another letter begins a line at once
    heard(alice, bob, "hello")
    alice.type("\r")
    alice.line(r"^\[type\] to bob>$")
    alice.type("\r")
    alice.line(r"Enter: type\] to bob>$")
    alice.type("q")
    alice.line(r"^\* The clip is over \(stopped\)")


@kit.case
def few_colours_and_a_slow_terminal(place):
    server, alice, bob = theatre(place, COLORTERM="")
    alice.type("/play card\r")
    now = alice.frame()
    assert b"8;2;" not in alice.raw and b"38;5;" in alice.raw
    # A terminal that takes less than the film: pictures are left out, none is torn, and lines go through.
    alice.chunk = 256
    alice.type("/msg bob still here\r")
    alice.until(lambda: bob.seen("message"), "message")
    bob.send("/msg alice and you?")
    bob.expect("sent")
    alice.line(r"and you\?$")
    # One that nobody reads at all: she goes on, and shows it all later.
    bob.send(*(f"/msg alice {n} {'x' * 3000}" for n in range(40)))
    for _ in range(40):
        bob.expect("sent")
    bob.send("/chat alice")
    bob.expect("call", state="ringing", direction="out")
    alice.chunk = 65536
    alice.until(lambda: b": 39 x" in alice.raw and b"calls, for a direct chat" in alice.raw, "last line")
    shown = alice.raw.decode(errors="replace")
    at = [shown.find(f": {n} x") for n in range(40)]
    assert -1 not in at and at == sorted(at), at
    alice.frame(lambda number: number > now)


@kit.case
def whatever_ends_it_gives_the_terminal_back(place):
    server, alice, bob = theatre(place)
    alice.type("/play card\r")
    alice.frame()
    alice.signal(signal.SIGTERM)
    assert alice.wait() == 0 and alice.screen.bottom == ROWS - 1 and alice.screen.top == 0
    assert termios.tcgetattr(alice.tty) == alice.found and "\u2580" not in str(alice.screen.text())
    carol = Den(server, "carol", "play", "card")        # one shot
    carol.frame()
    carol.signal(signal.SIGTSTP)
    carol.until(lambda: carol.screen.bottom == ROWS - 1 and carol.screen.top == 0, "whole terminal")
    carol.signal(signal.SIGCONT)
    carol.frame()
    carol.type("q")
    assert carol.wait() == 0 and carol.screen.top == 0 and termios.tcgetattr(carol.tty) == carol.found
    small = Den(server, "dave", "play", "card", rows=7)
    assert small.wait() == 1 and b"tty: the terminal is too small" in small.raw
    _, err = server.den("erin", "play", "card", options=("--display", "tty"), code=1)
    assert "tty: standard output is no terminal" in err


@kit.case
def a_whole_screen_bears_the_line_and_the_chat(place):
    devices = screens.Devices(place, console=False).framebuffer()
    own = {name: value for name, value in devices.env.items() if os.environ.get(name) != value}
    server, alice, bob = theatre(place, display="fbdev", **own)
    alice.type("/play card\r")
    alice.line(r"^\* Showing on fbdev")
    alice.type(" ")                                     # the terminal's keys are the film's here too
    alice.line(r"^\* Paused\.$")
    looks = []

    def another():
        """The screen at rest, unlike all before."""
        def rest():
            now = devices.lines()
            return now not in looks and not alice.pump(0.3) and now == devices.lines() and now

        looks.append(devices.wait("another picture", rest))

    another()
    for letter in "e", "\u00e9", "\u017e", "\u0436", "\u03b1":      # each is another one on the picture, no box
        alice.type(letter)
        another()
        alice.type("\x15")
        devices.wait("the empty line", lambda: not alice.pump(0.05) and devices.lines() == looks[0])
    bob.send("/msg alice gr\u00fc\u00df dich")
    alice.line("gr\u00fc\u00df dich$")
    another()
    alice.type("q")
    alice.line(r"^\* The clip is over \(stopped\)")


@kit.case
def nothing_stands_on_a_kiosks_picture(place):
    """Its terminal gives keys all the same."""
    devices = screens.Devices(place, console=False).framebuffer()
    own = {name: value for name, value in devices.env.items() if os.environ.get(name) != value}
    card(place, seconds=1, fps="8", heights="240")
    show = Den(kit.Server(place), "hall", "--kiosk", "card", display="fbdev", options=(), **own)
    show.line(r"^\* The clip is over")
    for number in range(8):
        devices.wait("each frame, whole", lambda: not show.pump(0) and (got := devices.strip()) and got[0] == number)
    show.type("q")
    assert show.wait() == 0


if __name__ == "__main__":
    kit.main()
