"""The Debian packages of another machine's programs: for that machine, small, and wanting what this machine's own want."""

import os
import pathlib
import re
import shlex

import kit

# What we were given for programs are scripts: exec EMULATOR... PROGRAM "$@"
*EMULATOR, PROGRAM, _ = shlex.split(pathlib.Path(kit.program("den")).read_text().split("exec ")[1])
FOREIGN, NATIVE = str(pathlib.Path(PROGRAM).parent), os.environ["DEN_NATIVE"]
ARCH = pathlib.Path(FOREIGN).name
PREFIX = {"arm64": "aarch64-linux-gnu-", "armhf": "arm-linux-gnueabihf-", "armel": "arm-linux-gnueabi-"}[ARCH]


def control(package):
    text = kit.tool("dpkg-deb", "-f", package).decode()
    return dict(line.split(": ", 1) for line in text.splitlines() if not line.startswith(" "))


def needs(package):
    return {word.split(" ")[0] for word in control(package)["Depends"].split(", ")}


def build(out, programs, prefix="", arch=""):
    out.mkdir()
    kit.tool(kit.TOP / "platform/linux/deb", out, env={**os.environ, "BUILD": programs, "VERSION": "9.8", "DEB_ARCH": arch,
                                                       "STRIP": prefix + "strip", "READELF": prefix + "readelf"})
    return {path.name.split("_")[0]: path for path in out.iterdir()}


def machine(program):
    return re.search(r"Machine: +(.*)", kit.tool("readelf", "-h", program).decode())[1]


@kit.case
def they_are_for_the_machine(place):
    for tool in ("dpkg-deb", "dpkg-shlibdeps"):
        kit.need(tool)
    which = machine(FOREIGN + "/den")
    packages, ours = build(place / "theirs", FOREIGN, PREFIX, ARCH), build(place / "ours", NATIVE)
    assert set(packages) == {"den", "dend"}
    for name, package in packages.items():
        assert package.name == f"{name}_9.8_{ARCH}.deb" and control(package)["Architecture"] == ARCH
        assert needs(package) == needs(ours[name]), needs(package) ^ needs(ours[name])
        kit.tool("dpkg-deb", "-x", package, place / name)
        for program in (place / name / "usr/bin").iterdir():
            assert machine(program) == which
            assert b".symtab" not in kit.tool(PREFIX + "readelf", "-SW", program)
            assert kit.tool(*EMULATOR, program, "--version").startswith(program.name.encode() + b" 0.")


kit.main()
