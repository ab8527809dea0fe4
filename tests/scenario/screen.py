"""An X server of the test's own (Xvfb), seen from outside: pixels from its framebuffer file, keys and
windows over the X protocol. Run as a program, it checks itself.

    with screen.Screen(place, 1280, 720) as x:
        client with env=x.env()
        x.wait_for_window(); x.press("space"); x.strip()
"""

import collections
import mmap
import os
import select
import socket
import struct
import subprocess
import time

import kit
import strip

Window = collections.namedtuple("Window", "id x y width height")
KEYS = {"space": 0x20, "i": 0x69, "f": 0x66, "q": 0x71, "Left": 0xFF51, "Right": 0xFF53, "Escape": 0xFF1B}

# Told no bus, SDL's libdbus would start one, and leaks where it can't.
NO_BUS = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}


class Remote:
    """As much of the X protocol as a hand at the keyboard and the mouse needs."""

    def __init__(self, display):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(f"/tmp/.X11-unix/X{display}")
        self.sock.sendall(struct.pack("<BxHHHHxx", 0x6C, 11, 0, 0, 0))
        state, length = struct.unpack("<BxxxxxH", self._take(8))
        setup = self._take(4 * length)
        assert state == 1, setup
        self.next_id = struct.unpack_from("<I", setup, 4)[0]
        vendor, formats = struct.unpack_from("<H", setup, 16)[0], setup[21]
        self.first_key, self.last_key = setup[26], setup[27]
        self.root = struct.unpack_from("<I", setup, 32 + (vendor + 3) // 4 * 4 + 8 * formats)[0]
        self.xtest = self._extension(b"XTEST")

    def close(self):
        self.sock.close()

    def _take(self, size):
        got = b""
        while len(got) < size:
            piece = self.sock.recv(size - len(got))
            if not piece:
                raise ConnectionError("the X server closed the link")
            got += piece
        return got

    def _ask(self, request):
        """Sends and returns the reply; errors of what went before (a window gone) are passed over."""
        self._tell(request)
        while True:
            head = self._take(32)
            if head[0] == 1:
                return head + self._take(4 * struct.unpack_from("<I", head, 4)[0])
            if head[0] == 0 and head[10] == request[0]:
                raise LookupError(f"X error {head[1]}")

    def _tell(self, request):
        request += bytes(-len(request) % 4)
        self.sock.sendall(request[:2] + struct.pack("<H", len(request) // 4) + request[4:])

    def sync(self):
        self._ask(struct.pack("<Bxxx", 43))  # GetInputFocus

    def _extension(self, name):
        reply = self._ask(struct.pack("<BxxxHxx", 98, len(name)) + name)
        assert reply[8], f"the X server has no {name}"
        return reply[9]

    def atom(self, name):
        return struct.unpack_from("<I", self._ask(struct.pack("<BxxxHxx", 16, len(name)) + name), 8)[0]

    def windows(self):
        """What is mapped below the root, lowest first."""
        reply = self._ask(struct.pack("<BxxxI", 15, self.root))
        count = struct.unpack_from("<H", reply, 16)[0]
        found = []
        for window in struct.unpack_from(f"<{count}I", reply, 32):
            try:
                mapped = self._ask(struct.pack("<BxxxI", 3, window))[26] == 2
                geometry = struct.unpack_from("<hhHH", self._ask(struct.pack("<BxxxI", 14, window)), 12)
            except LookupError:  # gone meanwhile
                continue
            if mapped:
                found.append(Window(window, *geometry))
        return found

    def make(self, width, height):
        """A mapped window of ours, at the left top, for a program that draws into others'."""
        window = Window(self.next_id, 0, 0, width, height)
        self.next_id += 1
        self._tell(struct.pack("<BxxxIIhhHHHHII", 1, window.id, self.root, 0, 0, width, height, 0, 1, 0, 0))
        self._tell(struct.pack("<BxxxI", 8, window.id))
        self.sync()
        return window

    def drop(self, window):
        self._tell(struct.pack("<BxxxI", 4, window.id))
        self.sync()

    def resize(self, window, width, height):
        self._tell(struct.pack("<BxxxIHxxII", 12, window.id, 4 | 8, width, height))
        self.sync()

    def close_window(self, window):
        """As a window manager does when its cross is clicked."""
        event = struct.pack("<BBHIIII12x", 33, 32, 0, window.id, self.atom(b"WM_PROTOCOLS"),
                            self.atom(b"WM_DELETE_WINDOW"), 0)
        self._tell(struct.pack("<BBxxII", 25, 0, window.id, 0) + event)
        self.sync()

    def _keycode(self, keysym):
        count = self.last_key - self.first_key + 1
        reply = self._ask(struct.pack("<BxxxBBxx", 101, self.first_key, count))
        symbols = struct.unpack_from(f"<{count * reply[1]}I", reply, 32)
        return self.first_key + symbols.index(keysym) // reply[1]

    def press(self, name):
        code = self._keycode(KEYS[name])
        for kind in (2, 3):
            self._tell(struct.pack("<BBxxBBxxII8xhh8x", self.xtest, 2, kind, code, 0, 0, 0, 0))
        self.sync()

    def focus(self, window):
        self._tell(struct.pack("<BBxxII", 42, 1, window.id, 0))
        self.sync()


class Screen:
    def __init__(self, place, width=1280, height=720):
        kit.need("Xvfb")
        ours, theirs = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(theirs), "-screen", "0", f"{width}x{height}x24", "-fbdir", str(place),
             "-nolisten", "tcp", "-noreset"],
            pass_fds=[theirs], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs)
        with open(ours) as ready:
            self.display = ready.readline().strip()
        assert self.display, "Xvfb did not start"
        with open(place / "Xvfb_screen0", "rb") as f:
            self.memory = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
        head = struct.unpack_from(">25I", self.memory)
        self.width, self.height, self.pitch = head[4], head[5], head[12]
        self.pixels = head[0] + 12 * head[19]
        assert head[11] == 32
        self.remote = Remote(self.display)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.remote.close()
        self.process.terminate()
        self.process.wait(kit.PATIENCE)

    def env(self, **more):
        return {**os.environ, **NO_BUS, "DISPLAY": ":" + self.display, "SDL_VIDEODRIVER": "x11", **more}

    def raw(self):
        """The screen as it is now: BGRX, 4 * width bytes a line."""
        assert self.pitch == 4 * self.width
        return self.memory[self.pixels:self.pixels + self.pitch * self.height]

    def line(self, y):
        """The green of one line, without a copy of the whole screen."""
        at = self.pixels + y * self.pitch
        return self.memory[at + 1:at + self.pitch:4]

    def strip(self):
        """(frame, rendition's height) that is shown, or None. The screen may change while it is read."""
        return strip.seek(self.raw()[1::4], self.width, self.height)

    def wait(self, what, question):
        deadline = time.monotonic() + kit.PATIENCE
        while not (answer := question()):
            assert time.monotonic() < deadline, f"waited in vain for {what}"
            select.select([], [], [], 0.005)
        return answer

    def wait_for_window(self):
        """The topmost, focused as a window manager would."""
        window = self.wait("a window", self.remote.windows)[-1]
        self.remote.focus(window)
        return window

    def wait_for_no_window(self):
        self.wait("the window to go", lambda: not self.remote.windows())

    def wait_for_strip(self, right=lambda got: True):
        return self.wait("a picture", lambda: (got := self.strip()) and right(got) and got)

    def press(self, name):
        self.remote.press(name)


@kit.case
def a_new_screen_is_black_and_empty(place):
    with Screen(place, 640, 480) as x:
        assert (x.width, x.height) == (640, 480)
        assert set(x.raw()) <= {0, 255} and set(x.line(240)) == {0}
        assert x.remote.windows() == [] and x.strip() is None


if __name__ == "__main__":
    kit.main()
