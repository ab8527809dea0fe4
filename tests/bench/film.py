"""The film that players are measured with: ffmpeg's testsrc2 with noise, 150 frames at 426x240, 1280x720 and 2560x1440, about
11, 62 and 232 KB each, 60 a second. It is made once, below the build directory, in the forms

    CLIPS/film      the clip for dend: 150 frames in each rendition
    CLIPS/brief     its first three frames: what starting and ending costs
    thirds.mjpeg    for other players: a third of each rendition's frames, as den shows the clip; 720p.mjpeg, 1440p.mjpeg
    brief-*.mjpeg   the same of `brief`"""

import os
import re
import subprocess

import measure

FRAMES, BRIEF, FPS = 150, 3, 60
HEIGHTS = (240, 720, 1440)
PLACE = measure.BUILD / "bench-film"
CLIPS = PLACE / "clips"
FILTER = "scale={w}:{h},noise=c0s=6:c1s=7:c2s=7:allf=t:all_seed=1,format=yuvj420p"


def width(height):
    return height * 16 // 9 // 2 * 2  # 426 for 240


def draw(height):
    """The frames of a rendition."""
    chain = FILTER.format(w=width(height), h=height)
    film = subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=s=2560x1440:r={FPS}", "-frames:v", str(FRAMES),
                           "-vf", chain, "-c:v", "mjpeg", "-q:v", "4", "-f", "mjpeg", "-"], check=True, stdout=subprocess.PIPE).stdout
    frames = re.findall(b"\xff\xd8\xff.*?\xff\xd9(?=\xff\xd8|$)", film, re.S)
    assert len(frames) == FRAMES, (height, len(frames))
    return frames


def keep(name, frames, count):
    """As a clip, and as files for others; a third of each rendition's frames, by the schedule of dend."""
    clip = CLIPS / name
    clip.mkdir(parents=True, exist_ok=True)
    (clip / "clip.conf").write_text(f"fps = {FPS}\ntitle = {name}\n")
    before = "" if name == "film" else name + "-"
    third = [frames[HEIGHTS[i * len(HEIGHTS) // count]][i] for i in range(count)]
    (PLACE / f"{before}thirds.mjpeg").write_bytes(b"".join(third))
    for height in HEIGHTS:
        film = clip / f"{height}p.mjpeg"
        film.write_bytes(b"".join(frames[height][:count]))
        other = PLACE / f"{before}{height}p.mjpeg"
        other.unlink(missing_ok=True)
        os.link(film, other)


def make():
    done = PLACE / "done"
    if not done.exists():
        frames = {height: draw(height) for height in HEIGHTS}
        keep("film", frames, FRAMES)
        keep("brief", frames, BRIEF)
        done.touch()


def path(what, name="film"):
    """The file for another player: what is thirds, 720p or 1440p."""
    return PLACE / f"{'' if name == 'film' else name + '-'}{what}.mjpeg"
