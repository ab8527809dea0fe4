"""den-clip import, with films that ffmpeg makes here."""

import os
import pty
import resource
import shutil
import signal
import subprocess
import time

import kit

CODEC = ["-c:v", "mpeg4", "-q:v", "4"]  # in every ffmpeg
films = {}                              # that were made here: many cases begin with the same


def ffmpeg(*words):
    kit.need("ffmpeg")
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, words)], check=True,
                   stdin=subprocess.DEVNULL, capture_output=True)


def film(place, name="film.mp4", size="640x480", rate="24", seconds=1, extra=()):
    path, key = place / name, (name, size, rate, seconds, *extra)
    if key not in films:
        ffmpeg("-f", "lavfi", "-i", f"testsrc=s={size}:r={rate}:d={seconds}", *CODEC, *extra, path)
        films[key] = path.read_bytes()
    path.write_bytes(films[key])
    return path


def long_film(place, seconds=40):
    """Quickly made."""
    path = place / "long.mkv"
    ffmpeg("-stream_loop", seconds // 2 - 1, "-i", film(place, seconds=2), "-c", "copy", path)
    return path


def take(place, path, *words, **options):
    return kit.run("den-clip", "import", path, *words, "--library", place / "lib", **options)


def info(place, name):
    """(fps, frames, {height: "WxH"}) as den-clip info says."""
    out, _ = kit.run("den-clip", "info", name, "--library", place / "lib")
    head = dict(line.split(":", 1) for line in out.splitlines() if ":" in line.split()[0])
    sizes = {line.split()[0]: line.split()[1] for line in out.splitlines() if line.startswith(" ")}
    counts = {line.split()[2] for line in out.splitlines() if line.startswith(" ")}
    assert counts == {head["frames"].strip()}, out  # all renditions have the same
    return head["fps"].strip(), int(head["frames"]), sizes


def grey(path, number, size):
    """Frame `number` of a rendition as size x size grey pixels: the picture, roughly."""
    raw = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "mjpeg", "-i", path, "-vf",
                          f"select=eq(n\\,{number}),scale={size}:{size}:flags=area", "-frames:v", "1", "-pix_fmt",
                          "gray", "-f", "rawvideo", "-"], check=True, capture_output=True).stdout
    assert len(raw) == size * size
    return raw


def nothing_left(place):
    return not (place / "lib").exists() or list((place / "lib").iterdir()) == []


@kit.case
def the_usual_renditions_of_a_large_film(place):
    take(place, film(place, size="2560x1440", rate="24000/1001", seconds=0.5), "big")
    fps, frames, sizes = info(place, "big")
    assert fps == "24000/1001" and frames == 12, (fps, frames)
    assert sizes == {"240p": "426x240", "720p": "1280x720", "1440p": "2560x1440"}, sizes
    kit.run("den-clip", "verify", "big", "--library", place / "lib")
    folder = place / "lib" / "big"
    assert (folder / "clip.conf").read_text() == "fps = 24000/1001\ntitle = film\n"
    assert sorted(p.name for p in folder.glob("*.idx")) == [f"{h}p.mjpeg.idx" for h in (1440, 240, 720)]


@kit.case
def frame_i_is_the_same_moment_in_all(place):
    take(place, film(place, size="1280x720", rate="10", seconds=3), "clip")
    for number in (0, 9, 10, 29):  # the test source counts seconds in large digits
        low, high = (grey(place / "lib" / "clip" / f"{h}p.mjpeg", number, 48) for h in (240, 720))
        assert sum(abs(a - b) for a, b in zip(low, high)) / len(low) < 6


@kit.case
def never_upscaled_unless_told(place):
    path = film(place, size="1920x1080", seconds=0.25)
    take(place, path, "a")
    assert list(info(place, "a")[2]) == ["240p", "720p", "1080p"]
    _, err = take(place, path, "b", "--heights", "240,1440")
    assert list(info(place, "b")[2]) == ["240p"] and "--all-heights" in err, err
    take(place, path, "c", "--heights", "240,1440", "--all-heights")
    assert info(place, "c")[2] == {"240p": "426x240", "1440p": "2560x1440"}
    take(place, film(place, size="640x272"), "d")  # hardly more than 240
    assert list(info(place, "d")[2]) == ["240p"]


@kit.case
def a_tiny_film_keeps_its_size(place):
    take(place, film(place, size="64x48"), "tiny")
    assert info(place, "tiny")[2] == {"48p": "64x48"}


@kit.case
def odd_sizes_become_even_widths(place):
    path = film(place, "odd.avi", size="853x481", extra=["-c:v", "ffv1"])
    take(place, path, "odd")
    assert info(place, "odd")[2] == {"240p": "426x240", "480p": "852x480"}, info(place, "odd")


