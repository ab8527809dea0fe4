"""The link is lost while a clip plays: it goes on from its frame when the room is back, each frame once."""

import shutil
import signal

import cinema_room as room
import kit
from faithful_trial import Cable

ON = ("--reconnect", "on")
SLOW = ("--rate", "300K")  # or a whole clip would come at once
FRAMES = 96


def card(place, **more):
    return room.card(place, **({"seconds": 8, "fps": "12", "heights": "120,144,180"} | more))


def viewer(server, *options):
    return room.viewer(server, "alice", *ON, *options)


class OneShot(kit.Client):
    def __init__(self, server, name, verb, *words):
        options = server.options_for(name, "--json", *room.HEADLESS, *ON)
        kit.Running.__init__(self, kit.program("den"), *options, verb, server.address, *words)


def runs_dry(alice):
    """The link is lost: waits until all that had come was shown. The frame that comes next."""
    frame = alice.expect("stream_away")["frame"]
    assert 0 < frame < FRAMES, frame
    alice.expect("frame", number=frame - 1)
    return frame


def check_whole(folder, client, count=FRAMES):
    """Every frame was there once, in order, with the bytes of its place in the film."""
    frames = client.seen("frame")
    assert [f["number"] for f in frames] == list(range(count)), frames
    came = [f for f in frames if f["outcome"] != "skipped"]
    assert kit.SANITIZED or came == frames, frames
    room.check_bytes(folder, came)


def check_done(client):
    end = client.expect("stream_end")
    assert end["reason"] == "done", end
    assert len(client.seen("stream")) == len(client.seen("stream_end")) == 1


