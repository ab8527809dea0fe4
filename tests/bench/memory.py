"""Memory of dend as the kernel counts it (VmRSS), in MB of 1,000,000 bytes, and of mosquitto beside it.

Members are a crowd (crowds.py): what the server keeps for each of them once it has the directory and 100 messages went by."""

import pathlib

import crowds
import measure

MEMBERS = 100
MESSAGES = 100


def memory(program, which="VmRSS"):
    """Bytes."""
    for line in pathlib.Path(f"/proc/{program.pid}/status").read_text().splitlines():
        if line.startswith(which + ":"):
            return 1024 * int(line.split()[1])
    raise AssertionError(f"no {which}")


def row(what, figure, reach, unit):
    print(f"{what} | {figure:.2f} {unit} | - | {figure:.2f} | {reach}", flush=True)


def of_members(server, keys):
    """Bytes of each when all was said, and when they have idled."""
    empty = server.memory()
    each = lambda: (server.memory() - empty) / MEMBERS
    with crowds.Crowd(server, MEMBERS, keys) as crowd:
        crowd.ask("join")
        crowd.ask("steady", 1, MESSAGES)
        busy = each()
        crowd.ask("idle", 11)  # what idles is handed back by and by
        return busy, each()


def main():
    with crowds.place() as place:
        with crowds.dend(place / "state") as server:
            row("dend idle, RSS", server.memory() / 1e6, 3, "MB")
            busy, idle = of_members(server, crowds.keys(MEMBERS))
        with crowds.mosquitto(place) as server:
            peer = of_members(server, "-")[1]
        measure.row(f"dend, each of {MEMBERS} members after {MESSAGES} messages, RSS", f"{idle / 1e3:.2f} kB", f"mosquitto {peer / 1e3:.2f}",
                    f"{idle / 1e3:.2f}", 20)
        print(f"dend, each of {MEMBERS} members right after the last message: {busy / 1e3:.1f} kB")


if __name__ == "__main__":
    main()
