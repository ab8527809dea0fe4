"""A terminal's screen, as far as the line editor writes to one: an xterm that never breaks rows anew.

Screen(columns, rows).feed(bytes); text() gives all logical lines, scrolled-off ones too: rows that
were left by an automatic wrap are joined. What is not known raises ValueError. Run alone it tests itself.
"""

import codecs
import re
import unicodedata

SEQUENCE = re.compile(r"\x1b(?:\[([?>]?)([0-9;]*)([@-~])|([78=>M])|[()](.))")


PADDING = "\0"  # the last column, when a wide character did not fit


def cells(character):
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Screen:
    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self.pending = ""
        self.history = []  # (cells, wrapped)
        self.grid = [self.blank() for _ in range(rows)]
        self.wrapped = [False] * rows
        self.x = self.y = 0
        self.full = False  # the last column is written, the wrap is due
        self.saved = (0, 0)
        self.top, self.bottom = 0, rows - 1  # the scrolling region
        self.bells = 0

    def blank(self):
        return [" "] * self.columns

    def resize(self, columns, rows):
        """As xterm does: rows are cut or filled at the right, lines leave and come at the bottom."""
        while len(self.grid) > rows:
            if self.y < len(self.grid) - 1:
                self.grid.pop(), self.wrapped.pop()
            else:
                self.history.append((self.grid.pop(0), self.wrapped.pop(0)))
                self.y -= 1
        self.grid = [(row + [" "] * columns)[:columns] for row in self.grid]
        self.columns = columns
        while len(self.grid) < rows:
            self.grid.append(self.blank())
            self.wrapped.append(False)
        self.top, self.bottom = 0, rows - 1
        self.rows, self.x, self.full = rows, min(self.x, columns - 1), False
        self.wrapped = [False] * rows
        self.history = [(row, False) for row, _ in self.history]

    def feed(self, data):
        self.pending += self.decoder.decode(data)
        at = 0
        while at < len(self.pending):
            character = self.pending[at]
            if character == "\x1b":
                match = SEQUENCE.match(self.pending, at)
                if match is None:
                    if len(self.pending) - at > 60:
                        raise ValueError(f"unknown sequence {self.pending[at:at + 30]!r}")
                    break
                self.sequence(match)
                at = match.end()
            else:
                self.control(character) if character < " " else self.put(character)
                at += 1
        self.pending = self.pending[at:]

    def control(self, character):
        if character == "\r":
            self.x, self.full = 0, False
        elif character == "\n":
            self.wrapped[self.y] = False
            self.line_feed()
            self.full = False
        elif character == "\b":
            self.x, self.full = max(0, self.x - 1), False
        elif character == "\t":
            self.x = min(self.columns - 1, (self.x // 8 + 1) * 8)
        elif character == "\a":
            self.bells += 1
        else:
            raise ValueError(f"unknown control {character!r}")

    def line_feed(self):
        if self.y != self.bottom:
            self.y = min(self.y + 1, self.rows - 1)
            return
        gone = (self.grid.pop(self.top), self.wrapped.pop(self.top))
        if self.top == 0:
            self.history.append(gone)
        self.grid.insert(self.bottom, self.blank())
        self.wrapped.insert(self.bottom, False)

    def put(self, character):
        width = cells(character)
        if width == 0:
            return
        if self.full or self.x + width > self.columns:
            if not self.full:
                self.grid[self.y][self.x] = PADDING
            self.wrapped[self.y] = True
            self.line_feed()
            self.x, self.full = 0, False
        row = self.grid[self.y]
        self.split(row, self.x)
        self.split(row, self.x + width)
        row[self.x] = character
        if width == 2:
            row[self.x + 1] = ""
        self.x += width
        if self.x >= self.columns:
            self.x, self.full = self.columns - 1, True

    @staticmethod
    def split(row, x):
        """A wide character that is cut at x is gone."""
        if 0 < x < len(row) and row[x] == "":
            row[x - 1] = row[x] = " "

    def sequence(self, match):
        private, parameters, final, simple, charset = match.groups()
        if charset:
            return
        if simple:
            if simple == "7":
                self.saved = (self.x, self.y)
            elif simple == "8":
                (self.x, self.y), self.full = self.saved, False
            elif simple == "M":
                raise ValueError("reverse index")
            return
        numbers = [int(p or 0) for p in parameters.split(";")]
        if private or final in "mhl":
            if final in "hl" and not private:
                raise ValueError("insert mode")
            return
        getattr(self, "csi_" + {"@": "insert", "`": "G"}.get(final, final), self.unknown)(numbers[0], numbers)

    def unknown(self, _, numbers):
        raise ValueError(f"unknown CSI {numbers}")

    def move(self, x, y):
        self.x, self.y, self.full = max(0, min(self.columns - 1, x)), max(0, min(self.rows - 1, y)), False

    def csi_A(self, n, _):
        self.move(self.x, max(self.y - max(1, n), self.top if self.y >= self.top else 0))

    def csi_B(self, n, _):
        self.move(self.x, min(self.y + max(1, n), self.bottom if self.y <= self.bottom else self.rows))

    def csi_C(self, n, _):
        self.move(self.x + max(1, n), self.y)

    def csi_D(self, n, _):
        self.move(self.x - max(1, n), self.y)

    def csi_G(self, n, _):
        self.move(max(1, n) - 1, self.y)

    def csi_H(self, n, numbers):
        self.move(max(1, (numbers + [1])[1]) - 1, max(1, n) - 1)

    def csi_J(self, n, _):
        if n == 2:
            self.grid = [self.blank() for _ in self.grid]
        elif n == 0:
            self.csi_K(0, None)
            for y in range(self.y + 1, self.rows):
                self.grid[y], self.wrapped[y] = self.blank(), False
        elif n != 3:
            raise ValueError("erase")

    def csi_K(self, n, _):
        if n != 0:
            raise ValueError("erase")
        row = self.grid[self.y]
        self.split(row, self.x)
        row[self.x:] = [" "] * (self.columns - self.x)
        self.wrapped[self.y] = False

    def csi_P(self, n, _):
        n, row = max(1, n), self.grid[self.y]
        self.split(row, self.x)
        self.split(row, self.x + n)
        del row[self.x:self.x + n]
        row += [" "] * (self.columns - len(row))

    def csi_insert(self, n, _):
        n, row = max(1, n), self.grid[self.y]
        self.split(row, self.x)
        row[self.x:self.x] = [" "] * n
        self.split(row, self.columns)
        del row[self.columns:]

    def csi_r(self, n, numbers):
        self.top, self.bottom = max(1, n) - 1, min((numbers + [0])[1] or self.rows, self.rows) - 1
        self.move(0, 0)

    def csi_X(self, n, _):
        for x in range(self.x, min(self.columns, self.x + max(1, n))):
            self.grid[self.y][x] = " "

    def row(self, y):
        return "".join(self.grid[y]).replace(PADDING, " ").rstrip()

    def text(self, upto=None):
        """The logical lines of the history and the screen's first `upto` rows."""
        rows = self.history + list(zip(self.grid, self.wrapped))[:upto]
        lines, line = [], ""
        for row, wrapped in rows:
            line += "".join(row).replace(PADDING, "")
            if not wrapped:
                lines.append(line.rstrip())
                line = ""
        if line:
            lines.append(line.rstrip())
        return lines


def self_test():
    s = Screen(10, 3)
    s.feed("0123456789".encode())
    yield "wrap_waits_for_the_next_character", (s.x, s.y, s.full) == (9, 0, True)
    s.feed("\r\nab漢".encode())
    yield "line_feed_after_a_full_row", s.text() == ["0123456789", "ab漢", ""]
    s.feed("\b\b\bX".encode())
    yield "overwriting_beside_a_wide_character", s.row(1) == "aX漢"
    s.feed("Y".encode())
    yield "overwriting_half_of_a_wide_character", s.row(1) == "aXY"
    s = Screen(5, 2)
    s.feed("abcd漢字\r\n12".encode())
    yield "wide_characters_wrap_whole", s.text() == ["abcd漢字", "12"] and s.row(0) == "漢字"
    s = Screen(8, 3)
    for byte in "a\x1b[1Bb\x1b[A\x1b[3G漢\r\x1b[K".encode():
        s.feed(bytes([byte]))
    yield "bytes_one_by_one", (s.row(0), s.row(1), s.x, s.y) == ("", " b", 0, 0)
    s = Screen(8, 4)
    s.feed(b"a\x1b[3;4r\x1b[3H1\n\r2\n\r3\x1b[9A^\x1b[r\x1b[4H\n")
    yield "a_region_scrolls_alone", (s.text(), s.top, s.bottom) == (["a", "", "2^", "3", ""], 0, 3)


if __name__ == "__main__":
    for name, holds in self_test():
        print(("ok " if holds else "not ok ") + name)
