"""10,000 members on one loop: what it costs that they are there, and 1 KB to all of them. Here is room for 20,000 descriptors a
process, or fewer come."""

import resource

import crowds
import measure

WHY = """1 KB to all, by perf with 2,000 members: send() takes half of the time, and each member's link and both its sockets come from memory,
in no cache. Among 3,000, in turn, a bare server (see chat_few) takes 10.4 us a delivery, dend 11.4, and 12.1 while its links stood in a chain. The hour
matters: 106 ms in one, 164 in another, when joining took a fifth more, too. Tried: asking for the links' lines beforehand (nothing)."""

MEMBERS = 2000 if measure.SHORT else 10000
SPARE = 600  # descriptors of dend's for other things
IDLE, MESSAGES = 5, 5


def main():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = MEMBERS if hard == resource.RLIM_INFINITY else min(MEMBERS, hard - SPARE)
    with crowds.place() as where, crowds.dend(where / "state", "--max-strangers", "200") as server, \
            crowds.Crowd(server, count, crowds.keys(count), abreast=64) as crowd:
        before = server.memory()
        join = crowd.ask("join")
        print(f"{count} members came in {join['seconds']:.0f} s, for {1e3 * join['cpu'] / count:.2f} ms of CPU each")
        crowd.ask("idle", 6)  # what idles is handed back by and by
        idle = measure.in_turn(3, den=lambda: crowd.ask("idle", IDLE))["den"]
        measure.quantity(f"{count} members, idle: share of a core", [run["cpu"] / run["seconds"] for run in idle], 0.05)
        print(f"it woke {idle[0]['wakes'] / idle[0]['seconds']:.1f} times a second")
        measure.quantity(f"{count} members, idle: memory of each", [(server.memory() - before) / count / 1e3], 20, "kB")
        said = measure.in_turn(den=lambda: crowd.ask("steady", MESSAGES, 1))["den"]
        measure.quantity(f"1 KB to {count - 1}: CPU", [1e3 * run["cpu"] / run["messages"] for run in said], 100, "ms")
        print(f"the last of them had it after {measure.median([run['worst'] for run in said]):.0f} ms")
        measure.remark(WHY)


if __name__ == "__main__":
    main()