@kit.case
def a_killed_server_and_cut_links(place):
    """Thirds: the renditions' own frames come at their places, before and behind each gap."""
    folder = card(place)
    server = kit.Server(place, *SLOW)
    cable = Cable(server)
    alice = viewer(cable)
    alice.send("/play card")
    room.frames(alice, 0, 8)
    server.stop(signal.SIGKILL)
    waits = runs_dry(alice)
    server.listen = server.address
    server.start()
    assert alice.expect("stream_back")["frame"] == waits
    for at in (waits + 2, waits + 10, waits + 11):  # the last before it has caught up
        alice.expect("frame", number=at)
        cable.cut()
        assert alice.expect("stream_back")["frame"] == alice.expect("stream_away")["frame"]
    server.restart(signal.SIGTERM)  # says goodbye
    alice.expect("stream_away"), alice.expect("stream_back")
    check_done(alice)
    check_whole(folder, alice)
    assert [f["height"] for f in alice.seen("frame")] == [(120, 144, 180)[i // 32] for i in range(FRAMES)]
    alice.quit()
    cable.close()


@kit.case
def at_rest_it_stays_at_rest(place):
    folder = card(place, seconds=3)
    server = kit.Server(place, *SLOW)
    cable = Cable(server)
    alice = viewer(cable)
    alice.send("/play card")
    room.frames(alice, 0, 8)
    alice.send("/pause", "/key")
    alice.expect("key")
    held = len(alice.seen("frame"))
    for _ in range(2):
        cable.cut()
        alice.expect("stream_away"), alice.expect("stream_back")
        alice.send("/key")
        alice.expect("key")
        assert len(alice.seen("frame")) <= held + 1  # one may have been on its way to the display
    alice.send("/pause")
    check_done(alice)
    check_whole(folder, alice, 36)
    alice.quit()
    cable.close()


@kit.case
def what_the_user_does_meanwhile(place):
    """At a terminal, where den takes lines also while the link is lost."""
    card(place, seconds=20)
    server = kit.Server(place, *SLOW)
    alice = kit.Terminal(server, "alice", *ON, *room.HEADLESS)
    alice.after("Here ")

    def lose():
        server.stop(signal.SIGKILL)
        alice.after("it waits there for the room")

    def come_back():
        server.listen = server.address
        server.start()
        alice.after(r"\* Back in the room\.")

    alice.type("/play card")
    alice.after("frame 12 of 240")
    lose()
    alice.type("/seek 12")
    come_back()
    alice.after(r"\* The clip goes on with frame 144\.")
    alice.after("frame 156 of 240")
    alice.type("/pause")
    lose()
    for word in ("/seek 3", "/seek 6", "/pause"):
        alice.type(word)
    come_back()
    alice.after(r"\* The clip goes on with frame 72\.")
    alice.after("frame 84 of 240")
    lose()
    alice.type("/stop")
    alice.after(r"\* The clip is over \(stopped\)")
    alice.type("/seek 1")
    alice.after("no clip is playing")
    come_back()
    alice.type("/seek 1")
    alice.after("no clip is playing")
    alice.type("/play card 120")
    alice.after("frame 12 of 240 .120p")
    lose()
    alice.type("/quit")
    alice.after(r"\* The clip is over \(stopped\)")
    assert alice.child.wait(kit.PATIENCE) == 0


@kit.case
def auto_keeps_its_rendition(place):
    folder = card(place, seconds=6, heights="120,180")
    server = kit.Server(place, *SLOW)
    cable = Cable(server)
    alice = viewer(cable)
    alice.send("/play card auto")
    assert alice.expect("rendition")["height"] == 180
    alice.take(lambda e: e["event"] == "frame" and e["height"] == 180, "frame of 180p")
    cable.cut()
    back = alice.expect("stream_back")["frame"]
    frame = alice.expect("frame", number=back)
    assert kit.SANITIZED or frame["height"] == 180, alice.seen("rendition")
    check_done(alice)
    check_whole(folder, alice, 72)
    alice.quit()
    cable.close()


@kit.case
def another_clip_of_that_name_is_not_shown(place):
    """Fewer frames, another pace, other renditions, or gone: said, and no frame of it comes."""
    folder = card(place, seconds=20)
    server = kit.Server(place, *SLOW)
    alice = viewer(server)
    for harm in (dict(seconds=2), dict(seconds=10, fps="24"), dict(seconds=20, heights="120,144"), None):
        alice.send("/play card")
        alice.expect("frame", number=3)
        server.stop(signal.SIGKILL)
        waits = alice.expect("stream_away")["frame"]
        shutil.rmtree(folder)
        if harm is not None:
            card(place, **harm)
        server.listen = server.address
        server.start()
        said = alice.expect("error", code="broken-clip")["text"]
        assert said == ("the clip was changed while the link was lost" if harm else "there is no clip card"), said
        assert alice.expect("stream_end")["reason"] == "broken"
        assert alice.seen("frame")[-1]["number"] < waits and not alice.seen("stream_back")
        shutil.rmtree(folder, ignore_errors=True)
        card(place, seconds=20)
    alice.send("/play card", "/stop")  # and the next one plays
    assert alice.expect("stream_end")["reason"] == "stopped"
    alice.quit(1)


@kit.case
def the_end_comes_while_it_is_away(place):
    """All frames had come: they are shown, and nothing is asked for again."""
    folder = card(place, seconds=2)
    server = kit.Server(place, *SLOW)
    alice = viewer(server)
    alice.send("/play card")
    alice.expect("frame", number=20)
    server.stop(signal.SIGKILL)
    assert alice.expect("stream_away")["frame"] == 24
    check_done(alice)
    check_whole(folder, alice, 24)
    server.listen = server.address
    server.start()
    alice.expect("back")
    assert not alice.seen("stream_back")
    alice.quit()


@kit.case
def a_one_shot_comes_back_too(place):
    folder = card(place, seconds=3)
    server = kit.Server(place, *SLOW)
    cable = Cable(server)
    alice = OneShot(cable, "alice", "play", "card")
    alice.expect("frame", number=8)
    cable.cut()
    alice.expect("stream_away"), alice.expect("stream_back")
    check_done(alice)
    check_whole(folder, alice, 36)
    alice.wait(0)
    cable.close()


if __name__ == "__main__":
    kit.main()
