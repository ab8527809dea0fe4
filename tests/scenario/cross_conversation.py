"""A whole conversation of another machine's dend and den (run by an emulator, tests/run --under), and of theirs with ours."""

import contextlib
import os
import pathlib

import cinema_room as room
import kit

EMULATED, NATIVE = kit.BUILD, pathlib.Path(os.environ["DEN_NATIVE"])


@contextlib.contextmanager
def native():
    """What is started meanwhile is this machine's own."""
    kit.BUILD = NATIVE
    try:
        yield
    finally:
        kit.BUILD = EMULATED


def converse(alice, bob):
    """Sealed messages both ways, each shown once and to nobody else as text."""
    text = "Grüße — ¿qué tal? 你好 " + "x" * 3000
    for sender, receiver in ((alice, bob), (bob, alice)):
        sender.send(f"/msg {receiver.name} {text}")
        assert receiver.expect("message", text=text)["from"] == sender.name
    for client in (alice, bob):
        assert len(client.seen("message")) == 1


def watch(folder, client):
    """A clip to its end: its pictures are those in the files, byte by byte, and were shown."""
    client.send("/play card")
    assert client.expect("stream_end")["reason"] == "done"
    frames = client.seen("frame")
    assert [f["number"] for f in frames] == list(range(24))
    room.check_bytes(folder, frames)
    shown = [f for f in frames if f["outcome"] == "shown"]
    assert len(shown) > 6 and not [f for f in frames if f["outcome"] == "skipped"], frames


def card(place):
    return room.card(place, heights="240,480", fps="8", seconds=3, quality=60)


@kit.case
def the_other_machine_among_itself(place):
    folder = card(place)
    server = kit.Server(place)
    alice, bob = room.two(server)
    converse(alice, bob)
    watch(folder, bob)
    for client in (alice, bob):
        client.quit()
    assert server.stop() == 0


@kit.case
def its_server_and_our_clients(place):
    folder = card(place)
    server = kit.Server(place)
    with native():
        alice = room.viewer(server, "alice")
    bob = room.viewer(server, "bob")
    alice.expect("joined", name="bob")
    converse(alice, bob)
    watch(folder, alice)


@kit.case
def our_server_and_its_clients(place):
    with native():
        folder = card(place)
        server = kit.Server(place)
    alice, bob = room.two(server)
    converse(alice, bob)
    watch(folder, bob)


@kit.case
def a_state_moves_from_machine_to_machine(place):
    """Keys, contacts, log: written by one, read by the other."""
    card(place)
    with native():
        server = kit.Server(place)
        alice, bob = room.two(server)
        converse(alice, bob)
        before = (alice.fingerprint, server.fingerprint)
        alice.quit()
        bob.quit()
        server.stop()
    server.start()
    alice, bob = room.two(server)
    assert (alice.fingerprint, server.fingerprint) == before
    converse(alice, bob)
    alice.quit()
    with native():
        alice = room.viewer(server, "alice")
    alice.send("/msg bob home again")
    assert bob.expect("message", text="home again")["from"] == "alice"


@kit.case
def both_draw_the_same_card(place):
    """The JPEG coder's vector code differs from machine to machine, and what it writes does not."""
    theirs = {film.name: film.read_bytes() for film in card(place / "theirs").iterdir()}
    with native():
        ours = {film.name: film.read_bytes() for film in card(place / "ours").iterdir()}
    films = [name for name in theirs if name.endswith(".mjpeg")]
    assert len(films) == 2 and all(theirs[name] == ours[name] for name in films)


kit.main()
