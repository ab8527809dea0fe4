"""Clips in the room: which frames come, what is refused, what breaks, and the viewer's commands. What needs
exact times is in cinema_pace.py, the window in cinema_window.py."""

import hashlib
import json
import os
import re

import kit

HEADLESS = ("--display", "headless")


def card(place, name="card", seconds=1, fps="24", heights="240,480", quality=60):
    kit.run("den-clip", "testcard", name, "--library", place / "lib", "--seconds", seconds, "--fps", fps,
            "--heights", heights, "--quality", quality)
    return place / "lib" / name


def jpegs(film):
    """The frames of an .mjpeg file, found without an index: entropy-coded bytes hold no end marker."""
    return re.findall(b"\xff\xd8\xff.*?\xff\xd9(?=\xff\xd8|$)", film.read_bytes(), re.S)


def play(server, *words, name="viewer", code=0):
    """One shot: the events, by kind."""
    out, err = server.den(name, "play", *words, options=("--json", *HEADLESS), code=code)
    events = {}
    for line in out.splitlines():
        event = json.loads(line)
        events.setdefault(event["event"], []).append(event)
    return events


def viewer(server, name="viewer", *options):
    return kit.Client(server, name, *HEADLESS, *options)


def two(server):
    """alice and bob, and both know it."""
    alice, bob = viewer(server, "alice"), viewer(server, "bob")
    alice.expect("joined", name="bob")
    return alice, bob


def frames(client, first, last):
    """Waits for these frames one by one: each has an outcome, in order."""
    return [client.expect("frame", number=number) for number in range(first, last + 1)]


def check_bytes(folder, events):
    """Every frame is what stands in the rendition's file at its number."""
    films = {int(film.stem[:-1]): jpegs(film) for film in folder.glob("*.mjpeg")}
    for frame in events:
        jpeg = films[frame["height"]][frame["source_number"]]
        assert frame["bytes"] == len(jpeg) and frame["sha256"] == hashlib.sha256(jpeg).hexdigest(), frame


def works(alice, bob):
    """The room is as alive as ever."""
    alice.send(f"/msg {bob.name} still here?")
    bob.expect("message", text="still here?", from_=alice.name)
    bob.send(f"/msg {alice.name} yes")
    alice.expect("message", text="yes", from_=bob.name)


@kit.case
def alternate_takes_turns(place):
    folder = card(place, heights="120,240,360")
    got = play(kit.Server(place), "card", "alternate")
    assert got["stream"][0]["schedule"] == "alternate"
    assert [f["height"] for f in got["frame"]] == [120, 240, 360] * 8
    assert [f["source_number"] for f in got["frame"]] == list(range(24))
    check_bytes(folder, got["frame"])


@kit.case
def a_fixed_height_stays(place):
    folder = card(place, heights="120,240,360")
    got = play(kit.Server(place), "card", "240")
    assert got["stream"][0]["schedule"] == "240"
    assert [(f["number"], f["height"]) for f in got["frame"]] == [(i, 240) for i in range(24)]
    check_bytes(folder, got["frame"])


@kit.case
def one_rendition_is_enough(place):
    folder = card(place, heights="240")
    got = play(kit.Server(place), "card")
    assert got["stream"][0]["heights"] == [240] and len(got["frame"]) == 24
    check_bytes(folder, got["frame"])


