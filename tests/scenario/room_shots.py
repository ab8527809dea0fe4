"""One shot for scripts: exit codes as in design 9, one line that names what was wrong, quiet otherwise."""

import json
import signal
import socket
import subprocess

import kit

NOBODY = "127.0.0.1:1"


def one_line(name, value, *words, code=2, **options):
    out, err = kit.run(name, *words, code=code, **options)
    assert out == "" and err.count("\n") == 1 and err.startswith(name + ": ") and value in err, (words, out, err)


@kit.case
def a_message_is_sent_and_nothing_is_said(place):
    server = kit.Server(place)
    bob = kit.Client(server, "bob")
    assert server.den("alice", "msg", "BOB", "from a script")[0] == ""
    got = bob.expect("message")
    assert (got["from"], got["text"], got["trust"]) == ("alice", "from a script", "new")
    server.den("alice", "msg", "bob", "-", input="two\nlines\n")
    assert bob.expect("message")["text"] == "two\nlines"
    # One shot is no member: nobody comes or goes.
    assert not bob.seen("joined") and not bob.seen("left")
    out, _ = server.den("alice", "msg", "bob", "x", options=["--json"])
    assert [json.loads(line)["event"] for line in out.splitlines()] == ["ready", "directory", "sent"]


@kit.case
def who_lists_who_is_there(place):
    server = kit.Server(place)
    assert server.den("alice", "who")[0] == ""
    bob, carol = kit.Client(server, "bob"), kit.Client(server, "carol")
    out, err = server.den("alice", "who")
    assert out.split() == ["bob", bob.fingerprint, "carol", carol.fingerprint] and err == ""
    out, _ = server.den("alice", "who", options=["--json"])
    directory = [json.loads(line) for line in out.splitlines()][1]
    assert [m["name"] for m in directory["members"]] == ["bob", "carol"]


@kit.case
def play_plays_to_the_end(place):
    kit.run("den-clip", "testcard", "card", "--library", place / "lib", "--seconds", 1, "--fps", 12, "--heights", "120,240")
    server = kit.Server(place)
    out, _ = server.den("alice", "play", "card", options=["--display", "headless", "--json"])
    events = [json.loads(line) for line in out.splitlines()]
    assert [e["number"] for e in events if e["event"] == "frame"] == list(range(12))
    assert events[-1]["event"] == "stream_end" and sum(events[-1][k] for k in ("shown", "late", "dropped")) == 12
    server.den("alice", "play", "card", "240", options=["--display", "headless"])
    for words in (["nocard"], ["card", "999"], ["card", "sideways"], ["../lib/card"]):
        server.den("alice", "play", *words, options=["--display", "headless"], code=1)


@kit.case
def exit_codes_say_what_went_wrong(place):
    server = kit.Server(place)
    bob = kit.Client(server, "bob")
    err = server.den("alice", "msg", "zoe", "hello", code=4)[1]
    assert err.count("\n") == 1 and "zoe" in err
    own = ["--name", "carol", "--state", place / "carol"]
    kit.run("den", *own[2:], "key", "show")
    unreachable = ["--pin", server.fingerprint, "msg", NOBODY, "bob", "hello"]
    one_line("den", NOBODY, *own, *unreachable, code=1)
    one_line("den", "den.invalid", *own, "who", "den.invalid", code=1)
    one_line("den", server.address, *own, "who", server.address, code=3)
    one_line("den", "0" * 64, *own, "--pin", "0" * 64, "who", server.address, code=3)
    one_line("den", "name", "--name", "bob", "--ephemeral", "--pin", server.fingerprint, "msg", server.address, "bob", "x",
             code=3)
    server.den("alice", "msg", "bob", "x" * 65537, code=1)
    server.den("alice", "msg", "bob", "-", code=1, input="x" * 100000)
    server.den("alice", "msg", "bob", "", code=1)
    assert not bob.seen("message")


@kit.case
def who_waits_for_a_text_can_be_stopped(place):
    server = kit.Server(place)
    for number in (signal.SIGTERM, signal.SIGINT):
        den = kit.Running(kit.program("den"), *server.options_for("alice"), "msg", server.address, "bob", "-")
        den.child.stdin.write(b"x" * 70000)     # more than a pipe holds: it reads
        den.child.stdin.flush()
        den.signal(number)
        den.wait(code=-number)


