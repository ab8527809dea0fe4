"""den key, and the passphrase of a private key: asked on the terminal without echo, or from a file; openssl agrees."""

import os
import pty
import select
import signal
import stat
import termios
import time

import kit

APART = {"start_new_session": True}     # no terminal to be asked on, whoever runs the tests
ENCRYPTED = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
PLAIN = "-----BEGIN PRIVATE KEY-----\n"


def secret(place, name, text):
    """A passphrase file."""
    path = place / name
    path.touch(0o600)
    path.write_text(text)
    return path


def key(state, *words, code=0):
    return kit.run("den", "--state", state, *words, code=code, **APART)


def refused(state, *words, needles, code=3):
    """One line, and the key stays as it is."""
    before = (state / "identity.pem").read_bytes()
    out, err = key(state, *words, code=code)
    assert out == "" and err.count("\n") == 1 and all(n in err for n in needles), err
    assert (state / "identity.pem").read_bytes() == before


class Terminal:
    """den on a terminal of its own."""

    def __init__(self, *words):
        self.pid, self.tty = pty.fork()
        if self.pid == 0:
            for number in (signal.SIGINT, signal.SIGQUIT):    # which a shell makes its background jobs ignore
                signal.signal(number, signal.SIG_DFL)
            os.execv(kit.program("den"), ["den", *map(str, words)])
        self.shown, self.at, self.status = b"", 0, None

    def read(self, timeout):
        if not select.select([self.tty], [], [], timeout)[0]:
            return False
        try:
            piece = os.read(self.tty, 4096)
        except OSError:     # how a pty ends
            piece = b""
        self.shown += piece
        return piece != b""

    def until(self, text):
        """Waits for it behind what was waited for before."""
        deadline = time.monotonic() + kit.PATIENCE
        while text not in self.shown[self.at:]:
            more = self.read(max(0, deadline - time.monotonic()))
            assert more, f"no {text} in {self.shown}"
        self.at = self.shown.index(text, self.at) + len(text)

    def echoes(self):
        return bool(termios.tcgetattr(self.tty)[3] & termios.ECHO)

    def answer(self, prompt, line):
        self.until(prompt)
        assert not self.echoes()
        os.write(self.tty, line)

    def end(self, code):
        """Reads to the end; nothing of what was typed may stand there."""
        while self.read(kit.PATIENCE):
            pass
        got = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.tty)
        assert got == code, (got, self.shown)
        assert b"secret" not in self.shown, self.shown
        return self.shown.decode()


@kit.case
def made_shown_and_exported(place):
    state, pem = place / "alice", place / "alice" / "identity.pem"
    out, err = key(state, "key", "make")
    fingerprint = out.splitlines()[0]
    assert out.splitlines()[1:3] == [f"file: {pem}", "encrypted: no"] and err == ""
    assert stat.S_IMODE(pem.stat().st_mode) == 0o600
    refused(state, "key", "make", needles=[str(pem), "exists"], code=1)
    assert key(state, "key", "show")[0] == out
    assert key(state, "key", "fingerprint")[0] == fingerprint + "\n"
    public = key(state, "key", "export")[0]
    assert out.endswith("encrypted: no\n" + public)
    assert kit.tool("openssl", "pkey", "-in", pem, "-pubout").decode() == public
    refused(state, "key", "burn", needles=["burn"], code=2)
    refused(state, "--new-passphrase-file", pem, "key", "show", needles=[str(pem)], code=2)


@kit.case
def openssl_opens_ours(place):
    state, pem, file = place / "alice", place / "alice" / "identity.pem", secret(place, "p", "sécret words\nmore\n")
    shown = key(state, "--passphrase-file", file, "key", "make")[0]
    assert "encrypted: yes, PBKDF2 with " in shown and pem.read_text().startswith(ENCRYPTED)
    assert stat.S_IMODE(pem.stat().st_mode) == 0o600
    open_it = ["openssl", "pkey", "-in", pem, "-passin"]
    public = key(state, "--passphrase-file", file, "key", "export")[0]
    assert kit.tool(*open_it, f"file:{file}", "-check", "-pubout").decode().endswith(public)
    kit.tool(*open_it, "pass:wrong", "-noout", code=1)
    dump = kit.tool("openssl", "asn1parse", "-in", pem).decode()
    assert all(word in dump for word in (":PBES2", ":PBKDF2", ":hmacWithSHA256", ":aes-256-cbc")), dump


