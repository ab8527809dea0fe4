"""TLS hellos, and whole joins of dend's room, for each second of the server's processor time: beside nginx and mosquitto, and
beside what BearSSL's engine takes by itself (tests/bench/load_hellos.c). Servers have core 0, who comes core 1."""

import pathlib
import tempfile

import measure
import servers

LOAD = measure.BUILD / "tests" / "load_hellos"
AT_ONCE = 4
WHY = """Why no more: of the instructions of one hello 77 % are BearSSL's RSA signature, 5 % its X25519 (callgrind). OpenSSL, in nginx and mosquitto, signs in a quarter of that time here (openssl speed: 0.28 ms; BearSSL's i62 1.2 ms), so the engine alone is as far behind them. What helped: the processor is asked once what it can do, not seven times a hello (CPUID is a trap in a virtual machine)."""


def load(*words):
    done = measure.run([LOAD, *words], core=0 if words[0] == "floor" else 1)
    assert done.code == 0, done.out
    return [int(word) for word in done.out.split()]


def rate(*words):
    count, cpu, *_ = load(*words)
    return count / (cpu / 1e9)


def beside_floor(what, values, floor, reach):
    measure.row(what, f"{measure.show(measure.median(values))}", "-", measure.ratio(values, floor), reach,
                measure.show(measure.median(floor)), f"{len(values)}: {measure.spread(values)}, {measure.spread(floor)}", steady=True)


def hellos(place, server):
    values = {"den": lambda: rate("tls", server.port, AT_ONCE, server.pid, 1), "floor": lambda: rate("floor", "tls", 0.5)}
    if measure.SHORT:
        values = measure.in_turn(**values)
    else:
        with servers.nginx(place, place) as nginx, servers.mosquitto(place) as mosquitto:
            values = measure.in_turn(**values, nginx=lambda: rate("tls", nginx.port, AT_ONCE, nginx.pid, 1),
                                     mosquitto=lambda: rate("tls", mosquitto.port, AT_ONCE, mosquitto.pid, 1))
    floor = values.pop("floor")
    beside_floor("TLS hellos a CPU second, of the engine alone", values["den"], floor, ">= 0.9")
    if not measure.SHORT:
        measure.compare("the same, of the best server", values, "den", ">= 0.85", better=max)


def joins(server):
    values = measure.in_turn(den=lambda: rate("join", server.port, AT_ONCE, server.pid, 1), floor=lambda: rate("floor", "join", 0.5))
    beside_floor("whole joins a CPU second, of the engine and the session key's signature alone", values["den"], values["floor"], ">= 0.85")


def instructions(place):
    """Of dend for one hello, by callgrind: what starting costs is taken off."""
    def counted(seconds):
        with servers.dend(place, place, counted=True) as server:
            hellos = load("tls", server.port, 1, server.pid, seconds)[4] if seconds else 0
            return server.instructions(), hellos
    (few, first), (many, count) = counted(0.1), counted(2)
    per = (many - few) / (count - first) / 1e6
    measure.row("dend's instructions for one TLS hello, by callgrind", f"{per:.2f} million", figure=per, steady=True)


def main():
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        with servers.dend(place, place) as server:
            hellos(place, server)
            joins(server)
        if not measure.SHORT:
            print(WHY)
        instructions(place)


if __name__ == "__main__":
    main()
