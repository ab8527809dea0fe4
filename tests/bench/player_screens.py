"""Whole screens, 1280x720 XRGB, thirds: fbdev and kms on devices that tests/scenario/shim.c plays, beside an mpv without any
output."""

import film
import measure
import players

import screens

WHY = """Why no more: the same pixels are painted as in a window, where 61 % are TurboJPEG's, 16 % painting, 15 % the kernel's (perf; see
player_thirds). kms itself was profiled on a busy machine only, where other threads decoded: 51 % TurboJPEG, 30 % den's own code,
nearly all of it painting, 12 % the kernel. mpv, without any output, takes more."""


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
                        f"mpv null {measure.median(costs['mpv --vo=null']):.2f}", measure.median(costs[name]), 2.5,
                        measure.show(measure.median(floor)), f"{len(floor)}: {measure.spread(costs[name])}")
            print(players.rhythm(name, costs[name], paced))
        measure.remark(WHY)


if __name__ == "__main__":
    main()
