"""The servers that film and hello parts measure, each on core 0 of a loopback: dend, and nginx and mosquitto with the same kind of
key, TLS 1.2 and the same suites, without tickets."""

import contextlib
import functools
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time

import measure

CORE = 0
SUITES = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305"
# Everything that bounds is on; what would bound the measurement itself is raised: a viewer flat out gives credit 1,000 times a second.
RAISED = ("--room-rate", "1000000", "--message-rate", "1000000", "--byte-rate", "1G", "--max-strangers-per-address", "256")
CONTROL = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control")


def own_loopback():
    """Starts this script again in a network of its own, where TCP can be told to behave as it mostly does: with BBR, which some
    machines have set, its timers and not the servers are measured."""
    if os.geteuid() != 0 or "BENCH_INSIDE" in os.environ or CONTROL.read_text().strip() in ("cubic", "reno"):
        return
    if subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode == 0:
        os.environ["BENCH_INSIDE"] = "1"
        inside = 'ip link set lo up && echo reno > "$0" && exec "$@"'
        os.execvp("unshare", ["unshare", "-n", "sh", "-c", inside, str(CONTROL), sys.executable, *sys.argv])


def tell():
    print(f"TCP's congestion control: {CONTROL.read_text().strip()}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A program that listens on `port` and can be ended."""

    def __init__(self, port, child, log):
        self.port, self.child, self.pid, self.log = port, child, child.pid, log

    def wait(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self.child.poll() is None, self.log.read_text()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return self
            time.sleep(0.02)
        raise AssertionError(f"{self.child.args} does not listen")

    def instructions(self):
        """Ends a server that callgrind counts: how many it took in all."""
        self.child.terminate()
        self.child.wait(30)
        return int(re.search(r"Collected : (\d+)", self.log.read_text())[1])


@contextlib.contextmanager
def started(place, name, port, command):
    log = place / f"{name}.log"
    with open(log, "wb") as out, measure.beside(command, CORE, stdout=out, stderr=out) as child:
        yield Server(port, child, log).wait()


def dend(place, library, *options, counted=False):
    """counted: under callgrind, which needs the server's files and system calls for itself."""
    port, count = free_port(), ["valgrind", "--tool=callgrind", f"--callgrind-out-file={place / 'counted'}"]
    return started(place, "dend", port, [*(count if counted else []), measure.BUILD / "dend", "--config", "off", "--listen",
                                         f"127.0.0.1:{port}", "--state", place / "state", "--library", library, *RAISED,
                                         *(["--no-sandbox", "--hello-seconds", 60] if counted else []), *options])


@functools.cache
def certificate(place):
    cert, key = place / "cert.pem", place / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=den", "-days", "9", "-keyout", key,
                    "-out", cert], check=True, capture_output=True)
    return cert, key


def user():
    return "root" if os.geteuid() == 0 else ""


def nginx(place, library, rate=None):
    """One worker, which is the only process. rate: bytes a second of each answer."""
    port, (cert, key) = free_port(), certificate(place)
    temporary = "\n".join(f"{kind}_temp_path {place / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    conf = place / f"nginx-{port}.conf"
    conf.write_text(f"""
        daemon off; master_process off; worker_processes 1; pid {place}/nginx-{port}.pid; error_log stderr;
        {f"user {user()};" if user() else ""} events {{ worker_connections 1024; }}
        http {{ access_log off; keepalive_requests 1000000; sendfile on; tcp_nodelay on; {temporary}
            {f"limit_rate {rate:.0f};" if rate else ""}
            server {{ listen 127.0.0.1:{port} ssl backlog=1024; root {library}; ssl_certificate {cert}; ssl_certificate_key {key};
                ssl_protocols TLSv1.2; ssl_ciphers {SUITES}; ssl_session_cache off; ssl_session_tickets off; }} }}""")
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    return started(place, f"nginx-{port}", port, [program, "-p", place, "-c", conf, "-e", "stderr"])


def mosquitto(place):
    port, (cert, key) = free_port(), certificate(place)
    conf = place / "mosquitto.conf"
    conf.write_text(f"listener {port} 127.0.0.1\ncertfile {cert}\nkeyfile {key}\ntls_version tlsv1.2\nciphers {SUITES}\n"
                    f"allow_anonymous true\npersistence false\nlog_type error\n" + (f"user {user()}\n" if user() else ""))
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    return started(place, "mosquitto", port, [program, "-c", conf])
