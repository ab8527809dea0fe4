"""Cameras, in QEMU: den cast --camera on Debian's kernel, with V4L2 devices of v4l2loopback that a program of ours feeds;
looked at on the screen where another den shows the cast."""

import guest
import kit

FPS = 5


def files(place):
    sysroot = kit.TOP / "build/sysroot/arm64"
    kit.tool("aarch64-linux-gnu-gcc", f"--sysroot={sysroot}", "-O1", "-static", "-o", place / "feed", kit.TOP / "tests/board/feed.c",
             "-lturbojpeg")
    return guest.files(place, guest.ARM64) | {"bin/feed": place / "feed", "modules/v4l2loopback.ko": guest.camera_module()}


def cast(board, device, name, format, said):
    """A camera is fed, cast under a name and seen; until the cast is over."""
    height = guest.HEIGHTS[0]
    width = height * 16 // 9 // 2 * 2
    board.start(f"feed {device} {format} {width} {height} {FPS} /lib/card/{height}p.mjpeg &")
    board.line("^feed: begins")
    board.start("feed=$!")
    board.start(f"den --name cam --state /tmp/cam --pin $key --json cast --camera {device} 127.0.0.1:7411 {name} 2>&1 &")
    board.start("cam=$!")
    assert f"{device}: {width}x{height}, {said}" in board.line('"event":"note".*/dev/video')
    board.line(f'"event":"cast","name":"{name}"')
    board.start(f"echo /play {name} >&3")
    board.line(f'"event":"live","name":"{name}"')
    first = board.wait_for_strip(lambda got: got[1] == height)
    board.wait_for_strip(lambda got: got[1] == height and got != first)
    board.start("kill -INT $cam; wait $cam")
    board.line('"event":"stream_end".*"over"')
    board.start("kill $feed")


@kit.case
def mjpeg_and_yuyv(place):
    board = guest.Guest(place, guest.virt, [*guest.VIRTIO, "mc", "videodev"], files(place), "console=ttyAMA0")
    board.start("insmod /modules/v4l2loopback.ko devices=2 exclusive_caps=1,1")
    guest.enter(board, "kms")
    cast(board, "/dev/video0", "door", "MJPG", "MJPEG")
    cast(board, "/dev/video1", "yard", "YUYV", "YUYV, made JPEG here")


if __name__ == "__main__":
    kit.main()