@kit.case
def somebody_else_listens_there(place):
    """A server that is none, that hangs up, that says nothing to the point."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = "127.0.0.1:%d" % listener.getsockname()[1]
        for answer in (b"", b"HTTP/1.0 400 Bad Request\r\n\r\n", b"\x16\x03\x03\xff\xff" + b"x" * 70000, b"\0" * 5):
            child = kit.Running(kit.program("den"), "--name", "alice", "--state", kit.lend_key(place / "alice"),
                                "--trust-first", "who", address)
            link, _ = listener.accept()
            link.recv(1)
            link.sendall(answer)
            link.close()
            child.wait(1)
            assert child.out == b"" and child.err.count(b"\n") <= 2 and address.encode() in child.err, child.err


@kit.case
def usage_errors_name_the_value(place):
    own = ["--name", "alice", "--state", place / "alice"]
    for value, *words in (
        ("ADDRESS",), ("a b", "--name", "a b", NOBODY), ("x" * 33, "--name", "x" * 33, NOBODY), ("''", "--name", "", NOBODY),
        ("xyz", "--pin", "xyz", NOBODY), ("wall", "--display", "wall", NOBODY), ("--wrong", "--wrong", NOBODY),
        ("--name", "--name"), ("h:99999", *own, "h:99999"), ("h:0", *own, "h:0"), ("h:x", *own, "h:x"),
        ("[::1", *own, "[::1"), ("den://", *own, "den://"), ("'12'", *own, "den://h/#12"),
        ("second", *own, NOBODY, "second"), ("who", *own, "who"), ("more", *own, "who", NOBODY, "more"),
        ("bob", *own, "msg", NOBODY, "bob"), ("e", *own, "msg", NOBODY, "bob", "d", "e"),
        ("play", *own, "play"), ("burn", *own, "key", "burn"), ("key", *own, "key"),
        ("file: ''", *own, "--passphrase-file", "", "key", "show"), ("p", *own, "--new-passphrase-file", "p", NOBODY),
        ("directory: ''", "--name", "alice", "--state", "", NOBODY),
    ):
        one_line("den", value, *words)
    for value, *words in (
        ("nonsense:x", "--listen", "nonsense:x"), ("127.0.0.1:99999", "--listen", "127.0.0.1:99999"),
        ("localhost.invalid:1", "--listen", "localhost.invalid:1"), ("x" * 65, "--room", "x" * 65), ("''", "--room", ""),
        ("a\x1bb", "--room", "a\x1bb"), ("'0'", "--log-bytes", "0"), ("12x", "--log-bytes", "12x"),
        ("1023K", "--log-bytes", "1023K"), ("1025G", "--log-bytes", "1025G"), ("''", "--log-bytes", ""),
        ("'M'", "--log-bytes", "M"), ("-1", "--log-days", "-1"), ("36501", "--log-days", "36501"),
        ("1023", "--rate", "1023"), ("5q", "--rate", "5q"), ("9G", "--rate", "9G"), ("'K'", "--rate", "K"),
        ("-1K", "--rate", "-1K"), ("1.5M", "--rate", "1.5M"), ("''", "--rate", ""),
        ("more", "more"), ("--wrong", "--wrong"),
    ):
        one_line("dend", value, *words)
    for value, *words in (("frobnicate", "frobnicate"), ("--wrong", "list", "--wrong"), ("12x", "testcard", "c", "--seconds", "12x")):
        one_line("den-clip", value, *words)
    assert not (place / "alice").exists()


@kit.case
def without_name_and_terminal_it_does_not_ask(place):
    one_line("den", "--name", "--state", place / "alice", NOBODY)
    one_line("den", "--name", "--state", place / "alice", "who", NOBODY)
    assert not (place / "alice").exists()


@kit.case
def help_and_version_are_no_errors(place):
    for name, words in (("den", ("--name", "--pin", "--trust-first", "--ephemeral", "--json", "--stay", "--display", "--passphrase-file",
                                 "--new-passphrase-file", "msg",
                                 "who", "play", "key")),
                        ("dend", ("--listen", "--library", "--state", "--room", "--passphrase-file"))):
        out, err = kit.run(name, "--help")
        assert out.startswith("usage: " + name) and err == "" and all(word in out for word in words)
        out, err = kit.run(name, "--version")
        assert out.startswith(name + " ") and out.count("\n") == 1 and err == ""


@kit.case
def key_shows_ones_own_key(place):
    own = ["--state", place / "alice"]
    fingerprint = kit.run("den", *own, "key", "fingerprint")[0]
    shown, pem = kit.run("den", *own, "key", "show")[0], kit.run("den", *own, "key", "export")[0]
    assert shown == fingerprint + f"file: {place}/alice/identity.pem\nencrypted: no\n" + pem and pem.startswith("-----BEGIN PUBLIC KEY-----\n")
    assert kit.tool("openssl", "pkey", "-in", place / "alice" / "identity.pem", "-pubout").decode() == pem
    server = kit.Server(place)
    assert kit.Client(server, "alice").fingerprint == fingerprint.strip()


@kit.case
def a_full_output_is_no_success(place):
    server = kit.Server(place)
    kit.Client(server, "bob")
    with open("/dev/full", "w") as full:
        done = subprocess.run([kit.program("den"), *map(str, server.options_for("alice")), "who", server.address],
                              stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1 and done.stderr.count("\n") == 1, (done.returncode, done.stderr)


kit.main()
