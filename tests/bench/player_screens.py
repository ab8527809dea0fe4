"""Whole screens, 1280x720 XRGB, thirds: fbdev and kms on devices that tests/scenario/shim.c plays, beside an mpv without any
output."""

import film
import measure
import players

import screens

REACH, FLOOR = 2.5, 1.7  # ms: what is to be reached where TurboJPEG alone takes so much; as a ratio it holds in any hour
WHY = """Why no more: by perf on a quiet machine, of fbdev's time 72 % are TurboJPEG's, 11 % painting, 11 % the kernel's, 2 % the cipher's; of
kms's 64 %, 13 %, 11 %, 2 %, and 6 % memset's, most of that in TurboJPEG. What helped: stores that go past the caches (0.26 ms for
kms), painting what the framebuffer shows instead of a copy of it (0.5 ms for fbdev), waking the loop for several frames that were
shown (0.09 ms), scaling by picking from vectors (0.05 ms). All of it together, in turn with den before it: in a good hour fbdev 3.07 to
2.42 ms, in a bad one fbdev 3.86 to 3.01 and kms 3.76 to 3.41. mpv, without any output, takes more."""


def devices(b):
    """Name and environment of each."""
    for name, put in (("fbdev", "framebuffer"), ("kms", "card")):
        place = b.place / name
        place.mkdir()
        device = screens.Devices(place, console=False)
        getattr(device, put)(players.WIDTH, players.HEIGHT)
        yield name, device.env


def main():
    with players.bench() as b:
        runs = {name: lambda clip, name=name, env=env: measure.run(b.den("thirds", clip, "--display", name), env=env)
                for name, env in devices(b)}
        quiet = [word for word in players.PEERS["mpv"] if not str(word).startswith(("--vo", "--geometry"))] + ["--vo=null"]
        runs["mpv --vo=null"] = lambda clip: measure.run([*quiet, film.path("thirds", clip)])
        briefs = measure.in_turn(3, **{n: lambda r=r: r("brief") for n, r in runs.items()})
        films = measure.in_turn(None, turbo=lambda: players.turbo("thirds"), paced=lambda: players.turbo("thirds", film.FPS),
                                **{n: lambda r=r: r("film") for n, r in runs.items()})
        floor, paced = films.pop("turbo"), films.pop("paced")
        assert all(done.code == 0 for of in (*briefs.values(), *films.values()) for done in of)
        costs = {n: [players.a_frame(done, measure.median([d.cpu for d in briefs[n]])) for done in of] for n, of in films.items()}
        for name in ("fbdev", "kms"):
            measure.row(f"{name}, {players.WIDTH}x{players.HEIGHT} XRGB, thirds, CPU a frame", f"{measure.median(costs[name]):.2f} ms",
                        f"mpv null {measure.median(costs['mpv --vo=null']):.2f}", measure.median(costs[name]), REACH,
                        measure.show(measure.median(floor)), f"{len(floor)}: {measure.spread(costs[name])}")
            measure.row(f"{name}, the same, of TurboJPEG alone", f"{measure.median(costs[name]):.2f} ms",
                        f"TurboJPEG {measure.show(measure.median(floor))}", measure.median(costs[name]) / measure.median(floor),
                        f"{REACH / FLOOR:.2f}", runs=f"{len(floor)}: {measure.spread(floor)}")
            print(players.rhythm(name, costs[name], paced))
        measure.remark(WHY)


if __name__ == "__main__":
    main()
