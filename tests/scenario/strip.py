"""Reads the strip of a test card (layout: src/video/strip.h) out of a grey picture.

read(luma, width, height) takes a picture that fills the plane, seek(luma, width, height) a screenshot
with the picture anywhere in it. Both give (frame number, rendition's height), or None. Run as a
program, it checks itself against den-clip's test card as ffmpeg decodes and scales it.
"""

import re
import subprocess

import kit

COLUMNS = 31
BITS = 28
CONTRAST = 60


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def _cell(luma, width, height, left, column, top, row, c):
    """The mean of the middle of cell c; None outside the plane."""
    x0, x1 = int(left + column * (c + 0.25)), int(left + column * (c + 0.75))
    y0, y1 = int(top + row * 0.25), int(top + row * 0.75)
    if x0 < 0 or y0 < 0 or x1 >= width or y1 >= height:
        return None
    lines = [luma[y * width + x0:y * width + x1 + 1] for y in range(y0, y1 + 1)]
    return sum(map(sum, lines)) / (len(lines) * (x1 - x0 + 1))


def _read_row(luma, width, height, left, column, top, row):
    cells = [_cell(luma, width, height, left, column, top, row, c) for c in range(COLUMNS)]
    if None in cells or min(cells[0], cells[-1]) - cells[1] < CONTRAST:
        return None
    middle = (cells[0] + cells[1]) / 2
    bits = 0
    for cell in cells[2:-1]:
        bits = bits << 1 | (cell > middle)
    return bits


def _read_at(luma, width, height, left, column, tops, row):
    high, low = (_read_row(luma, width, height, left, column, top, row) for top in tops)
    if high is None or low is None:
        return None
    code = (high << BITS | low).to_bytes(7, "big")
    if crc32c(code[:5]) & 0xFFFF != int.from_bytes(code[5:], "big"):
        return None
    return int.from_bytes(code[:3], "big"), int.from_bytes(code[3:5], "big")


def read(luma, width, height):
    """From a picture that fills the plane: len(luma) == width * height."""
    tops = (height * 44 / 48, height * 46 / 48)
    return _read_at(luma, width, height, 0, width / COLUMNS, tops, height * 2 / 48)


_RUNS = re.compile(b"\0+|\1+")
_BRIGHT = bytes(level >> 7 for level in range(256))


def _clock(line):
    """(left, column) of the clock if the line (bytes of 0 and 1) crosses it."""
    ends = [run.end() for run in _RUNS.finditer(line)][:-1]
    inner = COLUMNS - 2
    for i in range(len(ends) - inner):
        first, last = ends[i], ends[i + inner]
        column = (last - first) / inner
        if line[first] or column < 3:
            continue
        lengths = [ends[k + 1] - ends[k] for k in range(i, i + inner)]
        if max(abs(length - column) for length in lengths) <= column / 4 + 2:
            return first - column, column
    return None


def seek(luma, width, height):
    """From a screenshot: the picture is upright and its whole strip visible."""
    bright = bytes(luma).translate(_BRIGHT)
    high, at = 0, None
    for y in range(height):
        found = _clock(bright[y * width:(y + 1) * width])
        if found:
            high, at = high + 1, found
            continue
        for twice in range(2 * high - 2, 2 * high + 3) if high else ():
            got = _read_at(luma, width, height, *at, (y, y + twice), twice)
            if got:
                return got
        high = 0
    return None


def decode(film, width, height, place=None):
    """The film's frames as grey pictures of that size: ffmpeg's, an independent decoder's. With a
    place (w, h) each stands in the middle of a black screen of that size."""
    filters = f"scale={width}:{height}:flags=bilinear:out_range=pc"
    if place:
        filters += f",pad={place[0]}:{place[1]}:(ow-iw)/2:(oh-ih)/2:black"
        width, height = place
    raw = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "mjpeg", "-i", film, "-vf", filters,
                          "-pix_fmt", "gray", "-f", "rawvideo", "-"], check=True, capture_output=True).stdout
    size = width * height
    return [raw[i:i + size] for i in range(0, len(raw), size)]


def _card(place, quality):
    kit.need("ffmpeg")
    kit.run("den-clip", "testcard", "card", "--library", place, "--seconds", 1, "--fps", 8,
            "--quality", quality)
    return place / "card"


@kit.case
def every_frame_of_every_rendition_is_read(place):
    folder = _card(place, 50)
    for height in (240, 720, 1440):
        film = folder / f"{height}p.mjpeg"
        for width, high in ((426, 240), (640, 360), (1281, 719)):
            got = [read(luma, width, high) for luma in decode(film, width, high)]
            assert got == [(i, height) for i in range(8)], f"{height}p at {width}x{high}: {got}"


@kit.case
def the_strip_is_found_in_a_screenshot(place):
    folder = _card(place, 85)
    for height in (240, 720, 1440):
        for size, screen in (((640, 360), (640, 480)), ((853, 480), (1024, 480)), ((1281, 719), (1366, 768))):
            frames = decode(folder / f"{height}p.mjpeg", *size, place=screen)
            got = [seek(luma, *screen) for luma in frames]
            assert got == [(i, height) for i in range(8)], f"{height}p in {screen}: {got}"


@kit.case
def what_is_no_strip_is_refused(place):
    for level in range(0, 256, 51):
        assert read(bytes([level]) * 64000, 320, 200) is None
        assert seek(bytes([level]) * 64000, 320, 200) is None


if __name__ == "__main__":
    kit.main()
