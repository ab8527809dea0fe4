"""A machine of another kind under QEMU, with Debian's kernel and our static programs in it, spoken to over its serial
console and looked at through its screen. kernel() unpacks what it boots into build/board, once; nothing is installed.
So does camera_module(), which also builds a camera that another program plays."""

import contextlib
import fcntl
import os
import pathlib
import shutil
import socket
import stat
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests" / "scenario"))

import kit  # noqa: E402
import strip  # noqa: E402

kit.PATIENCE = 60  # an emulated machine on a slow one
PLACE = TOP / "build" / "board"
WANTED = ("*/vmlinuz-* */bcm2837-rpi-3-b.dtb */virtio_pci*.ko */drm.ko */drm_kms_helper.ko */drm_shmem_helper.ko "
          "*/virtio_dma_buf.ko */virtio-gpu.ko */mc.ko */videodev.ko */bin/busybox")
FPS, SECONDS, HEIGHTS = 4, 20, (240, 480)
ARM64, ARMHF = kit.BUILD, kit.BUILD.parent / "armhf-static"
VIRTIO = ("virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci drm drm_kms_helper drm_shmem_helper virtio_dma_buf "
          "virtio-gpu").split()
TOOLS = "sh mount insmod ip stty mkfifo cat kill pidof"

virt = ("-M", "virt", "-cpu", "cortex-a53", "-smp", "2", "-m", "512", "-device", "virtio-gpu-pci", "-serial", "stdio")

# Runs each line of the serial console, and says what came of it.
INIT = """#!/bin/sh
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmp /tmp
ip link set lo up
for module in {modules}; do insmod /modules/$module.ko; done
stty -echo
echo "board: ready"
while read -r line; do eval "$line"; echo "board: done $?"; done
"""


