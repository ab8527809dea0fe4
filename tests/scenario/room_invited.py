"""Rooms by invitation, with real programs: who comes in with a code, who does not, and what those learn."""

import re
import signal
import time

import kit
from console_ctl import NOT_ADMITTED, ctl

CODE = re.compile(r"^  ((?:[0-9A-HJKMNP-TV-Z]{5}-){5}[0-9A-HJKMNP-TV-Z]{5})$", re.M)


def room(place, **more):
    return kit.Server(place, "--invite-only", **more)


def invite(server, *words):
    """The code alone."""
    return CODE.search(ctl(server, "invite", *words))[1]


def code_file(place, code):
    path = place / "code"
    path.write_text(code + "\n")
    return "--invitation-file", path


def comes_in(server, name, *options):
    client = kit.Client(server, name, *options)
    client.quit()
    return client.fingerprint


def stays_out(server, name, *options):
    client = kit.Client(server, name, *options, entered=False)
    assert client.expect("error", code="refused")["text"].endswith(NOT_ADMITTED)
    client.wait(3)
    assert [item["event"] for item in client.items] == ["error"], client.items


@kit.case
def one_key_once_and_for_good(place):
    server = room(place)
    stays_out(server, "alice")
    said = ctl(server, "invite")
    assert re.match(r"invitation 1, until \d{4}-\d\d-\d\d \d\d:\d\d UTC; the address:\n  "
                    rf"den://{re.escape(server.address)}/#{server.fingerprint}\n", said), said
    code = code_file(place, CODE.search(said)[1])
    alice = comes_in(server, "alice", *code)
    for number in (signal.SIGTERM, signal.SIGKILL):
        stays_out(server, "bob", *code)
        stays_out(server, "alice", "--state", place / "bob", *code)
        assert comes_in(server, "alice") == alice
        server.den("alice", "who")
        server.restart(number)
    assert f"used by {alice}" in ctl(server, "invites")
    # Another name of a key that is known.
    assert comes_in(server, "Ally", "--state", place / "alice") == alice


@kit.case
def a_one_shot_reads_it_from_standard_input(place):
    server = room(place)
    code = invite(server, "bob").lower().replace("0", "o").replace("1", "i").replace("-", " ")
    out, _ = server.den("bob", "who", options=("--invitation-file", "-"), stdin=None, input=code + "\n")
    assert "bob" not in out     # a one-shot is no member
    server.den("bob", "who")
    code = invite(server)
    server.den("carol", "msg", "carol", "-", options=("--invitation-file", "-"), stdin=None,
               input=code + "\nto myself\n", code=4)
    server.den("carol", "who")
    for wrong in ("", "nonsense\n", code[:-1] + ("0" if code[-1] != "0" else "2") + "\n"):
        _, err = server.den("dave", "who", options=("--invitation-file", "-"), stdin=None, input=wrong, code=1)
        assert "standard input" in err and err.count("\n") == 1, err
    _, err = server.den("dave", "who", options=("--invitation-file", place / "none"), code=1)
    assert f"{place}/none: No such file" in err, err
    kit.run("den", "--invitation-file", "-", "key", "show", code=2)


@kit.case
def what_does_not_hold(place):
    server = room(place)
    named, revoked, ended, banned = invite(server, "bob", 2), invite(server), invite(server, 1), invite(server)
    stays_out(server, "alice", *code_file(place, named))
    assert ctl(server, "revoke", "2") == "revoked invitation 2\n"
    stays_out(server, "alice", *code_file(place, revoked))
    # A day later: what stands in the file is when it ends.
    server.stop()
    file = server.state / "invites"
    lines = file.read_text().splitlines()
    assert lines[0] == "den invites 1" and oct(file.stat().st_mode)[-3:] == "600", lines
    day = [line.split() for line in lines[1:]]
    assert 86300 <= int(day[1][2]) - time.time() <= 86400, lines
    day[1][2] = str(int(time.time()))
    file.write_text("\n".join([lines[0], *map(" ".join, day)]) + "\n")
    for code in (named, revoked, ended, banned):
        assert code.encode() not in b"".join(p.read_bytes() for p in server.state.iterdir() if p.is_file())
    server.listen = server.address
    server.start()
    stays_out(server, "alice", *code_file(place, ended))
    assert re.search(r"^3 +\(any name\) +ended ", ctl(server, "invites"), re.M)
    bob = comes_in(server, "Bob", *code_file(place, named))
    ctl(server, "ban", "bob")
    stays_out(server, "Bob", *code_file(place, banned))
    ctl(server, "unban", bob)
    assert comes_in(server, "Bob") == bob
    # Released, it is a stranger again.
    assert ctl(server, "release", "bob") == "released bob\n"
    stays_out(server, "Bob")
    stays_out(server, "Bob", *code_file(place, named))
    comes_in(server, "Bob", *code_file(place, banned))


@kit.case
def who_is_in_stays_and_members_need_none(place):
    """An open room that is closed: who has a name keeps it."""
    server = kit.Server(place)
    assert "without --invite-only" in ctl(server, "invite", code=1)
    comes_in(server, "alice")
    server.options = ("--invite-only",)
    server.restart()
    alice = kit.Client(server, "alice")
    stays_out(server, "bob")
    stays_out(server, "ghost", "--ephemeral")
    ghost = kit.Client(server, "ghost", "--ephemeral", *code_file(place, invite(server)))
    alice.expect("joined", name="ghost")
    stays_out(server, "ghost", "--ephemeral", *code_file(place, invite(server, "other")))
    alice.send("/msg ghost welcome")
    ghost.expect("message", text="welcome")
    assert "Alice belongs to a key already" in ctl(server, "invite", "Alice", code=1)


def asked_for(place, term):
    server = room(place)
    code = invite(server, "bob")
    terminal = kit.Terminal(server, "bob", term=term)
    terminal.until("Invitation code: ")
    terminal.type(code[:-2])
    terminal.until("No: that is not a code(.|\n)*Invitation code: ")
    terminal.type(code.lower())
    terminal.until(r"Here \(1\): bob")
    assert code[:5].lower() not in terminal.text.lower(), terminal.text
    terminal.after(r"Here \(1\): bob")
    terminal.type("/who")           # is seen again
    terminal.after("/who(.|\n)*Here")
    terminal.type("/quit")
    assert terminal.child.wait(kit.PATIENCE) == 0
    for typed, said in ((code, NOT_ADMITTED), ("", "no invitation was given")):
        other = kit.Terminal(server, "other" + str(len(typed)), term=term)
        other.after("Invitation code: ")
        other.type(typed)
        other.after(said)
        assert other.child.wait(kit.PATIENCE) == 3


@kit.case
def at_a_terminal_it_is_asked_for(place):
    asked_for(place, "dumb")


@kit.case
def at_a_screen_it_is_asked_for(place):
    asked_for(place, "xterm")


@kit.case
def a_damaged_or_newer_list_stops_the_start(place):
    server = room(place)
    server.stop()
    for text in ("den invites 2\n", "den invites 1\n1 12\n", "junk\n"):
        (server.state / "invites").write_text(text)
        out, err = kit.run("dend", "--listen", "127.0.0.1:0", "--state", server.state, code=1)
        assert f"dend: invites {server.state}/invites: " in err and not out, err
        assert (server.state / "invites").read_text() == text


if __name__ == "__main__":
    kit.main()
