"""What `make install` lays down and `make uninstall` takes away, and the Debian packages."""

import os
import pathlib
import re
import subprocess
import xml.etree.ElementTree

import kit

LINUX = kit.TOP / "platform/linux"
BOTH = ("den", "dend")


def places(place, **more):
    return {**os.environ, "BUILD": str(kit.BUILD), "PREFIX": "/usr", "SYSCONFDIR": "/etc",
            "UNITDIR": more.get("PREFIX", "/usr") + "/lib/systemd/system", "DESTDIR": str(place / "root"), **more}


def install(place, what, *parts, **more):
    return kit.tool(LINUX / "install", what, *parts, env=places(place, **more)).decode()


def files(root):
    return {"/" + str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}


@kit.case
def all_of_it_comes_and_goes(place):
    install(place, "install", *BOTH)
    root = place / "root"
    listed = {line.split(" ")[1] for line in install(place, "list", *BOTH).splitlines()}
    assert files(root) == listed and len(listed) > 12, files(root) ^ listed
    for program in ("den", "dend", "den-clip"):
        assert kit.tool(root / "usr/bin" / program, "--version").startswith(program.encode() + b" ")
    unit = (root / "usr/lib/systemd/system/dend.service").read_text()
    assert "\nExecStart=/usr/bin/dend\n" in unit and "@" not in unit.replace("@system-service", "").replace(
        "@privileged", "").replace("@resources", "")
    install(place, "install", *BOTH)                    # again, over itself
    install(place, "uninstall", *BOTH)
    assert files(root) == set()
    assert not (root / "etc/den").exists() and not (root / "usr/share/doc/den").exists()


@kit.case
def a_visitors_machine_gets_nothing_of_the_server(place):
    install(place, "install", "den", PREFIX="/opt/den")
    assert all(path.startswith("/opt/den/") and "dend" not in path for path in files(place / "root")), files(place / "root")


@kit.case
def what_was_edited_stays(place):
    install(place, "install", "dend")
    conf = place / "root/etc/den/dend.conf"
    conf.write_text("room = ours\n")
    assert "kept: /etc/den/dend.conf" in install(place, "install", "dend")
    assert conf.read_text() == "room = ours\n"
    assert "kept, for it was changed: /etc/den/dend.conf" in install(place, "uninstall", "dend")
    assert files(place / "root") == {"/etc/den/dend.conf"}


@kit.case
def what_the_examples_say_is_understood(place):
    """Each line behind a # that is an option, as if somebody took the # away."""
    for program, words, own in (("dend", ("--listen", "127.0.0.1:0"), {"listen", "room", "library"}),
                                ("den", ("key", "fingerprint"), {"name", "display", "pin"})):
        text = re.sub(r"^#(?=[a-z-]+ = )", "", (LINUX / f"{program}.conf").read_text(), flags=re.M)
        names = set(re.findall(r"^([a-z-]+) = ", text, re.M))
        assert own <= names, names
        text = re.sub(r"^(library|passphrase-file) = .*\n", "", text, flags=re.M)       # places of this machine
        (place / f"{program}.conf").write_text(text)
        run = kit.Running(kit.program(program), "--config", place / f"{program}.conf", "--state", kit.lend_key(place / program),
                          "--" + ("library" if program == "dend" else "name"), place.name if program == "den" else place, *words,
                          stdin=subprocess.DEVNULL)
        run.line("^dend: listening on |^SHA256:")
        run.close()


@kit.case
def avahi_is_told_the_port_that_dend_has(place):
    group = xml.etree.ElementTree.parse(LINUX / "den.avahi-service").getroot()
    assert group.find("service/type").text == "_den._tcp"
    assert f"port {group.find('service/port').text} on all addresses" in kit.run("dend", "--help")[0]


def complete(place, program, *words, **env):
    """What bash offers for the last of the words."""
    script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); f=$(complete -p "${1##*/}" 2>/dev/null | '
              'sed "s/.*-F \\([^ ]*\\).*/\\1/"); "$f" "$1" "${COMP_WORDS[COMP_CWORD]}"; printf "%s\\n" "${COMPREPLY[@]}"')
    said = kit.tool("bash", "--norc", "-c", script, "bash", LINUX / "completion" / program, kit.program(program), *words,
                    env={**os.environ, "HOME": str(place), **env}, cwd=place).decode()
    return set(said.split())


def options(program):
    return set(re.findall(r"--[a-z][a-z-]*", kit.run(program, "--help")[0]))


@kit.case
def bash_completes_den(place):
    assert complete(place, "den", "--") == options("den")
    assert complete(place, "den", "--reco") == {"--reconnect"}
    assert complete(place, "den", "--receipts", "") == {"on", "off"}
    assert {"auto", "headless"} <= complete(place, "den", "--display", "")
    assert complete(place, "den", "--json", "key", "") == {"make", "show", "fingerprint", "passphrase", "export"}
    (place / ".local/state/den").mkdir(parents=True)
    (place / ".local/state/den/servers").write_text(f"den servers 1\npi.local:7411 SHA256:{'0' * 64}\n[::1]:80 SHA256:{'0' * 64}\n")
    assert complete(place, "den", "") == {"msg", "who", "play", "cast", "send", "receive", "key", "pi.local", "[::1]:80"}
    assert complete(place, "den", "who", "pi") == {"pi.local"}
    assert complete(place, "den", "--name", "") == set()
    (place / "secret.txt").touch()
    assert complete(place, "den", "--passphrase-file", "se") == {"secret.txt"}


