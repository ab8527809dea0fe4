"""Options from files: dend.conf and den.conf."""

import os
import subprocess

import kit

FREE = "listen = 127.0.0.1:0\n"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def dend(place, text, *options):
    """dend as its file says, and what it said when it was ready."""
    conf = write(place / "dend.conf", f"state = {kit.lend_key(place / 'server')}\nlibrary = {place / 'lib'}\n{FREE}{text}")
    server = kit.Running(kit.program("dend"), "--config", conf, *options, stdin=subprocess.DEVNULL)
    ready = server.line("^dend: listening on ").split()
    server.address, server.fingerprint = ready[3].rstrip(","), ready[5]
    return server


def wrong(place, program, text, *said):
    """One line on standard error that names the file, and what else is said; exit status 2."""
    conf = write(place / f"{program}.conf", text)
    out, err = kit.run(program, "--config", conf, *(["127.0.0.1:1"] if program == "den" else []), code=2)
    assert out == "" and err.count("\n") == 1 and err.startswith(f"{program}: {conf} line "), err
    for word in said:
        assert word in err, (word, err)


@kit.case
def a_server_does_what_its_file_says(place):
    server = dend(place, "# ours\nroom = Küche\ninvite-only = yes\nmax-members = 3\n")
    assert (place / "server/identity.pem").exists() and (place / "lib").is_dir()
    stats, _ = kit.run("dend", "ctl", "--config", place / "dend.conf", "stats")     # finds that state directory
    assert "members: 0" in stats
    kit.run("dend", "ctl", "--config", place / "dend.conf", "invite", "bob")
    _, err = kit.run("den", "--name", "eve", "--state", place / "eve", "--pin", server.fingerprint, "who", server.address, code=3)
    assert "not admitted" in err, err


@kit.case
def the_command_line_wins(place):
    server = dend(place, "room = file\ninvite-only = yes\n", "--room", "line", "--invite-only=no")
    client = kit.Running(kit.program("den"), "--name", "bob", "--state", place / "bob", "--pin", server.fingerprint, "--json",
                         server.address)
    assert '"room":"line"' in client.line('"event":"ready"')
    client.end_input()
    client.wait(0)


@kit.case
def a_wrong_line_names_file_line_and_value(place):
    wrong(place, "dend", "\n# x\nlog-days = many\n", "line 3:", "log-days", "'many'")
    wrong(place, "dend", "log-dayz = 3\n", "line 1:", "'log-dayz'", "(is it log-days?)")
    wrong(place, "dend", "room = den\nmax-members = 0", "line 2:", "max-members", "1 to 10000", "'0'")
    wrong(place, "dend", "invite-only = on", "neither yes nor no: 'on'")
    wrong(place, "dend", "listen = nowhere:x", "'nowhere:x'")
    wrong(place, "dend", "verbose", "name = value, not 'verbose'")
    wrong(place, "dend", "config = /etc/den/other.conf", "only for the command line")
    wrong(place, "den", "name = bob\ndisplay = telescope\n", "line 2:", "display", "'telescope'")
    wrong(place, "den", "reconnect = yes", "neither on nor off: 'yes'")
    wrong(place, "den", "nam = bob", "(is it name?)")
    wrong(place, "den", "invitation-file = /tmp/x", "only for the command line")


@kit.case
def a_file_that_is_named_must_be_there(place):
    for program in ("den", "dend"):
        for file in (place / "none.conf", place):
            out, err = kit.run(program, "--config", file, code=2)
            assert out == "" and err.count("\n") == 1 and str(file) in err, err
        assert "--config" in kit.run(program, "--help")[0]
        kit.run(program, "--config", place / "none.conf", "--version")


@kit.case
def a_persons_file_is_where_xdg_says(place):
    server = kit.Server(place)
    keep = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
    text = f"name = bob\nstate = {kit.lend_key(place / 'bob')}\npin = {server.fingerprint}\njson = yes\nreconnect = off\n"

    def ready(env, *options):
        out, _ = kit.run("den", *options, server.address, env=keep | env)
        return out.split("\n")[0]

    write(place / "home/.config/den/den.conf", text)
    assert '"name":"bob"' in ready({"HOME": str(place / "home")})
    write(place / "xdg/den/den.conf", text.replace("bob\n", "rob\n", 1))
    xdg = {"HOME": str(place / "home"), "XDG_CONFIG_HOME": str(place / "xdg")}
    assert '"name":"rob"' in ready(xdg)
    assert '"name":"tob"' in ready(xdg, "--name", "tob")
    assert '"name":"bob"' in ready(xdg, "--config", place / "home/.config/den/den.conf")
    assert "Here" in kit.run("den", "--json=no", server.address, env=keep | xdg)[0]
    _, err = kit.run("den", "--config", "off", server.address, env=keep | xdg, code=2)
    assert "no name" in err


@kit.case
def another_pin_on_the_command_line_wins(place):
    """One in the file is the usual one; two that differ on the command line are a mistake."""
    server = kit.Server(place)
    conf = write(place / "den.conf", f"name = bob\nstate = {kit.lend_key(place / 'bob')}\npin = {'0' * 64}\n")
    kit.run("den", "--config", conf, "who", server.address, code=3)
    kit.run("den", "--config", conf, "--pin", server.fingerprint, "who", server.address)
    kit.run("den", "--config", conf, "who", f"den://{server.address}/#{server.fingerprint}")
    kit.run("den", "--config", conf, "--pin", "1" * 64, "who", f"den://{server.address}/#{server.fingerprint}", code=2)


kit.main()
