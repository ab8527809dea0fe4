"""The operator: commands through the control socket, bans and releases, and who may not ask."""

import os
import re
import shutil
import signal
import socket
import stat

import kit

REMOVED = "the operator removed you"
NOT_ADMITTED = "you are not admitted to this room"


def ctl(server, *words, code=0):
    """What `dend ctl` says: standard output, or standard error of a refusal."""
    out, err = kit.run("dend", "ctl", "--state", server.state, *words, code=code)
    assert bool(out) == (code == 0), (out, err)
    return out if code == 0 else err


def stats(server):
    return {key: int(value) for key, value in (line.split(": ") for line in ctl(server, "stats").splitlines())}


def connect(server):
    s = socket.socket(socket.AF_UNIX)
    s.connect(str(server.state / "ctl"))
    s.settimeout(kit.PATIENCE)
    return s


def answer(s):
    """(result, text) of the next answer, None at the end."""
    head = b""
    while not head.endswith(b"\n"):
        byte = s.recv(1)
        if not byte:
            return None
        head += byte
    result, length = map(int, head.split())
    text = b""
    while len(text) < length:
        part = s.recv(length - len(text))
        assert part, (head, text)
        text += part
    return result, text.decode()


@kit.case
def who_stats_help(place):
    server = kit.Server(place)
    assert ctl(server, "who") == "nobody is here\n"
    alice, ghost = kit.Client(server, "alice"), kit.Client(server, "Ghost", "--ephemeral")
    lines = ctl(server, "/who").splitlines()
    assert re.fullmatch(rf"alice +{alice.fingerprint} 127\.0\.0\.1", lines[0]), lines
    assert re.fullmatch(rf"Ghost +{ghost.fingerprint} 127\.0\.0\.1 ephemeral", lines[1]), lines
    alice.expect("joined", name="Ghost")
    alice.send("/msg ghost hello")
    ghost.expect("message")
    now = stats(server)
    assert (now["members"], now["ephemeral"], now["names"], now["log number"]) == (2, 1, 1, 1), now
    assert now["resident bytes"] > 1 << 20 and now["log bytes"] > 1000 and now["uptime seconds"] < 100, now
    help = ctl(server, "help")
    for command in "who kick ban unban bans release msg say close clips stats quit help".split():
        assert f"/{command}" in help, help


@kit.case
def clips_are_listed(place):
    server = kit.Server(place)
    assert ctl(server, "clips") == "the library has no clip\n"
    kit.run("den-clip", "testcard", "card", "--library", place / "lib", "--seconds", 1)
    assert re.fullmatch(r"card  \d+ frames  \d+ fps  240p 720p 1440p  .*\n", ctl(server, "clips")), ctl(server, "clips")
    for i in range(200):
        shutil.copytree(server.place / "lib" / "card", server.place / "lib" / f"card{i}", copy_function=os.link)
    assert ctl(server, "clips").count("\n") == 201


@kit.case
def quit_stops_the_server(place):
    server = kit.Server(place)
    alice = kit.Client(server, "alice")
    assert ctl(server, "quit") == "the server stops\n"
    server.process.wait(0)
    alice.wait(1)
    assert not (server.state / "ctl").exists()
    assert "no dend answers" in ctl(server, "who", code=1)


@kit.case
def wrong_use(place):
    server = kit.Server(place)
    for words in (["frobnicate"], ["who", "alice"], ["kick"], ["kick", "not a name"], ["ban"], ["\x1b[31m"], [""],
                  ["kick", "a\nwho"], ["x" * 2000]):
        said = ctl(server, *words, code=2)
        assert "\x1b" not in said
    kit.run("dend", "ctl", "--state", server.state, code=2)
    kit.run("dend", "ctl", "--listen", "127.0.0.1:0", "who", code=2)
    assert "nobody here is called bob" in ctl(server, "kick", "bob", code=1)
    assert "no key has the name bob" in ctl(server, "ban", "bob", code=1)
    assert "64 digits: SHA256:1234" in ctl(server, "ban", "SHA256:1234", code=1)
    assert "no key has the name bob" in ctl(server, "release", "bob", code=1)
    assert "bob is not banned" in ctl(server, "unban", "bob", code=1)
    assert "no dend answers" in kit.run("dend", "ctl", "--state", place / "none", "who", code=1)[1]


