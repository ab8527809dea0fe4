"""The line editor as a person at a terminal sees it: incoming lines stay whole and in order above the
line being typed, which stays whole itself, with the cursor where it was. Drives tests/unit/test_editor.c."""

import fcntl
import os
import pathlib
import pty
import random
import select
import signal
import struct
import sys
import termios
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from vt import Screen, cells  # noqa: E402

BUILD = os.environ.get("DEN_BUILD", "build/host")
LINE = "-noline" not in BUILD
PROMPT = "> "
PATIENCE = 10
UP, DOWN, LEFT, RIGHT = "\x1b[A", "\x1b[B", "\x1b[D", "\x1b[C"


class Failure(Exception):
    pass


def lay_out(text, columns):
    """The rows that the editor needs for text, and where it ends: (rows, x, y)."""
    rows, x = [""], 0
    for character in text:
        if x + cells(character) > columns:
            rows.append("")
            x = 0
        rows[-1] += character
        x += cells(character)
        if x == columns:
            rows.append("")
            x = 0
    return [row.rstrip() for row in rows], x, len(rows) - 1


class Editor:
    def __init__(self, columns=40, rows=12, **environment):
        control, self.control = os.pipe()
        self.events, events = os.pipe()
        self.screen, self.got, self.raw = Screen(columns, rows), b"", b""
        env = dict(os.environ, TERM="xterm-256color", LC_ALL="C.UTF-8")
        for name in ("TMUX", "VTE_VERSION", "KONSOLE_VERSION", "WT_SESSION"):
            env.pop(name, None)
        env.update(environment)
        env = {k: v for k, v in env.items() if v is not None}
        ready, go = os.pipe()
        self.pid, self.tty = pty.fork()
        if self.pid == 0:
            os.read(ready, 1)  # the window has its size before the editor looks
            os.set_inheritable(control, True), os.set_inheritable(events, True)
            os.execve(BUILD + "/tests/test_editor", ["test_editor", "driver", str(control), str(events)], env)
        os.close(control), os.close(events), os.close(ready)
        self.size(columns, rows)
        self.found = termios.tcgetattr(self.tty)
        os.write(go, b"x"), os.close(go)
        self.until(lambda: b"ready\n" in self.got, "the driver starts")

    def size(self, columns, rows):
        fcntl.ioctl(self.tty, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        before = self.got.count(b"resized\n")
        self.screen.resize(columns, rows)
        self.size(columns, rows)
        self.until(lambda: self.got.count(b"resized\n") > before, "SIGWINCH arrives")

    def type(self, keys):
        data = keys.encode() if isinstance(keys, str) else keys
        while data:
            data = data[os.write(self.tty, data[:512]):]
            self.pump(0)

    def tell(self, command):
        os.write(self.control, command.encode() + b"\n")

    def incoming(self, text):
        self.tell("print " + text)

    def pump(self, timeout):
        """Takes what is there; False if nothing came."""
        readable = select.select([self.tty, self.events], [], [], timeout)[0]
        if self.tty in readable:
            try:
                data = os.read(self.tty, 65536)
            except OSError:
                data = b""
            self.raw += data
            self.screen.feed(data)
            if not data:
                time.sleep(0.01)
        if self.events in readable:
            self.got += os.read(self.events, 65536)
        return bool(readable)

    def until(self, holds, what):
        deadline = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > deadline:
                raise Failure(f"not so: {what}; screen {self.screen.text()[-self.screen.rows:]!r} "
                              f"cursor {self.screen.x},{self.screen.y} events {self.got[-200:]!r}")
            self.pump(0.05)

    def lines(self):
        return [e[5:] for e in self.got.decode().splitlines() if e.startswith("line ")]

    def shows(self, above, text, cursor=None, prompt=PROMPT):
        """What is wrong with the screen, or None."""
        s = self.screen
        rows, _, _ = lay_out(prompt + text, s.columns)
        _, x, y = lay_out(prompt + (text if cursor is None else text[:cursor]), s.columns)
        if cursor is not None and cursor < len(text) and x + cells(text[cursor]) > s.columns:
            x, y = 0, y + 1
        top = s.y - y
        if top < 0 or (s.x, s.y) != (x, top + y):
            return f"cursor at {s.x}, not {x}"
        shown = [s.row(row) for row in range(top, s.rows)]
        while rows[-1] == "" and len(rows) > len(shown):
            rows.pop()  # behind a full last row, where the cursor is not
        if shown != rows + [""] * (len(shown) - len(rows)):
            return f"typed line is {shown}, not {rows}"
        if above is not None and s.text(top) != above:
            return f"above is {s.text(top)}, not {above}"
        return None

    def expect(self, above, text, cursor=None, prompt=PROMPT):
        problem = ["not looked"]

        def holds():
            problem[0] = self.shows(above, text, cursor, prompt)
            return problem[0] is None

        try:
            self.until(holds, "the screen")
        except Failure as failure:
            raise Failure(f"{problem[0]}: {failure}") from None

    def close(self):
        """Ends it; the terminal's modes must be what they were."""
        self.tell("close")
        self.until(lambda: b"closed\n" in self.got, "the driver ends")
        left = termios.tcgetattr(self.tty)
        self.reap()
        if left != self.found:
            raise Failure(f"terminal left as {left}, found as {self.found}")

    def reap(self):
        done = [0, 0]

        def ended():
            done[:] = os.waitpid(self.pid, os.WNOHANG)
            return done[0] != 0

        self.until(ended, "the driver exits")
        status = done[1]
        for fd in (self.control, self.events, self.tty):
            os.close(fd)
        if status != 0:
            raise Failure(f"driver ended with {status}")


def typing_and_finishing():
    e = Editor()
    e.expect([], "")
    e.type("hello")
    e.expect([], "hello")
    e.type("\r")
    e.expect(["> hello"], "")
    e.type("/echo hi\n")
    e.expect(["> hello", "> /echo hi", "you said hi"], "")
    e.until(lambda: e.lines() == ["hello", "/echo hi"], "these lines")
    e.close()


def editing_keys():
    e = Editor()
    e.type("one two three" + LEFT * 3 + "\x1b[1;5D" + "\x7f")
    e.expect([], "one twothree", 7)
    e.type("\x1b[H\x1b[3~X\x1b[F!\x1b[15~\x1bOD")
    e.expect([], "Xne twothree!", 12)
    e.type("\x17")
    e.expect([], "Xne !", 4)
    e.type("\x15é漢ö\x01\x04")
    e.expect([], "漢ö", 0)
    e.type("\r")
    e.until(lambda: e.lines() == ["漢ö"], "line without é")
    e.close()


def history():
    e = Editor()
    for line in ("first", "second", "second", "/login 1234", ""):
        e.type(line + "\r")
    e.type("draft" + UP)
    e.expect(None, "second")
    e.type(UP)
    e.expect(None, "first")
    e.type(DOWN + DOWN)
    e.expect(None, "draft")
    e.type(UP)
    e.incoming("* in between")
    e.expect(None, "second")
    e.type("\r")
    e.until(lambda: e.lines()[-1] == "second", "line from the history")
    e.close()


def history_is_bounded():
    e = Editor()
    for i in range(520):
        e.type(f"n{i}\r")
    e.until(lambda: len(e.lines()) == 520, "520 lines")
    e.type(UP * 600)
    e.expect(None, "n20")
    e.close()


class Model:
    """What a line of text is, key by key."""

    def __init__(self):
        self.text, self.cursor = "", 0

    def insert(self, text):
        self.text = self.text[:self.cursor] + text + self.text[self.cursor:]
        self.cursor += len(text)
        return text

    def key(self, kind):
        t, c = self.text, self.cursor
        if kind == "left":
            self.cursor = max(0, c - 1)
        elif kind == "right":
            self.cursor = min(len(t), c + 1)
        elif kind == "home":
            self.cursor = 0
        elif kind == "end":
            self.cursor = len(t)
        elif kind == "rubout" and c > 0:
            self.text, self.cursor = t[:c - 1] + t[c:], c - 1
        elif kind == "delete":
            self.text = t[:c] + t[c + 1:]
        elif kind == "kill":
            self.text = t[:c]
        return {"left": LEFT, "right": RIGHT, "home": "\x01", "end": "\x05", "rubout": "\x7f", "delete": "\x1b[3~",
                "kill": "\x0b"}[kind]


def random_line(chance, most):
    return "".join(chance.choice("abcdefghijklmnop     éö漢字😀") for _ in range(chance.randrange(most))).strip()


def random_session(seed, columns, rows, steps):
    chance, e, m, above = random.Random(seed), Editor(columns, rows), Model(), []
    most = columns * (rows - 3)
    try:
        for step in range(steps):
            for _ in range(chance.randrange(1, 8)):
                what = chance.choice(["type", "type", "type", "key", "key", "line", "line"])
                if what == "type":
                    text = random_line(chance, 12) + chance.choice(["", " "])
                    if sum(map(cells, PROMPT + m.text + text)) * 1.1 < most:
                        e.type(m.insert(text))
                elif what == "key":
                    kind = chance.choice(["left"] * 4 + ["right", "home", "end", "delete", "rubout", "rubout"] +
                                         (["kill"] if chance.random() < 0.2 else []))
                    for _ in range(chance.randrange(1, 6)):
                        e.type(m.key(kind))
                else:
                    count = chance.randrange(1, 4)
                    lines = [f"{step}:" + random_line(chance, columns * 2) for _ in range(count)]
                    above += [line.rstrip() for line in lines]
                    for line in lines:
                        e.incoming(line)
            e.expect(above, m.text, m.cursor)
            if chance.random() < 0.1:
                # Something to be seen, for of an empty line the screen is right before it is entered, too.
                e.type("\x05.")
                e.until(lambda: e.shows(None, m.text + ".") is None, "a full stop")
                entered, m = len(e.lines()), Model()
                e.type("\r")
                e.until(lambda: len(e.lines()) > entered and e.shows(None, "") is None, "an empty line")
                # How the editor broke the rows that stay above is its own affair: begin anew.
                e.screen.history = []
                above = e.screen.text(e.screen.y)
    except Failure as failure:
        raise Failure(f"seed {seed}, {columns} columns, step {step}: {failure}") from None
    e.close()


def random_typing_and_incoming():
    for seed in range(int(os.environ.get("EDITOR_SEEDS", 12))):
        random_session(seed, (20, 37, 80)[seed % 3], (10, 12, 24)[seed % 3], 40)


def input_of_exactly_the_width():
    for extra in (-1, 0, 1):
        e = Editor(20, 8)
        text = "x" * (18 + extra)
        e.type(text)
        e.expect([], text)
        e.incoming("y" * 20)
        e.incoming("z" * 40)
        e.expect(["y" * 20, "z" * 40], text)
        e.type(LEFT * 2)
        e.incoming("w")
        e.expect(["y" * 20, "z" * 40, "w"], text, len(text) - 2)
        e.close()


def burst_of_1000_lines():
    e = Editor()
    e.type("half a line, 漢字" + LEFT * 5)
    e.expect([], "half a line, 漢字", 10)
    e.tell("burst 1000  incoming, which is longer than the window")
    e.type("X")
    above = [f"{i}  incoming, which is longer than the window" for i in range(1000)]
    e.expect(above, "half a linXe, 漢字", 11)
    e.tell("block 1000  at once")
    above += [f"{i}  at once" for i in range(1000)]
    e.expect(above, "half a linXe, 漢字", 11)
    e.close()


def paste_of_lines():
    e = Editor()
    lines = [f"line {i} of a paste" for i in range(200)]
    e.type("\r".join(lines).replace("of a", "of\ta") + "\rrest")
    e.expect(None, "rest")
    e.until(lambda: e.lines() == list(lines), "these lines")
    assert e.screen.text(e.screen.y) == [PROMPT + line for line in lines]
    e.close()


def input_longer_than_the_screen():
    e = Editor(20, 6)
    text = "".join(chr(ord("a") + i % 26) for i in range(300))
    e.type(text)
    e.incoming("* in between")
    e.type("\x01!\x05\r")
    e.until(lambda: e.lines() == ["!" + text], "the line, whole")
    e.type("next")
    e.incoming("* after")
    e.until(lambda: "* after" in e.screen.text(), "the incoming line")
    e.expect(None, "next")
    e.close()


def very_long_line():
    e = Editor(80, 24)
    e.type("x" * 16384 + "y" * 100)
    e.until(lambda: e.screen.bells > 0, "a bell")
    e.type("\r")
    e.until(lambda: e.lines() == ["x" * 16384], "16384 characters, no more")
    e.type("next")
    e.expect(None, "next")
    e.close()


def control_c_forgets_the_line():
    e = Editor()
    e.type("never mind this line, which is wrapped here" + LEFT * 20)
    e.expect([], "never mind this line, which is wrapped here", 23)
    e.type("\x03")
    e.expect(["> never mind this line, which is wrapped here^C"], "")
    e.type("ok\r")
    e.until(lambda: e.lines() == ["ok"], "the line after it")
    e.close()


def control_d_ends():
    e = Editor()
    e.type("ab\x01\x04\x05")
    e.expect([], "b")
    e.type("\x7f\x04")
    e.until(lambda: b"end\nclosed\n" in e.got, "the end of input")
    assert e.screen.text() [:1] == [">"], e.screen.text()
    assert termios.tcgetattr(e.tty) == e.found
    e.reap()


def unfinished_keys_wait_without_blocking():
    e = Editor()
    for unfinished, rest in (("\x1b", "[D"), ("\x1b[", "D"), ("\x1b[1;", "5D")):
        e.type(unfinished)
        e.incoming("* goes on")
        e.until(lambda: e.screen.text().count("* goes on") == 1, "print during a key")
        e.screen.history, e.screen.grid = [], [e.screen.blank() for _ in range(e.screen.rows)]
        e.type(rest)
    e.type("\u20ac".encode()[:2])
    e.incoming("* done")
    e.type("\u20ac".encode()[2:])
    e.type("\r")
    e.until(lambda: e.lines() == ["\u20ac"], "a character in two parts")
    e.close()


def secrets_are_not_shown():
    e = Editor()
    e.type("/secret\r")
    e.expect(["> /secret"], "", prompt="Secret: ")
    e.type("hünter2x")
    e.incoming("* alice is here")
    e.expect(["> /secret", "* alice is here"], "", prompt="Secret: ")
    e.type("\x7f\r")
    e.expect(["> /secret", "* alice is here", "Secret:"], "")
    e.until(lambda: e.lines() == ["/secret", "hünter2"], "these lines")
    e.type(UP)
    e.expect(None, "/secret")
    assert b"nter" not in e.raw
    e.close()


def prompt_changes_keep_the_line():
    e = Editor()
    e.type("text" + LEFT)
    e.tell("prompt den>  ")
    e.expect([], "text", 3, prompt="den>  ")
    e.close()


def without_a_prompt_no_empty_line_is_left():
    for prompt, row in (("", 1), ("> ", 2)):
        e = Editor()
        e.tell("prompt " + prompt)
        e.incoming("refused")
        e.expect(["refused"], "", prompt=prompt)
        e.tell("close")
        e.until(lambda: b"closed\n" in e.got and (e.screen.x, e.screen.y) == (0, row), "the shell's line")
        e.reap()


def completion():
    e = Editor()
    e.type("/q\t")
    e.expect([], "/quit ")
    e.type("\x15/p\t")
    e.until(lambda: "/play  /pause" in e.screen.text(), "the list")
    e.expect(None, "/p")
    e.type("\x15hi äl\t!")
    e.expect(None, "hi äl !")  # a tab in a paste
    e.type("\x7f\x7f")
    e.expect(None, "hi äl")
    e.type("\t")
    e.expect(None, "hi älter ")
    e.close()


def resizing_keeps_what_is_above():
    text = "a line of some length that wraps, 漢字 too, and a bit"
    for seed in range(4):
        chance, e = random.Random(seed), Editor(40, 12)
        e.type(text + LEFT * 7)
        for step in range(12):
            e.incoming(f"* {step}")
            e.until(lambda: f"* {step}" in e.screen.text(), "an incoming line")
            e.expect(None, text, len(text) - 7)
            e.resize(chance.randrange(20, 100), chance.randrange(8, 30))
        shown = [line for line in e.screen.text() if line.startswith("* ")]
        assert shown == [f"* {step}" for step in range(12)], shown
        e.close()


def stop_and_continue():
    e = Editor()
    e.type("half" + LEFT)
    e.expect([], "half", 3)
    e.type("\x1a")
    e.until(lambda: b"stopping\n" in e.got, "SIGTSTP")
    assert os.WIFSTOPPED(os.waitpid(e.pid, os.WUNTRACED)[1])
    assert termios.tcgetattr(e.tty) == e.found, "modes while stopped"
    e.pump(0.1)
    os.kill(e.pid, signal.SIGCONT)
    e.expect([], "half", 3)
    # Someone else stops it and leaves the terminal in other modes.
    os.kill(e.pid, signal.SIGSTOP)
    os.waitpid(e.pid, os.WUNTRACED)
    termios.tcsetattr(e.tty, termios.TCSANOW, e.found)
    os.kill(e.pid, signal.SIGCONT)
    e.until(lambda: e.screen.y > 0, "a fresh line")
    e.expect(None, "half", 3)
    e.type("X\r")
    e.until(lambda: e.lines() == ["halXf"], "the line")
    e.close()


def locale_of_no_name():
    for environment in ({"LC_ALL": "C"}, {"LC_ALL": None, "LANG": None, "LC_CTYPE": None}, {"LC_ALL": "xx_YY"}):
        e = Editor(**environment)
        e.type("漢é" + LEFT)
        e.expect([], "漢é", 1)
        e.close()


def plain_terminals():
    for terminal in ("dumb", None, "") if LINE else ("dumb", None, "", "xterm"):
        e = Editor(TERM=terminal)
        e.until(lambda: e.screen.text()[0] == ">", "a prompt")
        e.incoming("* alice is here")
        e.incoming("* bob is here")
        e.until(lambda: e.screen.text()[:3] == [">", "* alice is here", "* bob is here"], "incoming lines")
        e.type("hello\nwör")
        e.until(lambda: e.lines() == ["hello"], "a line")
        e.type("\x03")
        e.type("/secret\nhunter2\n")
        e.until(lambda: e.lines()[1:] == ["/secret", "hunter2"], "a secret")
        e.type("\x04")
        e.until(lambda: b"end\nclosed\n" in e.got, "the end of input")
        assert termios.tcgetattr(e.tty) == e.found
        e.reap()


TESTS = [typing_and_finishing, editing_keys, history, history_is_bounded, random_typing_and_incoming,
         input_of_exactly_the_width, burst_of_1000_lines, paste_of_lines, input_longer_than_the_screen, very_long_line,
         control_c_forgets_the_line, control_d_ends, unfinished_keys_wait_without_blocking, secrets_are_not_shown,
         prompt_changes_keep_the_line, without_a_prompt_no_empty_line_is_left, completion,
         resizing_keeps_what_is_above, stop_and_continue, locale_of_no_name]


def main():
    chosen = sys.argv[1:]
    for test in (TESTS if LINE else []) + [plain_terminals]:
        if chosen and test.__name__ not in chosen:
            continue
        try:
            test()
            print("ok " + test.__name__, flush=True)
        except (Failure, AssertionError) as failure:
            print(f"not ok {test.__name__} - {failure}", flush=True)


if __name__ == "__main__":
    main()
