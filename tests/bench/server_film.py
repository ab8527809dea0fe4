"""The film server: processor time of dend, one clip for many viewers over TLS, beside nginx with the same bytes, cipher
and readers (tests/bench/load_viewers.c). Each server has core 0, the readers core 1; MB are 1,000,000 bytes.

The film is drawn by den-clip, with frames of 63 kB: about what a busy film has at 720p."""

import pathlib
import subprocess
import tempfile

import measure
import servers

COUNTS = {1: 1.0, 8: 1.1, 64: 1.2}  # viewers: what to reach of nginx
VIEWERS = 64
FPS, SECONDS, QUALITY = 25, 9, 63
COPIES = 7  # of what is drawn: 99 MB, so that no cache of the processor holds the film
LOAD = measure.BUILD / "tests" / "load_viewers"
HELLOS = measure.BUILD / "tests" / "load_hellos"

WHY = """Why no more: to 8 viewers BearSSL's AES-GCM takes 33 % of dend's time, the kernel's copies out of the page cache and into TCP 32 %, the rest of TCP with its softirqs and the readers' wake-ups 20 %, finding pages 7 %, dend's own lines 2 % (perf); of dend's instructions 97 % are BearSSL's GCM (callgrind). nginx's OpenSSL seals 1.45 times as fast (5.8 GB/s here).
What helped: MSG_MORE on full records (TCP 25 % before, 10 % after), pieces as large as the credit that is given (3.4 reads a record before in pace, 1.2 after). Tried without gain: 12, 16 and 32 records a turn instead of 8, TCP_NOTSENT_LOWAT of 256 KB, read-ahead hints (16 of 6,000 reads of a film that is not in memory wait for the disk). A faster GCM would help; cryptography written by hand is not for Den."""


def make_film(place):
    """(the library, bytes a second of one viewer)"""
    subprocess.run([measure.BUILD / "den-clip", "testcard", "film", "--library", place / "lib", "--heights", "720", "--fps", str(FPS),
                    "--seconds", str(SECONDS), "--quality", str(QUALITY)], check=True, stdout=subprocess.DEVNULL)
    film = place / "lib" / "film" / "720p.mjpeg"
    drawn = film.read_bytes()
    film.write_bytes(drawn * COPIES)  # what is beside it as its index is stale now, and made anew
    return place / "lib", len(drawn) / SECONDS


def load(kind, port, count, cipher, pid, seconds, *more):
    """(bytes, seconds of that process, of the load itself, of the clock)"""
    done = measure.run([LOAD, kind, port, count, cipher, pid, seconds, *more], core=1)
    assert done.code == 0, done.out
    size, cpu, own, wall, _ = map(int, done.out.split())
    return size, cpu / 1e9, own / 1e9, wall / 1e9


def rate(*words):
    size, cpu, _, _ = load(*words)
    return size / 1e6 / cpu


def sealed(cipher):
    """MB that one second seals, by the code that dend uses, and nothing else."""
    size, cpu, *_ = map(int, measure.run([HELLOS, cipher, 0.5], core=0).out.split())
    return size / 1e6 / (cpu / 1e9)


def flat_out(server, nginx):
    for count, reach in COUNTS.items():
        values = measure.in_turn(den=lambda: rate("den", server.port, count, "aes", server.pid, 1.5),
                                 nginx=lambda: rate("https", nginx.port, count, "aes", nginx.pid, 1.5),
                                 floor=lambda: sealed("aes"))
        floor = values.pop("floor")
        viewers = f"{count} viewer{'s' if count > 1 else ''}"
        measure.compare(f"a film to {viewers} as fast as they take it, AES-128-GCM", values, "den", f">= {reach}",
                        "MB/CPU s", floor, better=max)


def chacha(server):
    values = measure.in_turn(den=lambda: rate("den", server.port, 8, "chacha", server.pid, 1.5), floor=lambda: sealed("chacha"))
    ours, floor = values["den"], values["floor"]
    measure.row("the same to 8 viewers, ChaCha20-Poly1305, of the sealing alone", f"{measure.show(measure.median(ours))} MB/CPU s", "-",
                measure.ratio(ours, floor), ">= 0.85", measure.show(measure.median(floor)),
                f"{len(ours)}: {measure.spread(ours)}, {measure.spread(floor)}")


def in_pace(server, nginx, pace):
    """nginx keeps a rate by and large only: both are counted as if they had kept it exactly."""
    values = measure.in_turn(runs=3, den=lambda: rate("den", server.port, VIEWERS, "aes", server.pid, 4, "fps"),
                             nginx=lambda: rate("https", nginx.port, VIEWERS, "aes", nginx.pid, 4, "fps"))
    ours, theirs = ([100 * VIEWERS * pace / 1e6 / value for value in values[name]] for name in ("den", "nginx"))
    measure.row(f"{VIEWERS} viewers at {FPS} fps, {VIEWERS * pace / 1e6:.0f} MB/s: share of a core", f"{measure.median(ours):.1f} %",
                f"nginx {measure.median(theirs):.1f} %", measure.median(ours), 6, "-",
                f"{len(ours)}: {measure.spread(ours)}, {measure.spread(theirs)}")


def instructions(place, library):
    """Of dend per KiB of film, by callgrind: what a viewer's coming costs is taken off."""
    def counted(seconds):
        with servers.dend(place, library, counted=True) as server:
            done = measure.run([LOAD, "den", server.port, 1, "aes", server.pid, seconds], core=1)
        assert done.code == 0, done.out
        return server.instructions(), int(done.out.split()[4])
    counted(0)  # makes the key and the index
    (few, first), (many, size) = counted(0), counted(3)
    per = (many - few) / (size - first) * 1024
    measure.row("dend's own instructions for 1 KiB of film to one viewer, by callgrind", f"{per:.0f}", figure=per, steady=True)


def main():
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        library, pace = make_film(place)
        if not measure.SHORT:
            with servers.dend(place, library) as server, servers.nginx(place, library) as nginx:
                flat_out(server, nginx)
                chacha(server)
            with servers.dend(place, library) as server, servers.nginx(place, library, pace) as nginx:
                in_pace(server, nginx, pace)
            servers.tell()
            print(WHY)
        instructions(place, library)


if __name__ == "__main__":
    servers.own_loopback()
    main()