@kit.case
def kicked_and_back(place):
    server = kit.Server(place)
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    assert ctl(server, "kick", "BOB") == "removed BOB\n"
    assert bob.expect("error", code="refused")["text"].endswith(REMOVED)
    bob.wait(3)
    alice.expect("left", name="bob")
    assert "alice" in ctl(server, "who") and "bob" not in ctl(server, "who")
    again = kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    alice.send("/msg bob welcome back")
    again.expect("message", text="welcome back")


@kit.case
def a_ban_is_of_the_key_and_lasts(place):
    server = kit.Server(place)
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    assert ctl(server, "bans") == "no key is banned\n"
    assert ctl(server, "ban", "bob") == f"banned bob {bob.fingerprint}, who was here\n"
    assert bob.expect("error", code="refused")["text"].endswith(REMOVED)
    bob.wait(3)
    alice.expect("left", name="bob")
    assert "banned already" in ctl(server, "ban", bob.fingerprint, code=1)

    def refused(name, *options):
        client = kit.Client(server, name, "--state", place / "bob", *options, entered=False)
        assert client.expect("error", code="refused")["text"].endswith(NOT_ADMITTED)
        client.wait(3)
        assert not client.seen("ready") and not client.seen("directory")

    for number in (signal.SIGTERM, signal.SIGKILL):
        refused("bob")
        refused("another")      # another name does not help,
        refused("alice")        # and what names there are is not told
        server.den("bob", "who", code=3)
        server.restart(number)
    assert ctl(server, "bans").split() == ["bob", bob.fingerprint]
    assert stat.S_IMODE((server.state / "bans").stat().st_mode) == 0o600
    assert ctl(server, "unban", "Bob") == "Bob may come again\n"
    kit.Client(server, "bob").quit()
    assert ctl(server, "ban", bob.fingerprint) == f"banned {bob.fingerprint}\n"
    server.restart(signal.SIGKILL)
    refused("bob")
    assert ctl(server, "unban", bob.fingerprint.removeprefix("SHA256:").upper()).endswith("may come again\n")
    kit.Client(server, "bob").quit()


@kit.case
def a_ban_ends_all_sessions_of_a_key(place):
    """Two names of one key, and an ephemeral one by the name it has just now."""
    server = kit.Server(place)
    bob = kit.Client(server, "bob")
    (place / "two").mkdir(mode=0o700)
    (place / "two" / "identity.pem").touch(mode=0o600)
    (place / "two" / "identity.pem").write_bytes((place / "bob" / "identity.pem").read_bytes())
    rob = kit.Client(server, "rob", "--state", place / "two")
    ctl(server, "ban", "rob")
    for client in (bob, rob):
        client.expect("error", code="refused")
        client.wait(3)
    ghost = kit.Client(server, "ghost", "--ephemeral")
    assert ctl(server, "ban", "ghost") == f"banned ghost {ghost.fingerprint}, who was here\n"
    ghost.wait(3)


@kit.case
def a_damaged_or_newer_list_of_bans_stops_the_start(place):
    server = kit.Server(place)
    server.stop()
    for text in ("den bans 2\n", "den bans 1\nSHA256:12\n", "junk\n", "den bans 1\nSHA256:" + 64 * "0"):
        (server.state / "bans").write_text(text)
        out, err = kit.run("dend", "--listen", "127.0.0.1:0", "--state", server.state, code=1)
        assert f"dend: bans {server.state}/bans: " in err and not out, err
        assert (server.state / "bans").read_text() == text