@kit.case
def a_phone_film_is_turned_upright(place):
    flat = film(place, size="640x360")
    turned = place / "turned.mp4"
    ffmpeg("-i", flat, "-c", "copy", "-metadata:s:v", "rotate=90", turned)
    out = subprocess.run(["ffprobe", "-v", "error", "-show_streams", turned], text=True, check=True,
                         capture_output=True).stdout
    if "rotation=" not in out:  # newer ffmpeg: an option of the input
        ffmpeg("-display_rotation", "-90", "-i", flat, "-c", "copy", turned)
    take(place, turned, "turned")
    assert info(place, "turned")[2] == {"240p": "136x240", "640p": "360x640"}, info(place, "turned")


@kit.case
def pixels_become_square(place):
    path = film(place, size="720x576", rate="25", extra=["-vf", "setsar=64/45"])
    take(place, path, "wide")
    assert info(place, "wide")[2]["576p"] == "1024x576", info(place, "wide")
    path = film(place, size="640x240", extra=["-vf", "setsar=1/2"])
    take(place, path, "tall", "--heights", "240,480")
    assert info(place, "tall")[2] == {"240p": "320x240", "480p": "640x480"}, info(place, "tall")


@kit.case
def a_varying_rate_becomes_constant(place):
    path = place / "vfr.mkv"
    # Every third frame of 30 a second is missing, so frames lie 1/30 and 2/30 s apart.
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=320x240:r=30:d=3", "-vf", "select=mod(n+1\\,3)", "-vsync", "vfr",
           *CODEC, path)
    take(place, path, "vfr")
    fps, frames, _ = info(place, "vfr")
    assert fps == "30" and 88 <= frames <= 91, (fps, frames)
    take(place, path, "slow", "--fps", "12.5")
    fps, frames, _ = info(place, "slow")
    assert fps == "25/2" and 36 <= frames <= 39, (fps, frames)


@kit.case
def sound_is_left_out_and_said(place):
    path = place / "loud.mkv"
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", "-f", "lavfi", "-i", "testsrc=s=320x240:r=25:d=1", *CODEC, path)
    _, err = take(place, path)
    assert err == "den-clip: the film's sound is left out: a clip has pictures only\n", err
    assert info(place, "loud")[1] == 25
    _, err = take(place, film(place))
    assert err == "", err


@kit.case
def pictures_are_full_range_420(place):
    path = place / "range.mkv"
    ffmpeg("-f", "lavfi", "-i", "color=white:s=320x240:r=5:d=1", "-pix_fmt", "yuv420p", "-c:v", "ffv1", path)
    take(place, path, "white")
    rendition = place / "lib" / "white" / "240p.mjpeg"
    out = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=pix_fmt", "-of", "csv=p=0",
                          rendition], check=True, text=True, capture_output=True).stdout
    assert out.strip() == "yuvj420p", out
    assert min(grey(rendition, 0, 8)) >= 252


@kit.case
def quality_tells(place):
    path = film(place)
    sizes = []
    for quality in ("10", "50", "95"):
        take(place, path, "q", "--quality", quality, "--force")
        sizes.append((place / "lib" / "q" / "240p.mjpeg").stat().st_size)
    assert sizes[0] * 1.1 < sizes[1] < sizes[2] / 1.1, sizes


@kit.case
def names_and_titles_come_from_the_film(place):
    path = film(place, "Ein Sommer, 1987 .final.mp4", extra=["-metadata", "title=Am See"])
    out, _ = take(place, path)
    assert out.startswith("Ein-Sommer-1987-.final: "), out
    assert "title = Am See\n" in (place / "lib" / "Ein-Sommer-1987-.final" / "clip.conf").read_text()
    shutil.copy(film(place), place / "-i.mp4")
    take(place, "-i.mp4", code=2)  # looks like an option, and is refused as one
    kit.run("den-clip", "import", "--title", "Eigener", "--library", place / "lib", "--", "-i.mp4", cwd=place)
    assert "title = Eigener\n" in (place / "lib" / "i" / "clip.conf").read_text()


@kit.case
def an_existing_clip_is_safe(place):
    path = film(place)
    take(place, path, "clip")
    before = (place / "lib" / "clip" / "240p.mjpeg").read_bytes()
    _, err = take(place, path, "clip", "--quality", "20", code=1)
    assert "already" in err and err.count("\n") == 1, err
    (place / "bad.mp4").write_bytes(path.read_bytes()[:2000])
    take(place, place / "bad.mp4", "clip", "--force", code=1)
    assert (place / "lib" / "clip" / "240p.mjpeg").read_bytes() == before
    take(place, path, "clip", "--quality", "20", "--force")
    assert (place / "lib" / "clip" / "240p.mjpeg").read_bytes() != before
    assert [p.name for p in (place / "lib").iterdir()] == ["clip"]


@kit.case
def what_is_no_film_is_one_line(place):
    kit.need("ffprobe")
    (place / "text.mp4").write_text("no film\n" * 100)
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", place / "song.wav")
    for name, part in (("text.mp4", "can't read the film"), ("song.wav", "holds no film"),
                       ("none.mp4", "No such file")):
        out, err = take(place, place / name, code=1)
        assert out == "" and err.count("\n") == 1 and part in err and name in err, err
    # A list of other addresses is not followed.
    (place / "list.m3u8").write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n")
    _, err = take(place, place / "list.m3u8", code=1)
    assert err.count("\n") == 1, err
    assert nothing_left(place)


