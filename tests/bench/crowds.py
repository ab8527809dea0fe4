"""What the parts about chat share: dend and its peers over TLS, on core 0, and crowds of their clients on core 1 (tests/bench/crowd).
The same bytes go to the same number of clients over the same cipher.

dend's log stands in memory (/dev/shm): it is written and synced as anywhere, but no peer has a disk to wait for."""

import contextlib
import functools
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import measure

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
SERVERS, CROWDS = ({0}, {1}) if len(os.sched_getaffinity(0)) > 1 else ({0}, {0})
# Everything that bounds is on; what would bound the measurement itself is raised.
RAISED = ("--room-rate", "1000000", "--message-rate", "1000000", "--byte-rate", "1G", "--max-strangers", "10000",
          "--max-strangers-per-address", "10000", "--max-new-names", "100000", "--hello-seconds", "600")


FLOOR = 1.1  # dend against a bare server
WINDOWS = 8, 16  # messages under way, of one sender; the larger in the smallest room alone, where what each wake-up costs counts most


def on(cores, low=False):
    def prepare():
        os.sched_setaffinity(0, cores)
        if low:
            os.nice(19)
    return prepare


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A server on core 0. `speech`: how a crowd speaks to it."""

    def __init__(self, speech, *command):
        self.speech, self.port = speech, free_port()
        self.log = open(os.path.join(os.environ.get("TMPDIR", "/tmp"), f"{speech}.log"), "ab")
        self.child = subprocess.Popen([str(word).replace("PORT", str(self.port)) for word in command], stdin=subprocess.DEVNULL,
                                      stdout=self.log, stderr=self.log, preexec_fn=on(SERVERS))
        self.pid = self.child.pid
        self.wait()

    def wait(self):
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert self.child.poll() is None and time.monotonic() < deadline, pathlib.Path(self.log.name).read_text()[-500:]
            time.sleep(0.02)

    def memory(self):
        return measure.status(self.pid, "VmRSS")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait()
        self.log.close()


def dend(state, *options):
    return Server("den", measure.BUILD / "dend", "--config", "off", "--listen", "127.0.0.1:PORT", "--state", state, "--library", state, *RAISED,
                  *options)


def certificate(place):
    """One of an RSA-2048 key, as dend's, for the peers: (certificate, key)."""
    cert, key = place / "cert.pem", place / "key.pem"
    if not cert.exists():
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=den", "-days", "9", "-keyout", key,
                        "-out", cert], check=True, capture_output=True)
    return cert, key


def mosquitto(place):
    cert, key = certificate(place)
    conf = place / "mosquitto.conf"
    conf.write_text(f"listener PORT 127.0.0.1\ncertfile {cert}\nkeyfile {key}\ntls_version tlsv1.2\n"
                    f"ciphers ECDHE-RSA-AES128-GCM-SHA256\nallow_anonymous true\nset_tcp_nodelay true\npersistence false\n"
                    f"user {'root' if os.geteuid() == 0 else ''}\nlog_type error\n")
    return Peer("mqtt", conf, "/usr/sbin/mosquitto", "-c", conf)


def ngircd(place):
    cert, key = certificate(place)
    conf = place / "ngircd.conf"
    conf.write_text(f"[Global]\nName = irc.bench.local\nInfo = bench\nListen = 127.0.0.1\nServerUID = root\nServerGID = root\n"
                    f"[Limits]\nMaxConnections = 0\nMaxConnectionsIP = 0\nMaxJoins = 0\nMaxPenaltyTime = 0\nPingTimeout = 600\n"
                    f"[Options]\nDNS = no\nIdent = no\nPAM = no\nOperCanUseMode = no\nDefaultUserModes = i\n"
                    f"[SSL]\nCertFile = {cert}\nKeyFile = {key}\nPorts = PORT\n"
                    f"CipherList = NONE:+VERS-TLS1.2:+ECDHE-RSA:+AES-128-GCM:+AEAD:+SIGN-ALL:+GROUP-ALL:+COMP-NULL\n")
    return Peer("irc", conf, "/usr/sbin/ngircd", "-n", "-f", conf)


class Peer(Server):
    """Its port stands in its configuration."""

    def __init__(self, speech, conf, *command):
        self.conf = conf
        text = conf.read_text()
        port = free_port()
        conf.write_text(text.replace("PORT", str(port)))
        self.fixed = port
        super().__init__(speech, *command)

    def wait(self):
        self.port = self.fixed
        super().wait()


