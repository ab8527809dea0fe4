"""What a room of 50 notices of 900 who come in at once, beside the same at mosquitto: the p99 of messages, one at a time."""

import crowds
import measure

WHY = """A private-key step takes 1.7 ms here, and a message waits for one at most, which began before it came. The rest of what is more than
before the storm is the room, which grows: a message to 950 takes 4 ms to send, and one that comes then waits for it."""

ROOM, STORM, RATE = 50, 900, 100
RUNS = 1 if measure.SHORT else 3


def storm(server, room, keys):
    """(p99 of calm, p99 while they come, p99 when all are there and it is calm again), in ms."""
    calm = room.ask("steady", 1, RATE)["p99"]
    with crowds.Crowd(server, STORM, keys, prefix="s", abreast=STORM, low=True) as many:
        room.begin("storm", 60, RATE)
        many.ask("join")
        room.begin("idle", 0)
        coming = room.end()["p99"]
        room.end()
        return calm, coming, room.ask("steady", 1, RATE)["p99"]


def main():
    keys = crowds.keys(STORM)
    with crowds.place() as where, crowds.dend(where / "state") as den, crowds.mosquitto(where) as mqtt, \
            crowds.Crowd(den, ROOM + 1, keys) as dens, crowds.Crowd(mqtt, ROOM + 1, "-") as mqtts:
        dens.ask("join")
        mqtts.ask("join")
        got = measure.in_turn(RUNS, den=lambda: storm(den, dens, keys), mosquitto=lambda: storm(mqtt, mqtts, "-"))
    measure.compare(f"p99 among {ROOM} while {STORM} join at once", {name: [run[1] for run in runs] for name, runs in got.items()},
                    "den", 1.0, "ms")
    measure.quantity(f"the same before the {STORM} come", [run[0] for run in got["den"]], "-", "ms")
    measure.quantity(f"the same once the {STORM} are there, who get every message, too", [run[2] for run in got["den"]], "-", "ms")
    measure.remark(WHY)


if __name__ == "__main__":
    main()