@contextlib.contextmanager
def made(name, wanted):
    """A directory in PLACE that is filled once, also if two want it at the same moment: (where, whether to fill it)."""
    place, part = PLACE / name, PLACE / (name + ".part")
    PLACE.mkdir(parents=True, exist_ok=True)
    with open(PLACE / (name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (place / "made").exists() and (place / "made").read_text() == wanted:
            yield place, False
            return
        shutil.rmtree(part, ignore_errors=True)
        yield part, True
        (part / "made").write_text(wanted)
        shutil.rmtree(place, ignore_errors=True)
        part.rename(place)


def fetch(arch, place, *names, only=""):
    subprocess.run([TOP / "cross" / "fetch.sh", arch, place, "--", *names], check=True, stdout=sys.stderr,
                   env=os.environ | {"FETCH_ONLY": only})


def kernel():
    """Where Debian's kernel for arm64, its modules, the Pi's device tree and a busybox are."""
    with made("kernel", WANTED) as (place, missing):
        if missing:
            fetch("arm64", place, "linux-image-arm64+", "busybox-static", only=WANTED)
    return PLACE / "kernel"


def camera_module():
    """v4l2loopback, from Debian's sources, for that kernel: what is written to /dev/video0 comes out of it as of a camera."""
    release = one("vmlinuz-*").name.removeprefix("vmlinuz-")
    with made("camera", release) as (place, missing):
        if missing:
            fetch("arm64", place, "linux-headers-arm64+", "linux-headers-arm64++", "v4l2loopback-dkms")
            headers = place / "usr/src" / f"linux-headers-{release}"
            # Its tools run here.
            here = kit.tool("dpkg", "--print-architecture").decode().strip()
            fetch(here, place, (headers / "scripts").readlink().parent.name)
            makefile = headers / "Makefile"
            makefile.write_text(makefile.read_text().replace("include /usr", f"include {place}/usr"))
            source, = (place / "usr/src").glob("v4l2loopback-*")
            kit.tool("make", "-C", headers, f"M={source}", "ARCH=arm64", "CC=aarch64-linux-gnu-gcc",
                     "CROSS_COMPILE=aarch64-linux-gnu-", "modules", env={"PATH": os.environ["PATH"]})
            kit.tool("aarch64-linux-gnu-strip", "--strip-debug", "-o", place / "v4l2loopback.ko", source / "v4l2loopback.ko")
            shutil.rmtree(place / "usr")
    return PLACE / "camera" / "v4l2loopback.ko"


def one(pattern):
    found, = kernel().rglob(pattern)
    return found


def cpio(entries):
    """An archive as the kernel unpacks it: (name, mode, content) each."""
    out = bytearray()
    for number, (name, mode, content) in enumerate([*entries, ("TRAILER!!!", 0, b"")], 1):
        fields = (number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
        out += b"070701" + "".join(f"{field:08X}" for field in fields).encode() + name.encode() + b"\0"
        out += b"\0" * (-len(out) % 4) + content
        out += b"\0" * (-len(out) % 4)
    return bytes(out)


def initramfs(modules, files):
    """files: path in the guest -> pathlib.Path here."""
    entries = [(name, stat.S_IFDIR | 0o755, b"") for name in ("dev", "proc", "sys", "tmp", "bin", "modules")]
    entries += [("bin/busybox", stat.S_IFREG | 0o755, one("usr/bin/busybox").read_bytes())]
    entries += [(f"bin/{tool}", stat.S_IFLNK | 0o777, b"busybox") for tool in TOOLS.split()]
    entries += [(f"modules/{name}.ko", stat.S_IFREG | 0o644, one(f"{name}.ko").read_bytes()) for name in modules]
    for path, file in files.items():
        parents = [p for p in pathlib.PurePath(path).parents if p.name and not any(str(p) == e[0] for e in entries)]
        entries += [(str(p), stat.S_IFDIR | 0o755, b"") for p in reversed(parents)]
        entries.append((path, stat.S_IFREG | 0o755, file.read_bytes()))
    entries.append(("init", stat.S_IFREG | 0o755, INIT.format(modules=" ".join(modules)).encode()))
    return cpio(entries)


class Guest(kit.Running):
    """A booted machine. Ended with its case, whatever becomes of that (kit.Running)."""

    def __init__(self, place, machine, modules, files, append):
        kit.need("qemu-system-aarch64")
        self.place = place
        archive = place / "initramfs"
        archive.write_bytes(initramfs(modules, files))
        # What it is asked is known by the path of a Unix socket, which must be short.
        super().__init__("qemu-system-aarch64", *machine, "-kernel", one("vmlinuz-*"), "-initrd", archive, "-append",
                         f"{append} quiet loglevel=0 panic=-1", "-no-reboot", "-display", "none", "-nic", "none",
                         "-monitor", f"unix:{place}/monitor,server=on,wait=off")
        self.line("board: ready$")  # the Pi's console begins with noise
        self.monitor = socket.socket(socket.AF_UNIX)
        self.monitor.settimeout(kit.PATIENCE)
        self.monitor.connect(str(place / "monitor"))
        self._answer()

    @staticmethod
    def parse(line):
        return line.decode(errors="backslashreplace").strip("\r\n")

    def start(self, command):
        """Runs a line of shell in the guest; a command to its end, unless it ends in &."""
        self.send(command)
        done = self.line("^board: done ")
        assert done.endswith(" 0"), (command, done, self.items[-10:])

    def _answer(self):
        got = b""
        while not got.endswith(b"(qemu) "):
            part = self.monitor.recv(4096)
            assert part, got
            got += part
        return got

    def dump(self):
        """What the monitor shows: (width, height, bytes of R, G, B)."""
        file = self.place / "screen.ppm"
        self.monitor.sendall(f"screendump {file}\n".encode())
        said = self._answer()
        assert file.exists(), said
        kind, width, height, most = file.read_bytes()[:50].split()[:4]
        assert kind == b"P6" and most == b"255"
        width, height = int(width), int(height)
        pixels = file.read_bytes()[-3 * width * height:]
        file.unlink()
        return width, height, pixels

    def wait_for_screen(self, what, fits):
        """Looks until the screen fits; returns what `fits` gave."""
        deadline = time.monotonic() + kit.PATIENCE
        while not (got := fits(*self.dump())):
            assert time.monotonic() < deadline and self.child.poll() is None, f"no {what}: {self.items[-10:]}"
        return got

    def wait_for_strip(self, fits=lambda got: True):
        """(frame, rendition) of the test card that fills the screen, as soon as it fits."""
        def look(width, height, pixels):
            below = height * 3 // 4  # the strip is at its foot
            got = strip.seek(pixels[1::3][width * below:], width, height - below)
            return got if got and fits(got) else None
        return self.wait_for_screen("such strip", look)

    def close(self):
        if hasattr(self, "monitor"):
            self.monitor.close()
        super().close()


def files(place, build):
    """The programs and a clip, drawn by the native den-clip."""
    native = kit.BUILD.parent / "host" / "den-clip"
    subprocess.run([native, "testcard", "card", "--library", place / "lib", "--seconds", str(SECONDS), "--fps", str(FPS),
                    "--heights", ",".join(map(str, HEIGHTS)), "--quality", "60"], check=True)
    found = {f"lib/card/{file.name}": file for file in (place / "lib" / "card").iterdir()}
    # The kernels are of 64 bits, whatever the programs are.
    kit.tool("aarch64-linux-gnu-gcc", f"--sysroot={kit.TOP}/build/sysroot/arm64", "-static", "-o", place / "kdmode",
             kit.TOP / "tests/board/kdmode.c")
    return found | {f"bin/{name}": build / name for name in ("dend", "den")} | {"bin/kdmode": place / "kdmode"}


def enter(board, display):
    """A server and a viewer in the guest, who reads commands from descriptor 3; what the server's sandbox is."""
    board.start("dend --listen 127.0.0.1:7411 --state /tmp/server --library /lib 2>&1 &")
    sandbox = board.line("^dend: sandbox: ")
    key = board.line("^dend: listening on ").split()[-1]
    board.start(f"key={key}; mkfifo /tmp/in")
    board.start(f"(den --name viewer --state /tmp/viewer --pin $key --json --display {display} 127.0.0.1:7411 "
                "< /tmp/in 2>&1 | cat) &")
    board.start("exec 3> /tmp/in; viewer=$!")
    board.line('"event":"directory"')
    return sandbox