@kit.case
def ours_opens_openssls(place):
    whole, file = place / "whole", secret(place, "p", "secret\n")
    fingerprint = key(whole, "key", "make")[0].splitlines()[0]
    for i, words in enumerate((["-v2prf", "hmacWithSHA256"], ["-v2prf", "hmacWithSHA256", "-iter", "1000"], [])):
        state = place / f"theirs{i}"
        state.mkdir(mode=0o700)
        (state / "identity.pem").touch(0o600)
        kit.tool("openssl", "pkcs8", "-topk8", "-v2", "aes-256-cbc", *words, "-in", whole / "identity.pem",
                 "-out", state / "identity.pem", "-passout", f"file:{file}")
        assert key(state, "--passphrase-file", file, "key", "fingerprint")[0] == fingerprint + "\n"


@kit.case
def what_openssl_can_do_otherwise_is_refused(place):
    whole, file = place / "whole", secret(place, "p", "secret\n")
    key(whole, "key", "make")
    for i, (reason, *words) in enumerate((("SHA-1", "-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA1"),
                                          ("other than SHA-256", "-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512"),
                                          ("other than AES-256-CBC", "-v2", "aes-128-cbc"),
                                          ("other than AES-256-CBC", "-v2", "des3"), ("other than PBES2", "-v1", "PBE-SHA1-3DES"),
                                          ("other than PBKDF2", "-scrypt"),
                                          ("iterations", "-v2", "aes-256-cbc", "-iter", "999"))):
        state = place / f"theirs{i}"
        state.mkdir(mode=0o700)
        (state / "identity.pem").touch(0o600)
        kit.tool("openssl", "pkcs8", "-topk8", *words, "-in", whole / "identity.pem", "-out", state / "identity.pem",
                 "-passout", f"file:{file}")
        refused(state, "--passphrase-file", file, "key", "show", needles=[str(state), reason], code=1)


@kit.case
def wrong_and_missing_passphrases(place):
    state, file = place / "alice", secret(place, "p", "secret\n")
    key(state, "--passphrase-file", file, "key", "make")
    wrong = secret(place, "wrong", "Secret\n")
    room = ["--name", "alice", "--trust-first", "who", "127.0.0.1:1"]
    for words in (["key", "show"], ["key", "passphrase"], room):
        refused(state, *words, needles=["identity.pem", "passphrase", "no terminal"])
        refused(state, "--passphrase-file", wrong, *words, needles=["identity.pem", "wrong passphrase"])
        refused(state, "--passphrase-file", place / "none", *words, needles=[str(place / "none"), "No such file"])
    for bits in (0o640, 0o604, 0o622):
        file.chmod(bits)
        refused(state, "--passphrase-file", file, "key", "show", needles=[str(file), "chmod 600"])


@kit.case
def set_changed_and_removed(place):
    state, pem = place / "alice", place / "alice" / "identity.pem"
    one, two, none = secret(place, "one", "first\n"), secret(place, "two", "second\n"), secret(place, "none", "")
    fingerprint = key(state, "key", "make")[0].splitlines()[0]
    refused(state, "key", "passphrase", needles=["no terminal"])
    for old, new, begins in ((None, one, ENCRYPTED), (one, two, ENCRYPTED), (two, none, PLAIN), (None, none, PLAIN)):
        with_old = ["--passphrase-file", old] if old else []
        out, err = key(state, *with_old, "--new-passphrase-file", new, "key", "passphrase")
        assert out == "" and err.count("\n") == 1 and str(pem) in err, err
        assert pem.read_text().startswith(begins) and stat.S_IMODE(pem.stat().st_mode) == 0o600
        if begins == ENCRYPTED:
            refused(state, *with_old, "key", "show", needles=["passphrase"])
            assert key(state, "--passphrase-file", new, "key", "fingerprint")[0] == fingerprint + "\n"
    assert key(state, "key", "fingerprint")[0] == fingerprint + "\n"
    assert [p.name for p in state.iterdir()] == ["identity.pem"]
    out, err = kit.run("den", "--state", place / "nobody", "key", "passphrase", code=1, **APART)
    assert "no such file" in err and not (place / "nobody").exists()


