"""dend started at a terminal: commands are typed there."""

import os
import pty
import re
import signal
import types

import kit


class Terminal:
    """dend with a terminal of its own as standard input; it leads the session, as in a window."""

    def __init__(self, place, **popen):
        self.place, self.pinned = place, None
        self.ours, theirs = pty.openpty()
        self.process = kit.Running(kit.program("dend"), "--listen", "127.0.0.1:0", "--state",
                                   kit.lend_key(place / "server"), "--library", place / "lib", stdin=theirs,
                                   start_new_session=True, **popen)
        os.close(theirs)
        ready = self.process.line("^dend: listening on ").split()
        self.address, self.fingerprint = ready[3].rstrip(","), ready[5]
        self.host, self.port = self.address.split(":")[0], int(self.address.split(":")[1])

    def type(self, text):
        os.write(self.ours, text.encode() if isinstance(text, str) else text)

    options_for = kit.Server.options_for


@kit.case
def commands_are_typed(place):
    terminal = Terminal(place)
    terminal.type("/who\n")
    terminal.process.line("^nobody is here$")
    alice = kit.Client(terminal, "alice")
    terminal.type("who\n")
    terminal.process.line(f"^alice +{alice.fingerprint} 127.0.0.1$")
    terminal.type("/clips\n/kick alice\n")
    terminal.process.line("^the library has no clip$")
    terminal.process.line("^removed alice$")
    alice.wait(3)
    terminal.type("/release alice\n\n/frobnicate\n")
    terminal.process.line("^released alice$")
    terminal.process.line("^no such command: frobnicate")
    terminal.type("/quit\n")
    terminal.process.line("^the server stops$")
    terminal.process.wait(0)


@kit.case
def its_end_is_not_the_servers(place):
    terminal = Terminal(place)
    terminal.type(b"\x04")
    terminal.process.errors("end of input")
    alice = kit.Client(terminal, "alice")
    out, _ = kit.run("dend", "ctl", "--state", place / "server", "kick", "alice")
    assert out == "removed alice\n"
    alice.wait(3)
    terminal.process.signal(signal.SIGTERM)
    terminal.process.wait(0)


@kit.case
def long_lines_and_controls(place):
    terminal = Terminal(place)
    for _ in range(3):
        terminal.type(b"y" * 1500 + b"\n")      # the kernel's own limit of a line is 4095
        terminal.type("/kick \x7f\x7fz\n")
    terminal.process.errors("longer than 1024 bytes")
    terminal.type("/who\n")
    terminal.process.line("^nobody is here$")
    assert b"\x1b" not in terminal.process.out and b"\x7f" not in terminal.process.out


@kit.case
def a_stopped_terminal_stops_nobody(place):
    """Ctrl-S, or a window that hangs: the answers to what is typed all the same are not waited for."""
    ours, theirs = pty.openpty()
    process = kit.Running("sh", "-c", 'exec "$@" >&0', "sh", kit.program("dend"), "--listen", "127.0.0.1:0", "--state",
                          kit.lend_key(place / "server"), "--library", place / "lib", stdin=theirs, start_new_session=True)
    os.close(theirs)
    said = b""
    while not (ready := re.search(rb"listening on ([\d.]+):(\d+), fingerprint (SHA256:[0-9a-f]{64})", said)):
        said += os.read(ours, 4096)
    server = types.SimpleNamespace(place=place, host=ready[1].decode(), port=int(ready[2]), fingerprint=ready[3].decode(),
                                   address=(ready[1] + b":" + ready[2]).decode())
    server.options_for = lambda *options: kit.Server.options_for(server, *options)
    for _ in range(60):     # from here on nobody reads it; its buffer takes 4 KB
        os.write(ours, b"/help\n")
    process.errors("standard output takes nothing")
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    for i in range(20):
        os.write(ours, b"/who\n")
        alice.send(f"/msg bob {i}")
        bob.expect("message", text=str(i))
    assert "removed bob" in kit.run("dend", "ctl", "--state", place / "server", "kick", "bob")[0]
    process.signal(signal.SIGTERM)
    process.wait(0)
    os.close(ours)


if __name__ == "__main__":
    kit.main()
