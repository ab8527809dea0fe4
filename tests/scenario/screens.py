"""Whole screens: fbdev and kms on devices that shim.c plays, looked at from outside through the pixels in their memory;
and the console's mode on every way out. The real kernel's devices are tests/board's."""
import os
import signal
import time

import cinema_room as room
import kit
import strip

QUIET = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "DEN_FB", "DEN_CARD")}
NUMBER = 3  # of the console

_shim = []


def preload(place):
    """The shim, compiled once for all cases."""
    library = place / "shim.so"
    if not _shim:
        here = kit.TOP / "tests" / "scenario"
        kit.tool("cc", "-std=c11", "-D_GNU_SOURCE", "-O1", "-I", kit.TOP, "-shared", "-fPIC", "-o", library,
                 here / "shim.c", here / "shim_card.c")
        _shim.append(library.read_bytes())
    library.write_bytes(_shim[0])
    options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    return {"LD_PRELOAD": str(library), "ASAN_OPTIONS": options}


class Devices:
    """What the shim plays. Colours: the offsets of red, green, blue in a pixel."""

    def __init__(self, place, console=True):
        self.place = place / "shim"
        self.place.mkdir()
        self.env = {**QUIET, **preload(place), "SHIM": str(self.place)}
        if console:
            (self.place / "console").touch()
            self.env["SHIM_CONSOLE"] = str(NUMBER)

    def framebuffer(self, width=426, height=240, bits=32, colours=(16, 8, 0), pitch=None, pages=1):
        self.pitch = pitch or width * bits // 8
        self.width, self.height, self.bits, self.colours, self.memory = width, height, bits, colours, "fb0"
        self.env["SHIM_FB"] = " ".join(map(str, (width, height, bits, *colours, self.pitch, pages)))
        (self.place / "fb0").write_bytes(b"\xaa" * (self.pitch * height * pages))
        return self

    def card(self, width=426, height=240, fourcc="XR24", flips=1, colours=(16, 8, 0)):
        self.width, self.height, self.colours, self.memory = width, height, colours, "card0"
        self.env["SHIM_CARD"] = f"{width} {height} {fourcc} {flips}"
        (self.place / "card0").touch()
        return self

    def put(self, name, on=True):
        (self.place / name).touch() if on else (self.place / name).unlink()

    def shown(self):
        """(offset, bytes of a line, bits of a pixel) of what the monitor shows."""
        file = self.place / f"{self.memory}.shown"
        words = file.read_text().split() if file.exists() else []
        if self.memory == "fb0":
            return int(words[0]) if words else 0, self.pitch, self.bits
        return tuple(map(int, words)) if len(words) == 3 else None

    def lines(self):
        """The monitor's picture: its lines, as bytes."""
        at, pitch, bits = self.shown()
        with open(self.place / self.memory, "rb") as f:
            f.seek(at)
            raw = f.read(pitch * self.height)
        return [raw[y * pitch:y * pitch + self.width * bits // 8] for y in range(self.height)], bits

    def channel(self, which):
        """One colour's values, 0 to 255, of all pixels."""
        lines, bits = self.lines()
        data, offset = b"".join(lines), self.colours[which]
        if bits != 16:
            return data[offset // 8::bits // 8]
        length = 6 if which == 1 else 5
        mask, scale = (1 << length) - 1, 255 / ((1 << length) - 1)
        table = [round(value * scale) for value in range(mask + 1)]
        return bytes(table[(data[i] | data[i + 1] << 8) >> offset & mask] for i in range(0, len(data), 2))

    def strip(self):
        return self.shown() and strip.seek(self.channel(1), self.width, self.height)

    def wait(self, what, question):
        deadline = time.monotonic() + kit.PATIENCE
        while not (answer := question()):
            assert time.monotonic() < deadline, f"waited in vain for {what}: {self.log()}"
            time.sleep(0.005)
        return answer

    def wait_for_strip(self, right=lambda got: True):
        return self.wait("a picture", lambda: (got := self.strip()) and right(got) and got)

    def log(self):
        """What was asked of the console and, for it, of the card."""
        file = self.place / "console.log"
        return file.read_text().split("\n")[:-1] if file.exists() else []

    def wait_for_log(self, *last):
        self.wait(str(last), lambda: tuple(self.log()[-len(last):]) == last)

    def keeper(self):
        """The process that the kernel asks for the console."""
        return int(next(line for line in reversed(self.log()) if line.startswith("mode process")).split()[-1])


def watcher(server, devices, display, *options, name="viewer"):
    return kit.Client(server, name, "--display", display, *options, env=devices.env)


def plays(place, devices, display):
    """A clip's pictures are seen on the device; then the clip is stopped."""
    room.card(place, seconds=30, heights="240,360", fps="24", quality=85)
    server = kit.Server(place)
    alice = watcher(server, devices, display)
    alice.send("/play card")
    alice.expect("note", text=f"Showing on {display.split(':')[0]}")
    first = devices.wait_for_strip()
    later = devices.wait_for_strip(lambda got: got[0] > first[0] + 5)
    assert later[1] in (240, 360), later
    return server, alice


def ends(alice, devices):
    alice.send("/stop")
    assert alice.expect("stream_end")["reason"] == "stopped"
    assert devices.log()[-1] == "text", devices.log()
    alice.quit()


def around_is_kept(devices):
    """Between the lines nothing was written."""
    at, pitch, bits = devices.shown()
    raw = (devices.place / "fb0").read_bytes()
    wide = devices.width * bits // 8
    for y in range(len(raw) // pitch):
        assert set(raw[y * pitch + wide:(y + 1) * pitch]) <= {0xAA}, y


@kit.case
def a_framebuffer_shows_the_clip(place):
    devices = Devices(place).framebuffer()
    _, alice = plays(place, devices, "fbdev")
    assert devices.log()[:1] == ["graphics"], devices.log()
    ends(alice, devices)


def bars(devices):
    """The colours of the test card's bars in the uppermost part of the picture: white to black, as R, G, B bits."""
    y, step = devices.height // 16, devices.width // 8
    lines = [devices.channel(which)[y * devices.width:(y + 1) * devices.width] for which in range(3)]
    return ["".join("1" if line[step * i + step // 2] > 127 else "0" for line in lines) for i in range(8)]


COLOURED = ["111", "110", "011", "010", "101", "100", "001", "000"]


def shows_everywhere(place, variants):
    """One den shows on a device of each kind in turn: the strip and the colours are right."""
    room.card(place, seconds=30, heights="240,360", fps="24", quality=85)
    server = kit.Server(place)
    for i, (display, make) in enumerate(variants):
        below = place / str(i)
        below.mkdir()
        devices = make(Devices(below))
        alice = watcher(server, devices, display)
        alice.send("/play card")
        first = devices.wait_for_strip()
        devices.wait_for_strip(lambda got: got[0] > first[0])
        assert bars(devices) == COLOURED, (i, bars(devices))
        if display == "fbdev":
            around_is_kept(devices)
        alice.quit()


@kit.case
def every_framebuffers_pixels_are_drawn(place):
    kinds = [(bits, colours, more) for bits, colours, more in (
        (16, (11, 5, 0), 0), (16, (0, 5, 11), 6), (24, (16, 8, 0), 5), (24, (0, 8, 16), 0), (32, (0, 8, 16), 12))]
    shows_everywhere(place, [
        ("fbdev", lambda devices, bits=bits, colours=colours, more=more:
            devices.framebuffer(bits=bits, colours=colours, pitch=426 * bits // 8 + more))
        for bits, colours, more in kinds])


@kit.case
def every_cards_pixels_are_drawn(place):
    kinds = (("RG16", (11, 5, 0)), ("BG16", (0, 5, 11)), ("RG24", (16, 8, 0)), ("BG24", (0, 8, 16)), ("XB24", (0, 8, 16)))
    shows_everywhere(place, [("kms", lambda devices, fourcc=fourcc, colours=colours:
                              devices.card(fourcc=fourcc, colours=colours)) for fourcc, colours in kinds])


@kit.case
def lines_may_lie_apart_and_pages_are_turned(place):
    devices = Devices(place).framebuffer(pitch=426 * 4 + 52, pages=2)
    _, alice = plays(place, devices, "fbdev")
    seen = set()
    devices.wait("both pages", lambda: seen.add(devices.shown()[0]) or len(seen) == 2)
    around_is_kept(devices)
    devices.put("stuck")  # panning fails from now on: drawn straight
    now = devices.wait_for_strip()
    devices.wait_for_strip(lambda got: got[0] > now[0] + 5)
    around_is_kept(devices)
    ends(alice, devices)


@kit.case
def a_card_shows_the_clip(place):
    devices = Devices(place).card()
    _, alice = plays(place, devices, "kms")
    ends(alice, devices)
    assert "restored" in devices.log() and devices.log().index("restored") < len(devices.log()) - 1


@kit.case
def a_card_that_cant_flip_shows_it_too(place):
    devices = Devices(place).card(flips=0)
    _, alice = plays(place, devices, "kms:/dev/dri/card0")
    ends(alice, devices)


@kit.case
def an_unplugged_monitor_is_said(place):
    devices = Devices(place).card()
    _, alice = plays(place, devices, "kms")
    devices.put("unplugged")
    assert "the display kms was lost" in alice.expect("error", code="display")["text"]
    assert alice.expect("stream_end")["reason"] == "failed"
    devices.wait_for_log("text")
    alice.quit(code=1)


@kit.case
def the_console_is_text_again_on_every_way_out(place):
    devices = Devices(place).framebuffer()
    devices.env["ASAN_OPTIONS"] += ":handle_segv=0:handle_abort=0"  # these signals are ours, and no fault to report
    room.card(place, seconds=30, heights="240", fps="24")
    server = kit.Server(place)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL):
        alice = watcher(server, devices, "fbdev")
        alice.send("/play card")
        devices.wait_for_strip()
        assert devices.log()[-1].startswith("mode process"), devices.log()
        alice.signal(number)
        alice.wait()
        devices.wait_for_log("text")
        (devices.place / "fb0").write_bytes(bytes(devices.pitch * devices.height))
    alice = watcher(server, devices, "fbdev")
    alice.send("/play card")
    devices.wait_for_strip()
    alice.quit()
    assert devices.log()[-1] == "text", devices.log()


@kit.case
def ctrl_c_to_the_group_leaves_the_keeper_its_work(place):
    devices = Devices(place).framebuffer()
    room.card(place, seconds=30, heights="240", fps="24")
    server = kit.Server(place)
    alice = kit.Client(server, "viewer", "--display", "fbdev", env=devices.env, start_new_session=True)
    alice.send("/play card")
    devices.wait_for_strip()
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
        os.kill(devices.keeper(), number)
    os.killpg(alice.pid, signal.SIGINT)
    alice.wait()
    devices.wait_for_log("text")


@kit.case
def a_killed_keeper_is_made_up_for(place):
    devices = Devices(place).framebuffer()
    _, alice = plays(place, devices, "fbdev")
    os.kill(devices.keeper(), signal.SIGKILL)
    now = devices.wait_for_strip()
    devices.wait_for_strip(lambda got: got[0] > now[0] + 5)
    assert devices.log()[-1].startswith("mode process")
    alice.send("/stop")
    assert alice.expect("stream_end")["reason"] == "stopped"
    assert devices.log()[-1] == "text"
    alice.quit()


def switches(place, devices, display, away):
    """Nothing is drawn while another console is shown, and all of it afterwards."""
    _, alice = plays(place, devices, display)
    os.kill(devices.keeper(), signal.SIGUSR1)  # as the kernel asks when somebody types Alt-F2
    devices.wait_for_log(*away)
    held = devices.lines()
    shown = alice.expect("frame")["number"]
    while alice.expect("frame")["number"] < shown + 10:
        pass
    assert devices.lines() == held
    os.kill(devices.keeper(), signal.SIGUSR2)
    devices.wait_for_log("acquired")
    devices.wait_for_strip(lambda got: got[0] > shown + 10)
    ends(alice, devices)


@kit.case
def another_console_is_left_alone_by_fbdev(place):
    switches(place, Devices(place).framebuffer(), "fbdev", ["released"])


@kit.case
def another_console_is_left_alone_by_kms(place):
    switches(place, Devices(place).card(), "kms", ["dropped", "released"])


@kit.case
def a_stopped_den_gives_the_console_back_meanwhile(place):
    devices = Devices(place).framebuffer()
    _, alice = plays(place, devices, "fbdev")
    os.kill(devices.keeper(), signal.SIGTSTP)  # Ctrl-Z reaches all of the process group
    devices.wait_for_log("text")
    held, shown = devices.lines(), alice.expect("frame")["number"]
    while alice.expect("frame")["number"] < shown + 5:
        pass
    assert devices.lines() == held
    os.kill(devices.keeper(), signal.SIGCONT)
    devices.wait("the console", lambda: devices.log()[-1].startswith("mode process"))
    assert devices.log()[-2] == "graphics", devices.log()
    devices.wait_for_strip(lambda got: got[0] > shown + 5)
    # One that does not answer, for it is stopped, can't keep the console.
    alice.signal(signal.SIGSTOP)
    os.kill(devices.keeper(), signal.SIGTSTP)
    devices.wait_for_log("text")
    alice.signal(signal.SIGCONT)
    os.kill(devices.keeper(), signal.SIGCONT)
    now = devices.wait_for_strip()
    devices.wait_for_strip(lambda got: got[0] > now[0] + 5)
    ends(alice, devices)


@kit.case
def auto_takes_the_first_that_works(place):
    devices = Devices(place).framebuffer().card()
    room.card(place, seconds=1, heights="240", fps="8")
    server = kit.Server(place)
    sdl = "sdl: neither DISPLAY nor WAYLAND_DISPLAY is set"

    def said():
        out, err = server.den("viewer", "play", "card", options=("--display", "auto", "--json"), env=devices.env)
        return next(line for line in out.splitlines() if "Showing on" in line)

    assert f"Showing on kms; {sdl}\"" in said()
    devices.put("unplugged")
    assert f"Showing on fbdev; {sdl}; kms: /dev/dri/card0: no monitor is connected\"" in said()
    del devices.env["SHIM_FB"]
    assert "fbdev: /dev/fb0: No such file or directory" in said()
    devices.env.pop("SHIM_CONSOLE")
    devices.put("unplugged", False)
    devices.framebuffer()
    assert f"Showing on headless; {sdl}; kms: not on a virtual console; fbdev: not on a virtual console" in said()


@kit.case
def what_does_not_work_is_said_in_a_line(place):
    devices = Devices(place).framebuffer(bits=8, colours=(0, 0, 0))
    room.card(place, seconds=1, heights="240", fps="8")
    server = kit.Server(place)

    def refused(display, *said, **env):
        _, err = server.den("viewer", "play", "card", options=("--display", display), code=1, env={**devices.env, **env})
        assert len(err.splitlines()) == 1 and all(word in err for word in said), err

    refused("fbdev", "fbdev: /dev/fb0: 8 bits a pixel (red 8 at bit 0, green 8 at 0, blue 8 at 0) can't be drawn")
    refused("fbdev:/dev/fb7", "fbdev: /dev/fb7: No such file or directory")
    refused("fbdev", "fbdev: /dev/fb3: No such file or directory", DEN_FB="/dev/fb3")
    refused("fbdev:/dev/null", "fbdev: /dev/null: is no framebuffer")
    devices.framebuffer(pitch=426 * 4 - 4)
    refused("fbdev", "426x240 with 1700 bytes a line do not fit into its 408000 bytes")
    refused("kms", "kms: /dev/dri: no graphics card")
    devices.card()
    devices.put("busy")
    refused("kms", "kms: the card is in use by another program (Device or resource busy)")
    devices.put("busy", False)
    devices.put("unplugged")
    refused("kms", "kms: /dev/dri/card0: no monitor is connected")
    refused("kms", "kms: /dev/null: ", DEN_CARD="/dev/null")
    devices.put("unplugged", False)
    devices.card(fourcc="YUYV")
    refused("kms", "no memory for 426x240 pixels: Invalid argument")
    devices.card().put("console.refuses")
    refused("kms", "kms: can't put the console into graphics mode: Operation not permitted")


if __name__ == "__main__":
    kit.main()
