"""dend as a service: what it tells the one that started it, and the unit that starts it so."""

import os
import pathlib
import re
import signal
import socket
import subprocess

import kit

UNIT = kit.TOP / "platform/linux/dend.service.in"


def unit(place):
    """The unit as `make install PREFIX=/usr` lays it down."""
    path = place / "dend.service"
    path.write_text(UNIT.read_text().replace("@PREFIX@", "/usr"))
    return path


def manager(name):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(name)
    listener.settimeout(kit.PATIENCE)
    return listener


def told(listener):
    return listener.recv(4096).decode().split("\n")


def tells(place, name, shown, *options):
    """READY when it listens, STOPPING when it is told to stop: in its sandbox, too."""
    with manager(name) as listener:
        server = kit.Server(place, *options, env={**os.environ, "NOTIFY_SOCKET": shown})
        assert told(listener) == ["READY=1", f"STATUS=listening on {server.address}"]
        with socket.create_connection((server.host, server.port), kit.PATIENCE):
            pass
        server.process.signal(signal.SIGTERM)
        assert told(listener) == ["STOPPING=1"]
        server.process.wait(0)
        assert b"manager" not in server.process.err


@kit.case
def it_says_when_it_is_ready_and_when_it_stops(place):
    tells(place, str(place / "notify"), str(place / "notify"))


@kit.case
def by_an_abstract_socket_too(place):
    name = f"den-test-{os.getpid()}"
    tells(place, "\0" + name, "@" + name)


@kit.case
def a_command_that_stops_it_is_told(place):
    with manager(str(place / "notify")) as listener:
        server = kit.Server(place, env={**os.environ, "NOTIFY_SOCKET": str(place / "notify")})
        told(listener)
        kit.run("dend", "ctl", "--state", server.state, "quit")
        assert told(listener) == ["STOPPING=1"]
        server.process.wait(0)


@kit.case
def it_runs_where_nobody_listens(place):
    server = kit.Server(place, env={**os.environ, "NOTIFY_SOCKET": "@den-test-nobody"})
    server.process.errors("can't tell the service manager: Connection refused\n")
    server.stop()


@kit.case
def a_start_that_fails_is_never_ready(place):
    with manager(str(place / "notify")) as listener:
        (place / "server").write_text("no directory")
        kit.run("dend", "--config", "off", "--state", place / "server", "--library", place, "--listen", "127.0.0.1:0", code=1,
                env={**os.environ, "NOTIFY_SOCKET": str(place / "notify")})
        listener.settimeout(0)
        try:
            raise AssertionError(told(listener))
        except BlockingIOError:
            pass


@kit.in_namespaces("-rm", "mount")
def the_systems_places_are_the_usual_ones(place):
    """/etc/den/dend.conf is read without being named, and `dend ctl` finds the service's state directory without its environment."""
    for where in ("/var/lib", "/etc"):
        kit.tool("mount", "-t", "tmpfs", "tmpfs", where)
    os.makedirs("/etc/den")
    pathlib.Path("/etc/den/dend.conf").write_text("room = the system's\nlisten = 127.0.0.1:0\n")
    home = {"PATH": os.environ["PATH"], "HOME": str(place)}
    assert "no dend answers" in kit.run("dend", "ctl", "who", env=home, code=1)[1]
    server = kit.Running(kit.program("dend"), env=home | {"STATE_DIRECTORY": "/var/lib/den"}, stdin=subprocess.DEVNULL)
    ready = server.line("^dend: listening on ").split()
    assert os.path.isdir("/var/lib/den/clips")
    client = kit.Running(kit.program("den"), "--ephemeral", "--name", "bob", "--pin", ready[5], "--json", ready[3].rstrip(","), env=home)
    assert '"room":"the system\'s"' in client.line('"event":"ready"')
    assert kit.run("dend", "ctl", "who", env=home)[0].startswith("bob ")
    client.end_input()
    client.wait(0)
    pathlib.Path("/etc/den/dend.conf").write_text("\nromm = x\n")
    for words in ((), ("ctl", "who")):
        _, err = kit.run("dend", *words, env=home, code=2)
        assert err == "dend: /etc/den/dend.conf line 2: no such option: 'romm' (is it room?)\n", err
    kit.run("dend", "ctl", "--config", "off", "quit", env=home)
    server.wait(0)


