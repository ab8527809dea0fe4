"""After the end of a conversation neither its key nor its text is in the memory of dend, or of a den fed by a pipe.

All writable memory is searched by /proc/PID/mem. Both programs forbid that to all but root; for other users a library
that is loaded before them (kit.readable) keeps them from it, and changes nothing else.
"""

import stranger  # before kit: it may change to another Python

import os
import re

from console_ctl import answer, connect, ctl
from console_terminal import Terminal
from stranger import keys, wire
from stranger.host import Host
from stranger.peer import TALK, VIDEO, Peer

import kit

OVER = "Chat ended. Keys erased."
SERVER, ZOE = keys.Identity(), keys.Identity()


def writable_memory(pid):
    """Every writable mapping: (its line in maps, the bytes). The kernel's own pages can't be read."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            start, end = (int(x, 16) for x in line.split()[0].split("-"))
            if "w" not in line.split()[1]:
                continue
            memory.seek(start)
            parts, left = [], end - start
            while left > 0:
                parts.append(memory.read(min(left, 1 << 24)))
                left -= len(parts[-1])
                assert parts[-1], line
            yield line.strip(), b"".join(parts)


def found(pid, secrets):
    """Where what stands: (name, the mapping), for each place."""
    return [(name, line.split()[-1] + f" at {m.start():#x}", data[max(0, m.start() - 16):m.end() + 16])
            for line, data in writable_memory(pid) for name, secret in secrets.items()
            for m in re.finditer(re.escape(secret), data)]


def markers(*names):
    """Texts that stand nowhere else, and by pieces of which a partial copy is found as well."""
    texts = {name: os.urandom(24).hex() for name in names}
    pieces = {f"{name} {i}": text[i:i + 16].encode() for name, text in texts.items() for i in range(0, 48, 16)}
    return texts, pieces


def nothing_left(pid, secrets):
    left = found(pid, secrets)
    assert not left, left


class Talked:
    """dend with zoe, a stranger who knows the key, and a conversation with lines both ways."""

    def __init__(self, place, server=None, say=None):
        self.server = server or kit.Server(place, **kit.readable(place))
        self.pid = self.server.process.pid
        self.zoe = Peer(self.server, "zoe", ZOE, features=VIDEO | TALK)
        self.talk = self.zoe.take_key()
        self.texts, self.secrets = markers("to the server", "to one", "to all", "broken")
        say = say or (lambda *words: ctl(self.server, *words))
        say("msg", "zoe", self.texts["to one"])
        say("say", self.texts["to all"])
        for name in ("to one", "to all"):
            assert self.talk.read(self.zoe.wait(wire.LINE)).text == self.texts[name]
        self.talk.write(self.texts["to the server"])
        self.server.process.line(re.escape(self.texts["to the server"]))
        self.talk.write(self.texts["broken"], text=b"another")
        self.server.process.line("Signature verification failed")

    def end(self):
        self.zoe.link.send(wire.CLOSE)
        self.zoe.wait(wire.CLOSE)
        self.server.process.line(re.escape(OVER))

    def check(self):
        nothing_left(self.pid, {**self.secrets, "key": self.talk.key})


@kit.case
def the_search_finds_what_is_there(place):
    """The key while the conversation lasts, and a text for as long as its line is not whole."""
    talked = Talked(place)
    assert found(talked.pid, {"key": talked.talk.key})
    texts, pieces = markers("half")
    with connect(talked.server) as operator:
        operator.sendall(b"bans\nmsg zoe " + texts["half"].encode())
        assert answer(operator)[0] == 0
        assert len({name for name, *_ in found(talked.pid, pieces)}) == 3
        operator.sendall(b"\n")
        assert answer(operator) == (0, "sent to zoe\n")
        talked.end()
        nothing_left(talked.pid, pieces)


@kit.case
def dend_after_close(place):
    talked = Talked(place)
    talked.end()
    talked.check()
    assert talked.zoe.link.silent()     # it still is a member


@kit.case
def dend_after_its_own_close(place):
    talked = Talked(place)
    ctl(talked.server, "close", "zoe")
    talked.zoe.wait(wire.CLOSE)
    talked.server.process.line(re.escape(OVER))
    talked.check()


@kit.case
def dend_after_the_end_of_the_link(place):
    talked = Talked(place)
    talked.zoe.link.cut()
    talked.server.process.line(re.escape(OVER))
    talked.check()


@kit.case
def dend_with_an_operator_at_the_terminal(place):
    terminal = Terminal(place, **kit.readable(place))
    talked = Talked(place, terminal, lambda *words: terminal.type("/" + " ".join(words) + "\n"))
    talked.end()
    talked.check()


class Piped:
    """den, fed by a pipe, in the room of a stranger who knows the key."""

    def __init__(self, place, kind):
        self.host = Host(SERVER)
        options = kit.Server.options_for
        self.host.place = place
        self.host.options_for = lambda *words: options(self.host, *words)
        self.den = kind(self.host, "alice", **kit.readable(place), **({"entered": False} if kind is kit.Client else {}))
        self.guest = self.host.accept()
        self.guest.greet(features=3)
        self.guest.bind()
        self.guest.welcome()
        self.talk = self.guest.give_key()
        self.texts, self.secrets = markers("to one", "to all", "by command", "in the mode", "long", "broken")

    def converse(self):
        texts = {**self.texts, "long": self.texts["long"] * 85}
        self.den.send(f"/server {texts['by command']}", "/server", texts["in the mode"], texts["long"])
        for name in ("by command", "in the mode", "long"):
            assert self.talk.read(self.guest.get(wire.LINE)).text == texts[name]
        self.guest.link.send(wire.LINE, self.talk.line(texts["to one"]))
        self.guest.link.send(wire.LINE, self.talk.line(texts["broken"], text=b"another"))
        self.guest.link.send(wire.LINE, self.talk.say_line(texts["to all"], 1))
        self.den.take(lambda item: texts["to all"] in str(item), "the last line")

    def over(self):
        self.den.take(lambda item: OVER in str(item), OVER)
        # What is told last has been written by then; what is read next, not.
        self.den.send("/who")
        self.den.take(lambda item: "Here" in str(item) or "directory" in str(item), "the next answer")


def talker(server, name, **popen):
    """Of a kit.Talker the first line is expected before this server has said a word."""
    return kit.Running(kit.program("den"), *server.options_for(name), server.address, **popen)


@kit.case
def the_search_finds_what_is_there_in_den(place):
    piped = Piped(place, kit.Client)
    piped.converse()
    assert found(piped.den.pid, {"key": piped.talk.key})
    texts, pieces = markers("half")
    piped.den.child.stdin.write(b"/who\n/server " + texts["half"].encode())
    piped.den.child.stdin.flush()
    piped.den.expect("directory")
    piped.den.expect("directory")
    assert len({name for name, *_ in found(piped.den.pid, pieces)}) == 3
    piped.den.send("", "/server exit")
    piped.guest.get(wire.LINE)
    piped.over()
    nothing_left(piped.den.pid, pieces)


@kit.case
def den_after_exit(place):
    for i, kind in enumerate((kit.Client, talker)):
        (place / str(i)).mkdir()
        piped = Piped(place / str(i), kind)
        piped.converse()
        piped.den.send("exit")
        piped.guest.get(wire.CLOSE)
        piped.over()
        nothing_left(piped.den.pid, {**piped.secrets, "key": piped.talk.key})


@kit.case
def den_after_close(place):
    for i, kind in enumerate((kit.Client, talker)):
        (place / str(i)).mkdir()
        piped = Piped(place / str(i), kind)
        piped.converse()
        piped.guest.link.send(wire.CLOSE)
        piped.guest.get(wire.CLOSE)
        piped.over()
        nothing_left(piped.den.pid, {**piped.secrets, "key": piped.talk.key})


if __name__ == "__main__":
    if kit.SANITIZED:
        print("skip talk_memory - a sanitizer keeps copies of its own")
    else:
        kit.main()