@kit.case
def a_remainder_goes_to_the_last_renditions(place):
    card(place, seconds=1, fps="25", heights="120,240,360")
    got = play(kit.Server(place), "card")
    assert [f["height"] for f in got["frame"]] == [(120, 240, 360)[i * 3 // 25] for i in range(25)]


@kit.case
def what_is_not_there_is_refused(place):
    folder = card(place)
    (place / "lib" / ".hidden").symlink_to(folder)
    (place / "lib" / "file").write_text("no folder")
    (place / "outside").symlink_to(folder)
    server = kit.Server(place)
    for name in ("none", "../lib/card", "../outside", "card/../card", "./card", ".hidden", "..", ".", "file",
                 str(folder), "card/", "card/240p.mjpeg", "CARD", "x" * 500, "card\n", "c%61rd", "*"):
        got = play(server, name, code=1)
        assert "stream" not in got and "frame" not in got, name
        assert [e["code"] for e in got["error"]] == ["not-played"], (name, got)
    for schedule in ("360", "0", "240 ", "half", "thirds,thirds", "4294967536"):
        got = play(server, "card", schedule, code=1)
        assert "stream" not in got and [e["code"] for e in got["error"]] == ["not-played"], (schedule, got)
    assert len(play(server, "card")["frame"]) == 24


@kit.case
def an_empty_library_is_said_to_be_one(place):
    server = kit.Server(place)  # with no library at all: it makes one
    alice = viewer(server, "alice")
    alice.send("/videos", "/play card")
    assert alice.expect("videos")["clips"] == []
    alice.expect("error", code="not-played")
    assert list((place / "lib").iterdir()) == []
    alice.send("/videos")
    assert alice.expect("videos")["clips"] == []
    card(place)  # and what is new is seen at once
    alice.send("/videos", "/play card")
    clip, = alice.expect("videos")["clips"]
    assert (clip["name"], clip["frames"], clip["heights"], clip["fps_num"]) == ("card", 24, [240, 480], 24)
    assert alice.expect("stream_end")["reason"] == "done"
    alice.quit(1)


@kit.case
def a_broken_clip_is_refused_and_named(place):
    server = kit.Server(place)
    for name, harm in (
            ("garbage", lambda f: (f / "240p.mjpeg").write_bytes(os.urandom(50000))),
            ("empty", lambda f: (f / "480p.mjpeg").write_bytes(b"")),
            ("missing", lambda f: [film.unlink() for film in f.glob("*.mjpeg")]),
            ("conf", lambda f: (f / "clip.conf").write_text("fps = soon\n")),
            ("folder", lambda f: [(f / "240p.mjpeg").unlink(), (f / "240p.mjpeg").mkdir()])):
        folder = card(place, name, fps="4")
        for index in folder.glob("*.idx"):
            index.unlink()
        harm(folder)
        got = play(server, name, code=1)
        assert "frame" not in got and [e["code"] for e in got["error"]] == ["not-played"], (name, got)
    card(place, "whole", fps="8")
    assert len(play(server, "whole")["frame"]) == 8


@kit.case
def a_rendition_that_went_is_left_out(place):
    folder = card(place, heights="120,240,360", fps="12")
    (folder / "240p.mjpeg").unlink()
    got = play(kit.Server(place), "card")
    assert got["stream"][0]["heights"] == [120, 360]
    assert [f["height"] for f in got["frame"]] == [120] * 6 + [360] * 6
    assert [e["code"] for e in play(kit.Server(place, state="other"), "card", "240", code=1)["error"]] == ["not-played"]


@kit.case
def the_shortest_rendition_counts(place):
    folder = card(place, heights="120,240,360", fps="24")
    film = folder / "240p.mjpeg"
    film.write_bytes(b"".join(jpegs(film)[:15]))
    got = play(kit.Server(place), "card")
    assert got["stream"][0]["frames"] == 15
    assert [(f["number"], f["height"]) for f in got["frame"]] == [(i, (120, 240, 360)[i // 5]) for i in range(15)]
    check_bytes(folder, got["frame"])


@kit.case
def a_damaged_frame_goes_alone(place):
    folder = card(place, heights="240")
    film = folder / "240p.mjpeg"
    pieces = jpegs(film)
    at = pieces[7].index(b"\xff\xc4") + 5
    pieces[7] = pieces[7][:at] + b"\xff" * 16 + pieces[7][at + 16:]  # no such Huffman table: only a decoder sees it
    pieces[9] = pieces[9][:5000]  # no end: the server sees it, and keeps its number
    film.write_bytes(b"".join(pieces))
    got = play(kit.Server(place), "card")
    assert (got["frame"][7]["outcome"], got["frame"][9]["outcome"]) == ("dropped", "skipped"), got["frame"]
    assert [e["code"] for e in got["error"]] == ["broken-frame"]
    assert [f["number"] for f in got["frame"]] == list(range(24)) and got["stream_end"][0]["reason"] == "done"


@kit.case
def a_clip_cut_short_while_it_plays(place):
    folder = card(place, seconds=6, heights="120,720")
    server = kit.Server(place)
    alice, bob = two(server)
    alice.send("/play card")
    frames(alice, 0, 2)
    os.truncate(folder / "720p.mjpeg", 100000)
    alice.send("/seek 4")
    alice.expect("error", code="broken-clip")
    assert alice.expect("stream_end")["reason"] == "broken"
    works(alice, bob)
    card(place, "other", fps="8")
    alice.send("/play other")
    assert alice.expect("stream_end")["reason"] == "done"
    assert server.process.child.poll() is None
    alice.quit(1)  # one clip failed


@kit.case
def ntsc_times_are_exact(place):
    card(place, fps="24000/1001", seconds=2, heights="120")
    got = play(kit.Server(place), "card")
    stream = got["stream"][0]
    assert (stream["fps_num"], stream["fps_den"]) == (24000, 1001) and len(got["frame"]) == stream["frames"] >= 47
    for frame in got["frame"]:
        pts = frame["number"] * 1001 * 10**9 // 24000
        assert round(frame["pts_ms"] * 10**6) == pts, frame


@kit.case
def pause_holds_and_goes_on(place):
    card(place, seconds=2, heights="120")
    server = kit.Server(place)
    alice, bob = two(server)
    alice.send("/pause", "/seek 1", "/stop")
    for _ in range(3):
        alice.expect("error", code="no-clip")
    alice.send("/play card")
    frames(alice, 0, 5)
    alice.send("/pause")
    works(alice, bob)
    held = alice.seen("frame")
    for _ in range(20):  # takes longer than a frame
        works(alice, bob)
    assert alice.seen("frame") == held and held[-1]["number"] < 40
    alice.send("/pause")
    assert alice.expect("stream_end")["reason"] == "done"
    assert [f["number"] for f in alice.seen("frame")] == list(range(48))
    alice.quit()


@kit.case
def seek_goes_there_both_ways(place):
    folder = card(place, seconds=30, heights="120,240,360")
    alice = viewer(kit.Server(place), "alice")
    alice.send("/play card")
    frames(alice, 0, 3)
    alice.send("/seek 25")
    frames(alice, 600, 603)
    alice.send("/pause", "/seek 12")  # also while it rests, and then one picture is shown
    frames(alice, 288, 288)
    alice.send("/seek 13", "/seek 14", "/seek 2")
    frames(alice, 48, 48)
    alice.send("/pause")
    frames(alice, 49, 55)
    alice.send("/seek 4000000000")  # behind the end: the last frame
    frames(alice, 719, 719)
    assert alice.expect("stream_end")["reason"] == "done"
    for frame in alice.seen("frame"):
        assert frame["height"] == (120, 240, 360)[frame["number"] // 240]
    check_bytes(folder, alice.seen("frame"))
    alice.send("/seek 1")
    alice.expect("error", code="no-clip")
    alice.quit()


@kit.case
def stop_at_any_time(place):
    card(place, seconds=30, heights="120,360")
    card(place, "new", fps="4", heights="120")
    (place / "lib" / "new" / "120p.mjpeg.idx").unlink()  # must be read through first
    server = kit.Server(place)
    alice, bob = two(server)
    alice.send("/play new", "/stop", "/play card", "/stop", "/play card", "/pause", "/stop", "/play card")
    for _ in range(3):
        assert alice.expect("stream_end")["reason"] == "stopped"
    frames(alice, 0, 1)
    alice.send("/pause", "/stop")
    assert alice.expect("stream_end")["reason"] == "stopped"
    works(alice, bob)
    alice.send("/stop")
    alice.expect("error", code="no-clip")
    assert len(alice.seen("stream_end")) == 4
    alice.quit()


@kit.case
def plays_in_a_row_and_one_upon_another(place):
    for name in ("one", "two", "three"):
        card(place, name, fps="12", heights="120,240")
    alice = viewer(kit.Server(place), "alice")
    for name in ("one", "two"):
        alice.send(f"/play {name}")
        assert alice.expect("stream")["clip"] == name
        end = alice.expect("stream_end")
        assert end["reason"] == "done" and end["shown"] + end["late"] + end["dropped"] == 12, end
    alice.send("/play one")
    alice.expect("stream", clip="one")
    alice.send("/play two")  # ends the one that plays
    assert alice.expect("stream_end")["reason"] == "stopped"
    alice.expect("stream", clip="two")
    assert alice.expect("stream_end")["reason"] == "done"
    alice.send("/play two", "/play none")
    assert alice.expect("stream_end")["reason"] == "stopped"
    alice.expect("error", code="not-played")
    alice.send("/play three")
    assert alice.expect("stream_end")["reason"] == "done"
    alice.quit(1)


@kit.case
def two_viewers_go_their_own_ways(place):
    card(place, seconds=3, heights="120,240")
    server = kit.Server(place)
    alice, bob = two(server)
    alice.send("/play card")
    bob.send("/play card alternate")
    frames(alice, 0, 5)
    alice.send("/stop")
    assert alice.expect("stream_end")["reason"] == "stopped"
    carol = viewer(server, "carol")  # joins while a clip plays
    alice.expect("joined", name="carol")
    bob.expect("joined", name="carol")
    carol.send("/play card 120")
    frames(carol, 0, 2)
    alice.quit()
    carol.expect("left", name="alice")
    for who in (bob, carol):
        end = who.expect("stream_end")
        assert end["reason"] == "done" and end["shown"] + end["late"] + end["dropped"] == 72, end
    works(bob, carol)


@kit.case
def a_viewer_that_goes_leaves_nothing_behind(place):
    if os.geteuid() != 0:
        raise kit.Skip("only root can see the descriptors of dend, which is not dumpable")
    card(place, seconds=30, heights="120,360")
    server = kit.Server(place)
    bob = viewer(server, "bob")
    descriptors = lambda: len(os.listdir(f"/proc/{server.process.pid}/fd"))
    before = descriptors()
    for end in (lambda c: c.quit(), lambda c: c.close(), lambda c: (c.end_input(), c.signal(15), c.wait())):
        alice = viewer(server, "alice")
        alice.send("/play card")
        frames(alice, 0, 2)
        end(alice)
        bob.expect("left", name="alice")
    assert descriptors() <= before + 4, "the server keeps files of a clip that nobody watches"
    bob.quit()


@kit.case
def the_server_stops_while_a_clip_plays(place):
    card(place, seconds=30, heights="120")
    server = kit.Server(place)
    alice = viewer(server, "alice")
    alice.send("/play card")
    frames(alice, 0, 2)
    server.stop()
    assert alice.wait() in (0, 1)
    assert alice.items[-1]["event"] != "frame", alice.items[-3:]


@kit.case
def nothing_is_written_while_a_clip_plays(place):
    kit.need("strace")
    card(place, heights="120,240,1440", seconds=1)
    server = kit.Server(place)
    root = os.geteuid() == 0
    server.den("viewer", "who")  # makes the key and what else there is once
    trace = place / "trace"
    # den is not dumpable, so only root's strace can read what it writes and so tell where the clip begins and ends.
    # Anybody else looks at a whole run that has no state to keep.
    who = server.options_for("viewer") if root else ("--ephemeral", "--name", "guest", "--pin", server.fingerprint)
    options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0:log_path=stderr"  # it would make directories
    got = kit.tool("strace", "-f", "-s", "100", "-o", trace, "-e",
                   "trace=open,openat,openat2,creat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mkdir,"
                   "mkdirat,mknod,mknodat,truncate,ftruncate,memfd_create,write", kit.program("den"),
                   *who, "--json", *HEADLESS, "play", server.address, "card",
                   env={**os.environ, "ASAN_OPTIONS": options})
    assert b'"shown"' in got
    lines = trace.read_text().splitlines()
    if root:
        marks = [i for i, line in enumerate(lines) if re.search(r'write\(1, "\{\\"event\\":\\"stream', line)]
        assert len(marks) == 2, marks
        lines = lines[marks[0]:marks[1]]
    calls = [line for line in lines if not re.search(r"\d+ +(write\(|<\.\.\. |[+-]{3})", line)]
    assert root or len(calls) > 5, calls
    opened = [line for line in calls if re.search(r"open(at2?)?\(", line)]
    assert all("O_RDONLY" in line and "O_CREAT" not in line and "O_TMPFILE" not in line for line in opened), opened
    assert calls == opened, [line for line in calls if line not in opened]


if __name__ == "__main__":
    kit.main()
