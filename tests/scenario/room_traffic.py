"""What goes over the wire, counted from outside: a client keeps its own directory and never asks."""

import socket
import threading

import kit

APPLICATION = 23


class Tap:
    """A TCP proxy in front of a server that counts TLS records of application data, each way."""

    def __init__(self, server):
        self.server, self.place = server, server.place
        self.counts = {"up": 0, "down": 0}
        self.bytes = {"up": b"", "down": b""}
        self.changed = threading.Condition()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def options_for(self, name, *options):
        return self.server.options_for(name, *options)

    def accept(self):
        client, _ = self.listener.accept()
        self.listener.close()
        server = socket.create_connection((self.server.host, self.server.port))
        for way, source, target in (("up", client, server), ("down", server, client)):
            threading.Thread(target=self.pump, args=(way, source, target), daemon=True).start()

    def pump(self, way, source, target):
        partial = b""
        while data := source.recv(65536):
            partial += data
            with self.changed:
                self.bytes[way] += data
                while len(partial) >= 5 and len(partial) >= 5 + int.from_bytes(partial[3:5], "big"):
                    self.counts[way] += partial[0] == APPLICATION
                    partial = partial[5 + int.from_bytes(partial[3:5], "big"):]
                self.changed.notify_all()
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)

    def now(self):
        with self.changed:
            return self.counts["up"], self.counts["down"]


def entered(server, name):
    tap = Tap(server)
    return tap, kit.Client(tap, name)


@kit.case
def nothing_is_asked_when_others_come_and_go(place):
    server = kit.Server(place)
    tap, alice = entered(server, "alice")
    alice.expect("past")
    before = tap.now()[0]
    for name in ("bob", "carol"):
        kit.Client(server, name).quit()
        alice.expect("joined", name=name), alice.expect("left", name=name)
    alice.send("/who", "/key bob", "/help")
    alice.expect("directory"), alice.expect("key")
    assert tap.now()[0] == before
    alice.quit()


@kit.case
def a_message_costs_one_record_each_way_and_no_question(place):
    server = kit.Server(place)
    bob = kit.Client(server, "bob")
    tap, alice = entered(server, "alice")
    tap_carol, carol = entered(server, "carol")
    alice.expect("joined", name="carol"), bob.expect("joined", name="carol")
    alice.expect("past"), carol.expect("past")
    up, down = tap.now()
    quiet = tap_carol.now()[0]
    for i in range(1, 6):
        alice.send(f"/msg bob number {i}")
        alice.expect("sent")
        bob.expect("message", text=f"number {i}")
        carol.expect("sealed", number=i)
        assert tap.now() == (up + i, down + i)      # SEND up, ACCEPTED down
    bob.send("/msg alice and back")
    alice.expect("message", text="and back")
    assert tap.now() == (up + 5, down + 6)          # receiving answers nothing
    carol.expect("sealed", number=6)
    assert tap_carol.now()[0] == quiet              # nor does failing to open


@kit.case
def the_wire_shows_no_names_and_no_text(place):
    server = kit.Server(place, "--room", "secretroom")
    bob = kit.Client(server, "bobsname")
    tap, alice = entered(server, "alicesname")
    alice.send("/msg bobsname attack at dawn", "/all attack at dawn")
    bob.expect("message", to="one"), bob.expect("message", to="all")
    alice.quit()
    for way in ("up", "down"):
        assert len(tap.bytes[way]) > 2000
        for word in (b"attack", b"bobsname", b"alicesname", b"secretroom", b"BEGIN PUBLIC KEY"):
            assert word not in tap.bytes[way], (way, word)
    # Nor does the server keep what it can't read, or write it anywhere else.
    kept = b"".join(p.read_bytes() for p in server.state.rglob("*") if p.is_file())
    assert b"attack" not in kept and b"attack" not in server.process.err


@kit.case
def a_link_cut_into_single_bytes_works(place):
    """Two messages in one segment, one message in many."""
    server = kit.Server(place)
    tap = Tap(server)

    def pump(way, source, target):
        target.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while data := source.recv(65536):
            for i in range(len(data)):
                target.sendall(data[i:i + 1])
        target.shutdown(socket.SHUT_WR)

    tap.pump = pump
    alice, bob = kit.Client(tap, "alice"), kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    alice.send("/msg bob " + "x" * 5000, "/msg bob one", "/msg bob two")
    assert [len(bob.expect("message")["text"]) for _ in range(3)] == [5000, 3, 3]
    bob.send("/msg alice back", "/all all")
    alice.expect("message", text="back"), alice.expect("message", text="all")
    alice.quit()
    bob.expect("left")


kit.main()
