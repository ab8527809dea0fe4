"""den cast --camera, with a camera that a library plays (shim_camera.c): the real ioctls, but no kernel behind them."""

import hashlib

import kit
from cinema_room import viewer
from live_cast import film


class Camera(kit.Client):
    def __init__(self, server, place, mode, *options, frames=None, gone=None):
        more = {"SHIM_CAMERA": mode} | ({"SHIM_FRAMES": str(frames)} if frames else {}) | ({"SHIM_GONE": str(gone)} if gone else {})
        kit.Running.__init__(self, kit.program("den"), *server.options_for("cam", "--json", "--camera", "/dev/video0", *options), "cast",
                             server.address, "door", **kit.preloaded(place, "shim_camera", **more))


@kit.case
def mjpeg_goes_as_it_is(place):
    frames = film(place, seconds=1)
    server = kit.Server(place)
    cam = Camera(server, place, "MJPG 160 120", "--size", "640x480", "--fps", "30", frames=place / "lib" / "film" / "120p.mjpeg")
    assert "160x120, MJPEG" in cam.expect("note")["text"]
    cam.expect("cast", name="door")
    alice = viewer(server, "alice")
    alice.send("/play door")
    known = {hashlib.sha256(jpeg).hexdigest() for jpeg in frames}
    for _ in range(10):
        frame = alice.take(lambda e: e["event"] == "frame" and e["outcome"] == "shown", "a frame")
        assert frame["sha256"] in known and frame["height"] == 120, frame
    cam.signal(2)
    cam.wait(0)
    assert alice.expect("stream_end")["reason"] == "over"
    alice.quit(0)


@kit.case
def yuyv_is_made_jpeg(place):
    server = kit.Server(place)
    cam = Camera(server, place, "YUYV 320 240", gone=60)
    assert "320x240, YUYV" in cam.expect("note")["text"]
    cam.expect("cast", name="door")
    alice = viewer(server, "alice")
    alice.send("/play door")
    for _ in range(5):
        frame = alice.take(lambda e: e["event"] == "frame" and e["outcome"] == "shown", "a frame")
        assert frame["height"] == 240, frame
    assert "No such device" in cam.expect("error", code="cast")["text"]  # unplugged
    cam.wait(1)
    alice.expect("stream_end")
    alice.quit()


@kit.case
def in_the_room_too(place):
    film(place, seconds=1)
    server = kit.Server(place)
    shim = kit.preloaded(place, "shim_camera", SHIM_CAMERA="MJPG 160 120", SHIM_FRAMES=str(place / "lib" / "film" / "120p.mjpeg"))
    alice, bob = kit.Client(server, "alice", **shim), viewer(server, "bob")
    alice.send("/cast door /dev/video0 bob")
    assert alice.expect("cast")["viewers"] == "bob"
    bob.send("/play door")
    bob.take(lambda e: e["event"] == "frame" and e["outcome"] == "shown", "a frame")
    alice.send("/uncast door")
    assert bob.expect("stream_end")["reason"] == "over"
    alice.quit()
    bob.quit()


@kit.case
def what_is_no_camera_for_us_is_said(place):
    server = kit.Server(place)
    for mode, said in (("RGB3 320 240", "neither MJPEG nor YUYV"), ("YUYV 321 240", "size"), ("MJPG 99999 99999", "size")):
        cam = Camera(server, place, mode)
        assert said in cam.expect("error", code="cast")["text"]
        cam.wait(1)
    for words, code, said in ((("--camera", "/dev/null"), 1, "it is no camera"), (("--camera", place / "none"), 1, "No such file"),
                              (("--size", "640x480"), 2, "only with --camera"), (("--camera", "/dev/null", "--size", "640"), 2, "'640'"),
                              ((), 2, "FILE is missing")):
        _, err = kit.run("den", *server.options_for("cam", *map(str, words)), "cast", server.address, "door", code=code)
        assert said in err, (words, err)


kit.main()
