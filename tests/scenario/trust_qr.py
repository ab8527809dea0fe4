"""The safety number and an invitation as QR codes at a terminal, read back as a telephone would (ISO/IEC 18004)."""

import re

import kit
from console_ctl import ctl

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
LIGHT = {" ": (0, 0), "\u2580": (1, 0), "\u2584": (0, 1), "\u2588": (1, 1)}  # what is drawn is light
QUIET = 4
MASKS = [lambda y, x: (y + x) % 2, lambda y, x: y % 2, lambda y, x: x % 3, lambda y, x: (y + x) % 3,
         lambda y, x: (y // 2 + x // 3) % 2, lambda y, x: y * x % 2 + y * x % 3,
         lambda y, x: (y * x % 2 + y * x % 3) % 2, lambda y, x: ((y + x) % 2 + y * x % 3) % 2]


def modules(rows):
    """The dark ones, as rows of 0 and 1, without the quiet zone."""
    lines = []
    for row in rows:
        lines += [[1 - LIGHT[c][0] for c in row], [1 - LIGHT[c][1] for c in row]]
    size = len(rows[0]) - 2 * QUIET
    assert not any(any(line) for line in lines[:QUIET]) and not any(any(line[:QUIET] + line[-QUIET:]) for line in
                                                                   lines[:size + 2 * QUIET])
    return [line[QUIET:-QUIET] for line in lines[QUIET:QUIET + size]]


def is_function(size, y, x):
    """Of version 2: finders with format, timing, and one alignment pattern."""
    finder = (y < 9 and x < 9) or (y < 9 and x >= size - 8) or (y >= size - 8 and x < 9)
    return finder or y == 6 or x == 6 or (size - 9 <= y <= size - 5 and size - 9 <= x <= size - 5)


def data_bits(code):
    size = len(code)
    form = [code[8][x] for x in (0, 1, 2, 3, 4)]
    mask = MASKS[int("".join(map(str, form[2:])), 2) ^ 0b101]
    bits, up, x = [], True, size - 1
    while x > 0:
        x -= x == 6
        for y in range(size - 1, -1, -1) if up else range(size):
            bits += [code[y][c] ^ (mask(y, c) == 0) for c in (x, x - 1) if not is_function(size, y, c)]
        up, x = not up, x - 2
    return "".join(map(str, map(int, bits)))


def bits_of(rows):
    """Of a code of version 2, which has one block, without correction: nothing is damaged."""
    code = modules(rows)
    assert len(code) == 25
    return data_bits(code)


def read_letters(rows):
    """Segments of digits and of capital letters."""
    bits, text = bits_of(rows), ""
    while (mode := bits[:4]) != "0000":
        width, sizes = {"0001": (10, {3: 10, 2: 7, 1: 4}), "0010": (9, {2: 11, 1: 6})}[mode]
        left, bits = int(bits[4:4 + width], 2), bits[4 + width:]
        while left:
            take = min(max(sizes), left)
            value, bits = int(bits[:sizes[take]], 2), bits[sizes[take]:]
            text += (f"{value:0{take}d}" if mode == "0001" else
                     LETTERS[value // 45] + LETTERS[value % 45] if take == 2 else LETTERS[value])
            left -= take
    return text


def read(rows):
    """The digits."""
    bits = bits_of(rows)
    assert bits[:4] == "0001", bits[:8]  # numeric
    count, at, digits = int(bits[4:14], 2), 14, ""
    while len(digits) < count:
        take = min(3, count - len(digits))
        width = {3: 10, 2: 7, 1: 4}[take]
        digits += f"{int(bits[at:at + width], 2):0{take}d}"
        at += width
    return digits


@kit.case
def a_telephone_reads_the_number(place):
    if "-noqr" in kit.BUILD.name:
        raise kit.Skip("built without QR codes")
    server = kit.Server(place)
    bob = kit.Client(server, "bob")
    alice = kit.Terminal(server, "alice")
    alice.until("Here ")
    bob.expect("joined", name="alice")
    alice.type("/verify bob")
    alice.until("/verify bob ok\n")
    bob.send("/verify alice")
    number = bob.expect("safety")["number"]
    rows = re.findall("^  ([ \u2580\u2584\u2588]{33})$", alice.text, re.M)
    assert len(rows) == 17, alice.text[-3000:]
    assert read(rows) == number
    alice.type("/quit")
    assert alice.child.wait(kit.PATIENCE) == 0


@kit.case
def it_reads_an_invitation(place):
    if "-noqr" in kit.BUILD.name:
        raise kit.Skip("built without QR codes")
    server = kit.Server(place, "--invite-only")
    said = ctl(server, "invite")
    rows = re.findall("^  ([ \u2580\u2584\u2588]{33})$", said, re.M)
    assert len(rows) == 17, said
    assert read_letters(rows) == re.search("^  ([0-9A-Z-]{35})$", said, re.M)[1], said


kit.main()