@kit.case
def the_unit_is_hardened(place):
    """At most 2.0 by systemd's own measure, from the file alone."""
    kit.need("systemd-analyze")
    if "--offline" not in kit.tool("systemd-analyze", "--help").decode():
        raise kit.Skip("this systemd-analyze can't judge a file")
    said = kit.tool("systemd-analyze", "security", "--no-pager", "--offline=yes", "--threshold=20", unit(place)).decode()
    assert float(re.search(r"exposure level for dend.service: ([0-9.]+)", said)[1]) <= 2.0, said[-200:]


@kit.case
def systemd_understands_the_units(place):
    """Every key and value of them; that the programs are there is made so."""
    kit.need("systemd-analyze")
    (place / "bin").mkdir()
    for name, program in (("dend", "dend"), ("den-kiosk", "den")):
        (place / "bin" / program).symlink_to(kit.program(program))
        path = place / f"{name}.service"
        path.write_text((kit.TOP / f"platform/linux/{name}.service.in").read_text().replace("@PREFIX@", str(place)))
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True, timeout=100)
        about = [line for line in done.stderr.splitlines() if f"{name}.service" in line]
        assert done.returncode == 0 and not about, done.stderr
        path.write_text(path.read_text().replace("ProtectHome=yes", "ProtectHomes=yes"))
        assert "ProtectHomes" in subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True).stderr


@kit.case
def the_kiosks_options_are_dens(place):
    start = re.search(r"^ExecStart=(.*)", (kit.TOP / "platform/linux/den-kiosk.service.in").read_text(), re.M)[1]
    assert set(re.findall(r"--[a-z-]+", start)) <= set(re.findall(r"--[a-z-]+", kit.run("den", "--help")[0])), start


def expand(names):
    """System calls of a SystemCallFilter=, its @groups by systemd's own lists."""
    found = set()
    for name in names:
        if name.startswith("@"):
            lines = kit.tool("systemd-analyze", "syscall-filter", "--no-pager", name).decode().split("\n")[1:]
            found |= expand(line.strip() for line in lines if line.strip() and not line.strip().startswith("#"))
        else:
            found.add(name)
    return found


def allowed():
    calls = set()
    for names in re.findall(r"^SystemCallFilter=(.*)$", UNIT.read_text(), re.M):
        if names.startswith("~"):
            calls -= expand(names[1:].split())
        else:
            calls |= expand(names.split())
    return calls


@kit.case
def the_unit_allows_what_it_calls(place):
    """A visit and a clip list under strace: no call that the unit's filter refuses, no address family either."""
    kit.need("systemd-analyze")
    kit.need("strace")
    if kit.SANITIZED:
        raise kit.Skip("sanitizers call more")
    trace = place / "trace"
    server = kit.Running("strace", "-f", "-o", trace, kit.program("dend"), "--config", "off", "--listen", "127.0.0.1:0", "--state",
                         kit.lend_key(place / "server"), "--library", place / "lib", stdin=subprocess.DEVNULL)
    ready = server.line("^dend: listening on ").split()
    common = ("--name", "bob", "--state", kit.lend_key(place / "bob"), "--pin", ready[5])
    kit.run("den", *common, ready[3].rstrip(","), input="/videos\n/all hello\n/who\n")
    kit.run("dend", "ctl", "--state", place / "server", "stats")
    kit.run("dend", "ctl", "--state", place / "server", "quit")
    server.wait(0)
    lines = re.findall(r"^\d+ +(\w+)\((.*)", trace.read_text(), re.M)
    calls = {name for name, _ in lines} - {"execve"}        # which systemd does itself, before the filter
    assert {"landlock_restrict_self", "seccomp", "mlock", "accept4"} <= calls | {"seccomp", "landlock_restrict_self"}, calls
    refused = calls - allowed()
    assert not refused, refused
    families = {rest.split(",")[0] for name, rest in lines if name in ("socket", "socketpair")}
    unit_families = set(re.search(r"^RestrictAddressFamilies=(.*)$", UNIT.read_text(), re.M)[1].split())
    assert families <= unit_families, families


kit.main()
