"""den without an address: the rooms that the network tells of, and the last one.

A real avahi-daemon and D-Bus run in namespaces of their own (user, mount, network): they see a loopback and service files that are
the case's, and need no root.
"""

import json
import os
import pathlib
import signal
import subprocess
import time

import kit

AVAHI = pathlib.Path("/usr/sbin/avahi-daemon")
NOWHERE = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere/at/all"}


def looks_around():
    """Whether this den was built with Avahi: its own words tell."""
    _, err = kit.run("den", "--ephemeral", "--config", "off", code=2, env=os.environ | NOWHERE)
    return "built without Avahi" not in err


inside = kit.in_namespaces("-rmn", "dbus-daemon", str(AVAHI), "ip", "mount")


BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>custom</type><listen>unix:path={}</listen><auth>EXTERNAL</auth><policy context="default">
<allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>
"""

DAEMON = """[server]
host-name=pi
use-ipv6=no
allow-interfaces=lo
[publish]
publish-workstation=no
[wide-area]
enable-wide-area=no
[rlimits]
"""

TOWER = """<?xml version="1.0"?><!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<service-group><name>Tower\u202e of\u2028 evil</name><service><type>_den._tcp</type><host-name>tower.local</host-name>
<port>80</port></service></service-group>
"""


def bus(place):
    (place / "bus.conf").write_text(BUS.format(place / "bus"))
    daemon = kit.Running("dbus-daemon", f"--config-file={place / 'bus.conf'}", "--nofork", "--nopidfile", "--print-address=1",
                         stdin=subprocess.DEVNULL)
    daemon.line("^unix:path=")
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={place / 'bus'}"


def network(place, tower=True):
    """A loopback on which avahi-daemon tells of our service file, and of another one's."""
    if not looks_around():
        raise kit.Skip("this den was built without Avahi")
    kit.tool("ip", "link", "set", "lo", "up", "multicast", "on")
    for name, text in (("passwd", "{}:x:0:0::/:/bin/sh\n"), ("group", "{}:x:0:\n")):      # one user is all there is
        (place / name).write_text("".join(text.format(who) for who in ("root", "avahi", "messagebus", "netdev")))
        kit.tool("mount", "--bind", place / name, f"/etc/{name}")
    for where in ("/run", "/etc/avahi"):
        kit.tool("mount", "-t", "tmpfs", "tmpfs", where)
    services = pathlib.Path("/etc/avahi/services")
    services.mkdir()
    (services / "den.service").write_bytes((kit.TOP / "platform/linux/den.avahi-service").read_bytes())
    if tower:
        (services / "tower.service").write_text(TOWER)
    pathlib.Path("/etc/avahi/hosts").write_text("127.0.0.2 tower.local\n")      # pi.local is ::1, too
    (place / "avahi.conf").write_text(DAEMON)
    bus(place)
    daemon = kit.Running(AVAHI, "-f", place / "avahi.conf", "--no-drop-root", "--no-chroot", "--no-rlimits",
                         stdin=subprocess.DEVNULL)
    daemon.errors(r'Service "Den on pi" \(.*\) successfully established')
    if tower:
        daemon.errors(r'Service "Tower.*" \(.*\) successfully established')
    return daemon


@inside
def what_the_network_tells_is_listed(place):
    network(place)
    out, err = kit.run("den", "--state", place / "bob", code=2)
    lines = out.splitlines()
    assert lines[0].split(None, 1) == ["pi.local:7411", "Den on pi"] and lines[1].startswith("tower.local:80 "), out
    assert len(lines) == 2 and "Tower\ufffd of\ufffd evil" in lines[1], out
    assert err.count("\n") == 1 and "an ADDRESS is missing" in err
    rooms = [json.loads(line) for line in kit.run("den", "--json", "--state", place / "bob", code=2)[0].splitlines()]
    assert rooms[0] == {"event": "room", "address": "pi.local:7411", "name": "Den on pi", "at": "127.0.0.1", "last": False}
    assert rooms[1]["at"] == "127.0.0.2" and len(rooms) == 2