@kit.case
def bash_completes_dend(place):
    assert complete(place, "dend", "--") == options("dend")
    assert complete(place, "dend", "c") == {"ctl"}
    assert complete(place, "dend", "--state", "x") == set()
    server = kit.Server(place)
    commands = {line.split()[0].lstrip("/") for line in kit.run("dend", "ctl", "--state", server.state, "help")[0].splitlines()}
    assert complete(place, "dend", "ctl", "") - {"--state", "--config"} == commands


@kit.case
def bash_completes_den_clip(place):
    commands = complete(place, "den-clip", "")
    assert {"testcard", "import", "info", "verify", "list", "--help", "--version"} == commands
    assert complete(place, "den-clip", "info", "--") == {"--library"}
    assert "--all-heights" in complete(place, "den-clip", "import", "--") - complete(place, "den-clip", "testcard", "--")
    kit.run("den-clip", "testcard", "lake", "--library", place / "clips", "--seconds", "1", "--heights", "120")
    kit.run("den-clip", "testcard", "sea", "--library", place / "clips", "--seconds", "1", "--heights", "120")
    assert complete(place, "den-clip", "info", "--library", place / "clips", "") == {"lake", "sea"}
    assert complete(place, "den-clip", "verify", "--library", place / "clips", "l") == {"lake"}


def build_packages(place, out, arch=""):
    for tool in ("dpkg-deb", "dpkg-shlibdeps", "strip"):
        kit.need(tool)
    if kit.SANITIZED:
        raise kit.Skip("a build with sanitizers is not packed")
    (place / out).mkdir()
    kit.tool(LINUX / "deb", place / out, env=places(place, VERSION="9.8", DEB_ARCH=arch, STRIP="strip", READELF="readelf",
                                                     SOURCE_DATE_EPOCH="1790000000"))
    return {path.name.split("_")[0]: path for path in (place / out).iterdir()}


def needs(package):
    return {word.split(" ")[0] for word in control(package)["Depends"].split(", ")}


def control(package):
    text = kit.tool("dpkg-deb", "-f", package).decode()
    return dict(line.split(": ", 1) for line in text.splitlines() if not line.startswith(" "))


@kit.case
def the_packages_have_all_and_run(place):
    packages = build_packages(place, "out")
    assert set(packages) == set(BOTH)
    for name, package in packages.items():
        assert control(package)["Version"] == "9.8"
        assert {"libc6", "libbearssl0"} <= needs(package)
        root = place / "x" / name
        root.mkdir(parents=True)
        kit.tool("dpkg-deb", "-x", package, root)
        listed = {re.sub(r"(/man/.*)", r"\1.gz", line.split(" ")[1]) for line in install(place, "list", name).splitlines()}
        more = {f"/usr/share/doc/{name}/copyright", f"/usr/share/doc/{name}/changelog.gz"}
        assert files(root) == listed | more, files(root) ^ (listed | more)
        for program in (root / "usr/bin").iterdir():
            assert kit.tool(program, "--version").startswith(program.name.encode() + b" ")
        assert b"Independent JPEG Group" in (root / f"usr/share/doc/{name}/notices").read_bytes()
    assert "libsdl2-2.0-0" not in needs(packages["dend"])
    assert "libseccomp2" not in needs(packages["den"])
    kit.tool("dpkg-deb", "-e", packages["dend"], place / "control")
    assert (place / "control/conffiles").read_text().split() == ["/etc/avahi/services/den.service", "/etc/den/dend.conf"]
    again = build_packages(place, "again")
    # As for another machine, whose libraries' packages are not here: by the table of platform/linux/deb.
    foreign = build_packages(place, "foreign", "sparc64")
    for name in BOTH:
        assert again[name].read_bytes() == packages[name].read_bytes(), name
        assert control(foreign[name])["Architecture"] == "sparc64" and needs(foreign[name]) == needs(packages[name])


def maintain(place, script, *words):
    """Runs a maintainer script among programs that only write down how they were called."""
    calls = place / "calls"
    calls.write_text("")
    for name in ("deb-systemd-helper", "deb-systemd-invoke", "systemctl"):
        fake = place / name
        fake.write_text(f'#!/bin/sh\necho "{name} $*" >>{calls}\n')
        fake.chmod(0o755)
    kit.tool("sh", LINUX / "debian" / f"dend.{script}", *words, env={**os.environ, "PATH": f"{place}:{os.environ['PATH']}"})
    if pathlib.Path("/run/systemd/system").is_dir():
        return {line for line in calls.read_text().splitlines() if line.startswith("deb-systemd-helper")}
    return set(calls.read_text().splitlines())


@kit.case
def the_maintainer_scripts_enable_and_purge(place):
    assert "deb-systemd-helper enable dend.service" in maintain(place, "postinst", "configure", "")
    assert maintain(place, "postinst", "triggered") == maintain(place, "prerm", "upgrade", "9.9") == set()
    assert "deb-systemd-helper mask dend.service" in maintain(place, "postrm", "remove")
    assert "deb-systemd-helper purge dend.service" in maintain(place, "postrm", "purge")


kit.main()