def bare(place, *more):
    """The least that can be a server of a room, for a floor: tests/bench/bare_room.c."""
    return Server("bare", measure.BUILD / "tests" / "bare_room", "PORT", place / f"said{len(more)}", *more)


class Crowd:
    """COUNT clients of that server in one process on core 1."""

    def __init__(self, server, count, keys, prefix="c", abreast=16, low=False):
        self.count = count
        self.child = subprocess.Popen([measure.BUILD / "tests" / "crowd", server.speech, f"127.0.0.1:{server.port}", str(count), prefix,
                                       str(server.pid), keys, str(abreast)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                      preexec_fn=on(CROWDS, low))

    def begin(self, *words):
        print(*words, file=self.child.stdin, flush=True)

    def end(self):
        line = self.child.stdout.readline()
        assert line, "the crowd ended"
        got = {k: float(v) for k, v in (item.split("=") for item in line.split())}
        got["each"] = got["cpu"] / got["deliveries"] if got["deliveries"] else 0
        return got

    def ask(self, *words):
        self.begin(*words)
        return self.end()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.child.stdin.close()
        self.child.wait(20)
        self.child.stdout.close()


def keys(count):
    """A file of so many keys (crowd_keys.py)."""
    path = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"keys-{count}")
    if not os.path.exists(path):
        subprocess.run([sys.executable, TOP / "tests" / "bench" / "crowd_keys.py", path, str(count)], check=True)
    return path


@contextlib.contextmanager
def place():
    """An empty directory in memory."""
    with tempfile.TemporaryDirectory(prefix="den-bench-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as name:
        yield pathlib.Path(name)


# Messages a second, one at a time: so few that each finds everybody idle. And for so many seconds: a few messages decide about p99.
RATES = {10: 200, 100: 100, 500: 20, 900: 10}
STEADY = {10: 2, 100: 1.5, 500: 1, 900: 1}


def in_flight(count, den, mosquitto, bare):
    for window in WINDOWS if count == min(RATES) else WINDOWS[:1]:
        runs = measure.in_turn(den=lambda: den.ask("flood", 0.8, window), mosquitto=lambda: mosquitto.ask("flood", 0.8, window),
                               bare=lambda: bare.ask("flood", 0.8, window))
        many = {name: [1e-3 / run["each"] for run in runs[name]] for name in runs}
        what = f"1 KB to {count}, {window} in flight: thousand deliveries a CPU second"
        floor = many.pop("bare")
        measure.compare(what, many, "den", ">= 2.5", floor=floor, better=max)
        measure.compare(f"{what}, of a bare server's", {"den": many["den"], "bare": floor}, "den", f">= {1 / FLOOR:.2f}", better=max)


def one_at_a_time(count, crowds):
    runs = measure.in_turn(**{name: functools.partial(crowd.ask, "steady", STEADY[count], RATES[count]) for name, crowd in crowds.items()})
    each = {name: [1e6 * run["each"] for run in runs[name]] for name in runs}
    late = {name: [run["p99"] for run in runs[name]] for name in runs}
    what = f"1 KB to {count}, one at a time"
    measure.compare(f"{what}: CPU a delivery", {name: each[name] for name in ("den", "mosquitto")}, "den", 0.6, "us", each["bare"])
    for name, of in ("bare", "of a bare server's"), ("aside", "of one's that syncs on a thread, as dend"):
        measure.compare(f"{what}: CPU a delivery, {of}", {"den": each["den"], name: each[name]}, "den", FLOOR, "us")
    measure.compare(f"{what}: p99", {name: late[name] for name in ("den", "mosquitto", "ngircd")}, "den", 1.0, "ms", late["bare"])


def compare(count):
    """Rows of `count` receivers, in rooms that are all there at once and speak in turn."""
    with contextlib.ExitStack() as stack:
        where = stack.enter_context(place())
        servers = {"den": dend(where / "state"), "mosquitto": mosquitto(where), "ngircd": ngircd(where), "bare": bare(where),
                   "aside": bare(where, "aside")}
        for server in servers.values():
            stack.enter_context(server)
        crowds = {name: stack.enter_context(Crowd(server, count + 1, keys(count + 1) if name == "den" else "-"))
                  for name, server in servers.items()}
        for crowd in crowds.values():
            crowd.ask("join")
        in_flight(count, crowds["den"], crowds["mosquitto"], crowds["bare"])
        one_at_a_time(count, crowds)
