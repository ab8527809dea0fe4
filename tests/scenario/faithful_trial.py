"""The trial of "nothing is lost": three dens write to each other, to one and to all, while the server is killed, links
are cut and dens are killed, at moments that a seed chooses. Then all is counted, by ids:

- what was sealed and kept (`queued`), or told to be accepted (`sent`), is shown to everyone whom it was for;
- nothing is shown twice in one life of a den; in a later one only what its kill may have kept from being recorded, and
  then marked `again`;
- what one wrote is shown in the order in which it was written.

What a den wrote to its pipe before it was killed counts as shown. A line that was given to a den that was killed is given
again if that den had not said `queued`.

`make trial SEED=n MESSAGES=2000` is the long one; this case is its first seconds.
"""

import os
import pathlib
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import threading
import time

import kit


class Cable:
    """TCP through us, to be cut. It looks like the server to a den."""

    def __init__(self, server):
        self.server, self.ends, self.lock = server, [], threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.options_for = server.options_for
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near = self.listener.accept()[0]
            except OSError:
                return
            try:
                far = socket.create_connection((self.server.host, self.server.port))
            except OSError:
                near.close()
                continue
            with self.lock:
                self.ends.append((near, far))
            threading.Thread(target=self.carry, args=(near, far), daemon=True).start()

    def carry(self, near, far):
        try:
            while True:
                for end in select.select([near, far], [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    (far if end is near else near).sendall(data)
        except (OSError, ValueError):
            pass
        finally:
            with self.lock:
                if (near, far) in self.ends:
                    self.ends.remove((near, far))
            near.close(), far.close()

    def cut(self):
        with self.lock:
            for pair in self.ends:
                for end in pair:
                    try:
                        end.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        pass

    def close(self):
        self.listener.close()
        self.cut()


class Person:
    def __init__(self, server, name):
        self.name, self.cable, self.lives = name, Cable(server), []
        self.given = []     # lines that this life was given
        self.start()

    def start(self):
        self.den = kit.Client(self.cable, self.name, "--reconnect", "on", "--stay", entered=False)
        self.lives.append(self.den)

    def texts(self):
        return {event["text"] for event in self.den.seen("queued")}

    def give(self, line):
        self.given.append(line)
        try:
            self.den.send(line)
        except OSError:
            self.rise()

    def open(self):
        """Lines that were given and of which nothing was said yet."""
        queued = self.texts()
        return [line for line in self.given if line.split(" ", 2 if line.startswith("/msg") else 1)[-1] not in queued]

    def waiting(self):
        """How many of those were not refused either: to all, when nobody else was here."""
        return len(self.open()) - len([e for e in self.den.seen("error") if e["code"] == "no-member"])

    def rise(self):
        """A den that finds no server when it starts ends: then it is started again."""
        if self.den.child.poll() is None:
            return
        self.den.wait()
        assert not self.den.seen("ready"), f"{self.name} ended: {str(self.den.items[-4:])[-600:]} {self.den.err}"
        self.revive()

    def kill(self):
        self.den.signal(signal.SIGKILL)
        self.den.wait(-signal.SIGKILL)
        self.revive()

    def revive(self):
        left, self.given = self.open(), []
        self.start()
        for line in left:
            self.give(line)


def until(fits, what, patience):
    deadline = time.monotonic() + patience
    while not fits():
        assert time.monotonic() < deadline, what() if callable(what) else what
        time.sleep(0.02)     # what is waited for happens in several processes


def inside(pid):
    """Where a process is that seems to hang, as far as it can be seen here."""
    if shutil.which("gdb") is None:
        return pathlib.Path(f"/proc/{pid}/wchan").read_text()
    looked = subprocess.run(["gdb", "-batch", "-p", str(pid), "-ex", "thread apply all backtrace 12"],
                            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    return "\n".join(line for line in looked.stdout.splitlines() if re.match(r"#|Thread", line))


class Trial:
    def __init__(self, place, seed, messages, kills, cuts, deaths):
        self.chance, self.messages = random.Random(seed), messages
        self.server = kit.Server(place)
        self.people = [Person(self.server, name) for name in ("alice", "bob", "carol")]
        for person in self.people:
            person.den.expect("directory")
            for other in self.people:
                if other is not person and other.name not in [m["name"] for m in person.den.seen("directory")[0]["members"]]:
                    person.den.expect("joined", name=other.name)
        self.harm = [self.kill_server] * kills + [self.cut] * cuts + [self.kill_den] * deaths
        self.chance.shuffle(self.harm)

    def kill_server(self):
        before = [(p.den, len(p.den.seen("back")) + len(p.den.seen("ready"))) for p in self.people]
        self.server.restart(signal.SIGKILL)
        # On to the next harm as soon as somebody is back, so that it meets the others on their way.
        until(lambda: self.all_alive() and any(len(d.seen("back")) + len(d.seen("ready")) > n for d, n in before), "nobody came back", 90)

    def cut(self):
        self.chance.choice(self.people).cable.cut()

    def kill_den(self):
        self.chance.choice(self.people).kill()

    def write(self, i):
        person = self.chance.choice(self.people)
        until(lambda: self.all_alive() and person.waiting() < 16, lambda: f"{person.name} takes no lines: {inside(person.den.pid)} "
              f"{person.open()} {[e for e in person.den.items if e['event'] not in ('message', 'sealed', 'queued', 'sent')]}"[:6000], 40)
        text = f"{person.name}-{i} " + "x" * int(self.chance.paretovariate(0.6) % 3000)
        if self.chance.random() < 0.25:
            person.give(f"/all {text.strip()}")
        else:
            other = self.chance.choice([p for p in self.people if p is not person])
            person.give(f"/msg {other.name} {text.strip()}")

    def run(self):
        moments = sorted(self.chance.sample(range(5, self.messages), len(self.harm)))
        for i in range(self.messages):
            while moments and moments[0] == i:
                moments.pop(0)
                self.harm.pop()()
            self.write(i)
        self.settle()
        return self.count()

    def all_alive(self):
        for person in self.people:
            person.rise()
        return True

    def wanted(self):
        """(receiver, sender, id) of all that must be shown."""
        for person in self.people:
            for life in person.lives:
                for event in life.seen("queued"):
                    for receiver in event["for"]:
                        yield receiver["name"], person.name, event["id"]
                for event in life.seen("sent"):
                    if event["to"] != "all":
                        yield event["to"], person.name, event["id"]

    def shown(self):
        return {(person.name, event["from"], event["id"])
                for person in self.people for life in person.lives for event in life.seen("message")}

    def unsent(self):
        sent = {event["id"] for person in self.people for life in person.lives for event in life.seen("sent")}
        return {event["id"] for person in self.people for life in person.lives for event in life.seen("queued")} - sent

    def settle(self):
        def missing():
            return sorted(set(self.wanted()) - self.shown())
        until(lambda: self.all_alive() and all(p.waiting() <= 0 for p in self.people),
              lambda: f"not taken: {[(p.name, p.waiting(), inside(p.den.pid)) for p in self.people]}", 120)
        until(lambda: self.all_alive() and not missing(), lambda: f"missing: {missing()[:10]}", 120)
        # A server that was killed between writing and saying so: accepted the second time at the latest.
        until(lambda: not self.unsent(), lambda: f"never accepted: {sorted(self.unsent())[:10]}", 120)

    def count(self):
        again = 0
        for person in self.people:
            before = set()
            for life in person.lives:
                seen, last = set(), {}
                for event in life.seen("message"):
                    key = event["from"], event["id"]
                    assert key not in seen, f"twice in one life of {person.name}: {event}"
                    assert key not in before or event.get("again"), f"again and not marked: {event}"
                    assert int(event["id"]) > last.get(event["from"], 0), f"out of order: {event}"
                    again += key in before
                    seen.add(key)
                    last[event["from"]] = int(event["id"])
                before |= seen
                bad = [e for e in life.seen("error") if e["code"] not in ("no-member", "bad-envelope", "unreachable")]
                assert not bad, bad[:3]
        return {"shown": len(self.shown()), "wanted": len(set(self.wanted())), "lives": sum(len(p.lives) for p in self.people),
                "again": again, "away": sum(len(l.seen("away")) for p in self.people for l in p.lives)}

    def close(self):
        for person in self.people:
            person.cable.close()


def trial(place, seed, messages, kills, cuts, deaths):
    t = Trial(place, seed, messages, kills, cuts, deaths)
    try:
        return t.run()
    finally:
        t.close()


@kit.case
def none_is_missing_and_none_comes_twice(place):
    seed = int(os.environ.get("TRIAL_SEED", 1))
    counted = trial(place, seed, 150, kills=8, cuts=5, deaths=6)
    assert counted["shown"] >= 130 and counted["away"] >= 8, counted


if __name__ == "__main__":
    kit.main()
