"""Real screens, in QEMU: dend and den on Debian's kernel, with a real KMS device and real framebuffers, looked at through
the emulated monitor; and what of the server's sandbox the kernels of such boards give."""

import guest
import kit
from guest import ARM64, ARMHF, FPS, HEIGHTS, SECONDS, enter, virt

LIT = 500  # subpixels of the whole line, at least
TEXT = "\\033[2J\\033[?25l\\033[10;10HThe console shows text."


def raspi3b(place, width, height):
    """The Pi's device tree, with the framebuffer that its firmware would have set up."""
    tree, node = place / "pi.dtb", "/framebuffer@3c100000"
    tree.write_bytes(guest.one("bcm2837-rpi-3-b.dtb").read_bytes())
    put = lambda kind, name, *values: kit.tool("fdtput", "-p", "-t", kind, tree, node, name, *values)
    put("s", "compatible", "simple-framebuffer")
    put("s", "format", "r5g6b5")
    put("s", "status", "okay")
    put("x", "reg", "3c100000", f"{width * height * 2:x}")
    for name, value in (("width", width), ("height", height), ("stride", width * 2)):
        put("x", name, f"{value:x}")
    return ("-M", "raspi3b", "-dtb", tree, "-serial", "null", "-serial", "stdio", "-global",
            f"bcm2835-fb.xres={width}", "-global", f"bcm2835-fb.yres={height}", "-global", "bcm2835-fb.bpp=16")


def watch(board, display):
    """Frames stand on the screen, each from its rendition: while the clip plays, and where it is held."""
    board.start("echo /play card >&3")
    board.line(f'"Showing on {display}')
    seen = [board.wait_for_strip()]
    seen.append(board.wait_for_strip(lambda got: got != seen[0]))
    board.start("echo /pause >&3")
    board.start(f"echo /seek {SECONDS - 2} >&3")
    held = ((SECONDS - 2) * FPS, HEIGHTS[1])
    assert board.wait_for_strip(lambda got: got[1] == HEIGHTS[1]) == held
    assert seen[0][0] < seen[1][0] and {height for _, height in seen} == {HEIGHTS[0]}, seen


def mode(board, wanted):
    """What the kernel says that the console is in."""
    board.start("kdmode")
    assert board.line("^kdmode: ") == f"kdmode: {wanted}"


def plays(board, display):
    """A clip on the screen, and the console as it was before when it is stopped and when den is killed."""
    board.start(f"echo -ne '{TEXT}' > /dev/tty1")
    text = board.wait_for_screen("text", the_line_alone)
    is_text = lambda w, h, pixels: pixels == text
    sandbox = enter(board, display)
    mode(board, "text")
    watch(board, display)
    mode(board, "graphics")
    board.start("echo /stop >&3")
    board.wait_for_screen("the text again", is_text)
    mode(board, "text")
    board.start("echo /play card >&3")
    board.wait_for_strip()
    mode(board, "graphics")
    board.start("echo -n ' Still.' > /dev/tty1")
    assert board.wait_for_strip()
    # not the keeper of the console, who looks like den to pidof
    board.start("for p in $(pidof den); do [ $(cat /proc/$p/comm) != den ] || kill -9 $p; done")
    board.wait_for_screen("the text after a kill", lambda *screen: the_line_alone(*screen) and not is_text(*screen))
    mode(board, "text")
    return sandbox


def the_line_alone(width, height, pixels):
    """The pixels, if there is one line of text among them and nothing else."""
    rows = [y for y in range(height) if max(pixels[y * width * 3:(y + 1) * width * 3]) > 100]
    line = pixels[rows[0] * width * 3:(rows[-1] + 1) * width * 3] if rows and len(rows) < 32 else b""
    lit = sum(level > 100 for level in line)
    return pixels if lit > LIT else None


@kit.case
def kms_on_virtio(place):
    board = guest.Guest(place, virt, guest.VIRTIO, guest.files(place, ARM64), "console=ttyAMA0")
    sandbox = plays(board, "kms")
    assert "Landlock" in sandbox and "system call filter" in sandbox, sandbox


@kit.case
def fbdev_of_32_bits_on_virtio(place):
    board = guest.Guest(place, virt, guest.VIRTIO, guest.files(place, ARM64), "console=ttyAMA0")
    plays(board, "fbdev")


@kit.case
def fbdev_of_16_bits_on_a_raspberry_pi_with_32_bit_programs(place):
    board = guest.Guest(place, raspi3b(place, 800, 480), (), guest.files(place, ARMHF), "console=ttyS1,115200")
    sandbox = plays(board, "fbdev")
    assert "system call filter" in sandbox, sandbox


kit.main()