@kit.case
def asked_on_the_terminal_without_echo(place):
    state, pem, file = place / "alice", place / "alice" / "identity.pem", secret(place, "p", "secret two\n")
    t = Terminal("--state", state, "key", "make")
    t.answer(b"none): ", b"secret one\n")
    t.answer(b"again: ", b"secret oen\n")
    t.answer(b"They differ. New passphrase of ", b"secret one\n")
    t.answer(b"again: ", b"secret one\n")
    assert "encrypted: yes" in t.end(0)
    t = Terminal("--state", state, "key", "passphrase")
    t.answer(b"identity.pem: ", b"secret\n")
    t.answer(b"not it. Passphrase of ", b"secret one\n")
    t.answer(b"none): ", b"secret two\n")
    t.answer(b"again: ", b"secret two\n")
    t.end(0)
    assert "encrypted: yes" in key(state, "--passphrase-file", file, "key", "show")[0]
    before = pem.read_bytes()
    t = Terminal("--state", state, "key", "show")
    for _ in range(3):
        t.answer(b"assphrase of ", b"secret\n")
    assert "wrong passphrase" in t.end(3)
    t = Terminal("--state", state, "key", "show")
    t.answer(b"assphrase of ", b"\x04")
    t.end(3)
    t = Terminal("--state", state, "key", "show")
    t.answer(b"assphrase of ", b"secret " * 200 + b"\n")
    assert "longer than 1024" in t.end(3)
    assert pem.read_bytes() == before


@kit.case
def signals_leave_the_terminal_as_it_was(place):
    state, file = place / "alice", secret(place, "p", "secret\n")
    key(state, "--passphrase-file", file, "key", "make")
    for number, typed in ((signal.SIGINT, b"\x03"), (signal.SIGTERM, None), (signal.SIGHUP, None), (signal.SIGQUIT, b"\x1c")):
        t = Terminal("--state", state, "key", "show")
        t.answer(b"identity.pem: ", b"secr")
        if typed:
            os.write(t.tty, typed)
        else:
            os.kill(t.pid, number)
        t.until(b"\n")
        assert t.echoes()
        t.end(-number)


@kit.case
def stopped_and_continued_it_asks_again(place):
    state, file = place / "alice", secret(place, "p", "secret\n")
    key(state, "--passphrase-file", file, "key", "make")
    t = Terminal("--state", state, "key", "show")
    t.answer(b"identity.pem: ", b"")
    os.kill(t.pid, signal.SIGSTOP)
    os.waitpid(t.pid, os.WUNTRACED)
    modes = termios.tcgetattr(t.tty)
    modes[3] |= termios.ECHO    # as a shell does for itself
    termios.tcsetattr(t.tty, termios.TCSANOW, modes)
    os.kill(t.pid, signal.SIGCONT)
    t.answer(b"identity.pem: ", b"secret\n")
    assert "encrypted: yes" in t.end(0)


@kit.case
def the_room_with_an_encrypted_key(place):
    file = secret(place, "p", "secret\n")
    key(place / "server", "--passphrase-file", file, "key", "make")
    theirs = place / "server" / "identity.pem"
    out, err = kit.run("dend", "--listen", "127.0.0.1:0", "--state", place / "server", "--library", place, code=1)
    assert out == "" and err.count("\n") == 1 and "passphrase" in err and str(theirs) in err, err
    server = kit.Server(place, "--passphrase-file", file)
    assert theirs.read_text().startswith(ENCRYPTED)
    assert key(place / "server", "--passphrase-file", file, "key", "fingerprint")[0].strip() == server.fingerprint
    # A key that is made is encrypted at once.
    alice = kit.Client(server, "alice", "--passphrase-file", file)
    assert (place / "alice" / "identity.pem").read_text().startswith(ENCRYPTED)
    bob = kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    alice.send("/msg bob hello")
    bob.expect("message", text="hello")
    t = Terminal(*server.options_for("alice"), "msg", server.address, "bob", "by hand")
    t.answer(b"identity.pem: ", b"secret\n")
    t.end(0)
    assert bob.expect("message", text="by hand")["from"] == "alice"
    alice.quit()
    t = Terminal(*server.options_for("alice"), server.address)
    t.answer(b"identity.pem: ", b"secret\n")
    t.until(b"You are in")
    os.write(t.tty, b"/quit\n")
    t.end(0)


@kit.case
def a_passphrase_for_nothing_is_said(place):
    file = secret(place, "p", "secret\n")
    key(place / "alice", "key", "make")
    out, err = key(place / "alice", "--passphrase-file", file, "key", "fingerprint")
    assert out.startswith("SHA256:") and "not encrypted" in err


kit.main()