@inside
def one_is_chosen_and_is_the_usual_one_from_then_on(place):
    """Nothing here resolves pi.local: the address that was heard is the way, the name is the place."""
    network(place)
    server = kit.Server(place, listen="127.0.0.1:7411")
    bob = kit.Terminal(server, "bob", words=[])
    bob.until("Looking for rooms")
    bob.after(r"  1  pi.local:7411 +Den on pi\n  2  tower.local:80 .*\n.* \[1\] ")
    bob.type("3")
    bob.after(r"\[1\] ")
    bob.type("1")
    bob.after('You are in "den" at pi.local:7411 as bob')
    bob.type("/quit")
    bob.child.wait(kit.PATIENCE)
    assert server.fingerprint in (place / "bob/servers").read_text().split("pi.local:7411 ")[1]
    again = kit.Terminal(server, "bob", words=[])
    again.after(r"Den on pi  \(the last one\)\n.*\n.* \[1\] ")
    again.type("")
    again.after('You are in "den" at pi.local:7411 as bob')
    again.type("/quit")
    again.child.wait(kit.PATIENCE)


@inside
def one_that_does_not_answer_is_not_waited_for(place):
    """It is there, and stopped: the rest of den goes on as without one."""
    daemon = network(place, tower=False)
    daemon.signal(signal.SIGSTOP)
    began = time.monotonic()
    out, err = kit.run("den", "--state", place / "bob", code=2)
    assert out == "" and err.count("\n") == 1 and "avahi-daemon does not answer" in err, err
    assert kit.SANITIZED or time.monotonic() - began < 10, time.monotonic() - began     # D-Bus itself waits for 25 s
    daemon.signal(signal.SIGCONT)


@kit.case
def without_a_daemon_it_says_so_at_once(place):
    out, err = kit.run("den", "--state", place / "bob", code=2, env=os.environ | NOWHERE)
    assert out == "" and err.count("\n") == 1 and "give an ADDRESS" in err, err
    assert "no avahi-daemon runs here" in err or "built without Avahi" in err
    assert not (place / "bob").exists()


@kit.case
def a_bus_without_a_daemon_is_the_same(place):
    kit.need("dbus-daemon")
    before = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS")
    bus(place)
    try:
        err = kit.run("den", "--state", place / "bob", code=2)[1]
    finally:
        os.environ.pop("DBUS_SYSTEM_BUS_ADDRESS")
        os.environ |= {} if before is None else {"DBUS_SYSTEM_BUS_ADDRESS": before}
    assert err.count("\n") == 1 and ("no avahi-daemon runs here" in err or "built without Avahi" in err), err


@kit.case
def the_last_room_is_offered_also_when_nobody_tells_of_it(place):
    server = kit.Server(place)
    kit.run("den", *server.options_for("bob"), server.address)
    assert (place / "bob/last").read_text() == f"den last 1\n{server.address}\n"
    out, err = kit.run("den", "--state", place / "bob", code=2, env=os.environ | NOWHERE)
    assert out.split(None, 1) == [server.address, "(the last one; not heard of now)\n"] and err.count("\n") == 1, (out, err)
    bob = kit.Terminal(server, "bob", words=[], **NOWHERE)
    bob.after(r"can't look for rooms.*\n  1  127.0.0.1:\d+ +\(the last one; not heard of now\)\n.* \[1\] ")
    bob.type("")
    bob.after(f"You are in \"den\" at {server.address} as bob")


@kit.case
def an_address_can_be_typed_instead(place):
    server = kit.Server(place)
    (place / "bob").mkdir(mode=0o700)
    (place / "bob/last").write_text("den last 1\nelsewhere.local:7411\n")
    kit.lend_key(place / "bob")
    bob = kit.Terminal(server, "bob", words=[], **NOWHERE)
    bob.after(r"elsewhere.local:7411 .*\n.* \[1\] ")
    bob.type("not an address")
    bob.after(r"not an address .*\n.* \[1\] ")
    bob.type(server.address)
    bob.after(f"You are in \"den\" at {server.address} as bob")


@kit.case
def an_ephemeral_den_and_single_commands_remember_none(place):
    server = kit.Server(place)
    server.den("bob", "who")
    assert not (place / "bob/last").exists()
    kit.run("den", *server.options_for("eve", "--ephemeral"), server.address)
    assert "the last one" not in kit.run("den", "--ephemeral", code=2, env=os.environ | NOWHERE)[0]


kit.main()