@kit.case
def a_cut_off_film_gives_what_there_is(place):
    path = film(place, "cut.mkv", seconds=8)
    os.truncate(path, path.stat().st_size // 2)
    _, err = take(place, path, "cut")
    frames = info(place, "cut")[1]
    assert 60 < frames < 150 and "ends early" in err, (frames, err)
    kit.run("den-clip", "verify", "cut", "--library", place / "lib")


@kit.case
def without_room_it_does_not_begin(place):
    # Half a second of film and one last frame after 80 hours: truly so long, but not large.
    path = place / "long.mkv"
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=2560x1440:r=24:d=0.5", "-vf", "setpts=if(lt(N\\,11)\\,N/24/TB\\,290000/TB)",
           "-vsync", "vfr", "-c:v", "mjpeg", path)
    free = shutil.disk_usage(place).free
    if free > 1.8e12:
        raise kit.Skip("this disk has room for 80 hours")
    _, err = take(place, path, code=1)
    assert "will take about" in err and "free" in err and err.count("\n") == 1, err
    assert nothing_left(place)


@kit.case
def a_disk_that_fills_up_leaves_nothing(place):
    path = long_film(place, seconds=20)
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200000, 200000))
    _, err = take(place, path, code=1, preexec_fn=limit, restore_signals=False)
    assert err.count("\n") == 1 and nothing_left(place), err


@kit.case
def without_ffmpeg_it_names_the_package(place):
    path = place / "film.mp4"
    path.write_bytes(b"x")
    _, err = take(place, path, code=1, env={**os.environ, "PATH": str(place)})
    assert err == "den-clip: ffprobe is missing: importing needs the package 'ffmpeg'\n", err
    kit.need("ffprobe")
    (place / "bin").mkdir()
    (place / "bin" / "ffprobe").symlink_to(shutil.which("ffprobe"))
    _, err = take(place, film(place), code=1, env={**os.environ, "PATH": str(place / "bin")})
    assert err == "den-clip: ffmpeg is missing: importing needs the package 'ffmpeg'\n", err
    assert nothing_left(place)


def begin(place):
    """An import that has begun to write, and its ffmpeg's process id."""
    path = long_film(place)
    child = subprocess.Popen([kit.program("den-clip"), "import", str(path), "--library", str(place / "lib")],
                             stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while not any(p.stat().st_size > 0 for p in (place / "lib").glob(".making-*/*.mjpeg")):
        assert time.monotonic() < deadline and child.poll() is None
        time.sleep(0.01)  # between looks, not for luck: the loop ends when it is there
    with open(f"/proc/{child.pid}/task/{child.pid}/children") as f:
        return child, int(f.read())


def gone(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


@kit.case
def an_interrupt_leaves_nothing(place):
    for number in (signal.SIGINT, signal.SIGTERM):
        child, helper = begin(place)
        child.send_signal(number)
        _, err = child.communicate(timeout=30)
        assert child.returncode == 1 and err == "den-clip: stopped, and nothing kept\n", err
        assert gone(helper) and nothing_left(place)


@kit.case
def a_killed_one_takes_ffmpeg_along_and_is_swept(place):
    child, helper = begin(place)
    child.kill()
    child.communicate()
    deadline = time.monotonic() + 30
    while not gone(helper):  # its pipe for progress has broken
        assert time.monotonic() < deadline, "ffmpeg goes on"
        time.sleep(0.01)
    take(place, film(place), "next")
    assert [p.name for p in (place / "lib").iterdir()] == ["next"]


@kit.case
def a_terminal_sees_how_far_it_is(place):
    path = long_film(place, seconds=10)
    ours, theirs = pty.openpty()
    child = subprocess.Popen([kit.program("den-clip"), "import", str(path), "--library", str(place / "lib")],
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            shown += os.read(ours, 4096)
        except OSError:  # how a pty ends
            break
    os.close(ours)
    assert child.wait() == 0
    assert b"importing: [" in shown and b" %, " in shown and shown.endswith(b"\r\033[K"), shown


@kit.case
def wrong_use_is_one_line_and_exit_2(place):
    for words, named in (([], "usage: den-clip import FILM [NAME]"), (["a", "b", "c"], "'c'"),
                         (["a", "b/c"], "'b/c'"), (["a", "b", "--heights", "0"], "'0'"),
                         (["a", "--quality", "0"], "'0'"), (["a", "--fps", "0"], "'0'"),
                         (["a", "--seconds", "1"], "'--seconds'")):
        out, err = kit.run("den-clip", "import", *words, "--library", place / "lib", code=2)
        assert out == "" and err.count("\n") == 1 and named in err, (words, err)


kit.main()