@kit.case
def a_released_name_goes_to_another_key(place):
    server = kit.Server(place)
    carol, alice = kit.Client(server, "carol"), kit.Client(server, "alice")
    carol.expect("joined", name="alice")
    carol.send("/msg alice pinned")
    carol.expect("sent")
    assert "alice is here: /kick alice first" in ctl(server, "release", "alice", code=1)
    ctl(server, "kick", "alice")
    alice.wait(3)
    carol.expect("left", name="alice")
    assert ctl(server, "release", "Alice") == "released Alice\n"
    assert "no key has the name" in ctl(server, "release", "alice", code=1)
    server.restart(signal.SIGKILL)  # it was on disk before the answer
    carol.wait(1)
    carol = kit.Client(server, "carol")
    thief = kit.Client(server, "alice", "--state", place / "thief")
    assert thief.fingerprint != alice.fingerprint
    # Who pinned the old key hears it loudly, and nothing goes to the new one.
    assert thief.fingerprint in carol.expect("error", code="key-changed")["text"]
    carol.send("/msg alice a secret")
    carol.expect("error")
    assert not thief.seen("message")
    old = kit.Client(server, "alice", entered=False)
    old.expect("error", code="name-taken")
    old.wait(3)


@kit.case
def the_socket_is_the_owners_alone(place):
    server = kit.Server(place)
    path = server.state / "ctl"
    assert stat.S_ISSOCK(path.stat().st_mode) and stat.S_IMODE(path.stat().st_mode) == 0o600
    server.stop(signal.SIGKILL)
    assert path.exists()                        # stale,
    server.start()
    assert ctl(server, "who") == "nobody is here\n"  # and no hindrance
    kit.run("dend", "--listen", "127.0.0.1:0", "--state", server.state, code=1)
    assert ctl(server, "who") == "nobody is here\n"  # nor is a second dend
    server.stop()
    assert not path.exists()
    path.write_text("mine")
    _, err = kit.run("dend", "--listen", "127.0.0.1:0", "--state", server.state, code=1)
    assert "control socket" in err and path.read_text() == "mine"


@kit.case
def a_long_path_is_no_hindrance(place):
    server = kit.Server(place, state="/".join(["deep" * 20] * 3))
    assert ctl(server, "who") == "nobody is here\n"
    server.stop()
    assert not (server.state / "ctl").exists()


@kit.case
def several_commands_on_one_connection(place):
    server = kit.Server(place)
    with connect(server) as s:
        s.sendall(b"/who\r\nclips\n\nhelp\nrelease nobody\nwho")
        assert answer(s) == (0, "nobody is here\n")
        assert answer(s) == (0, "the library has no clip\n")
        assert answer(s)[0] == 2
        assert answer(s)[1].startswith("/who ")
        assert answer(s) == (1, "no key has the name nobody\n")
        s.sendall(b"\n")
        assert answer(s) == (0, "nobody is here\n")
        s.sendall(b"bans\nand a line without its end")
        s.shutdown(socket.SHUT_WR)
        assert answer(s) == (0, "no key is banned\n")
        assert answer(s) is None


@kit.case
def hostile_lines(place):
    server = kit.Server(place)
    for junk in (b"x" * 65536, b"who" + b"\0" * 65536):
        with connect(server) as s:
            try:
                s.sendall(junk)
                assert answer(s)[0] == 2 and answer(s) is None
            except ConnectionError:
                pass    # the end overtook what it had to say
    with connect(server) as s:
        for line in (b"who\0", b"\xff\xfe", b"kick \x1b]0;x\x07", "ban \u202ebob".encode(), b"/" * 1024, b" " * 1024):
            s.sendall(line + b"\n")
            result, text = answer(s)
            assert result in (1, 2) and not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", text), (line, text)
        s.sendall(b"x" * 1025 + b"\n")
        assert answer(s)[0] == 2 and answer(s) is None
    assert ctl(server, "who") == "nobody is here\n"


@kit.case
def a_hundred_silent_connections(place):
    server = kit.Server(place)
    alice = kit.Client(server, "alice")
    silent = [connect(server) for _ in range(100)]
    assert ctl(server, "who").startswith("alice ")
    # Most were closed to make room, and none of them cost a descriptor.
    assert len(os.listdir(f"/proc/{server.process.pid}/fd")) < 60 if os.getuid() == 0 else True
    for s in silent:
        s.close()
    greedy = connect(server)
    greedy.sendall(b"help\n" * 20000)  # and reads nothing: what waits for it is bounded
    assert ctl(server, "who").startswith("alice ")
    greedy.close()
    alice.quit()


if __name__ == "__main__":
    kit.main()
