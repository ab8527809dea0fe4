"""The schedule auto: as high as the link carries, down before frames come late, and up again when it has recovered."""
# alone
import cinema_pace as pace
import cinema_room as room
import kit

FAST, SLOW = 400_000_000, 6_000_000  # bits a second


def heights(client):
    """The renditions of the frames that came, each once in a row: [240, 720] for a step up."""
    row = []
    for frame in client.seen("frame"):
        if frame["height"] and row[-1:] != [frame["height"]]:
            row.append(frame["height"])
    return row


def reached(client, height, after=-1):
    """Waits for a frame of that rendition; its number."""
    return client.take(lambda e: e["event"] == "frame" and e["height"] == height and e["number"] > after,
                       f"frame of {height}p after {after}")["number"]


def outcomes(frames):
    return {what: sum(f["outcome"] == what for f in frames) for what in ("shown", "late", "dropped", "skipped")}


@kit.case
def a_fast_link_gets_the_best(place):
    folder = room.card(place, seconds=4, heights="120,240,360", quality=50)
    got = room.play(kit.Server(place), "card", "auto")
    frames = got["frame"]
    assert got["stream"][0]["schedule"] == "auto" and got["stream_end"][0]["reason"] == "done", got["stream_end"]
    assert [f["number"] for f in frames] == [f["source_number"] for f in frames] == list(range(96))
    room.check_bytes(folder, frames)
    seen = [f["height"] for f in frames]
    # The first picture is there soon because it is a small one.
    assert seen[0] == 120 and seen[-1] == 360 and seen == sorted(seen), seen
    assert [e["height"] for e in got["rendition"]][-1] == 360 and got["rendition"][0]["from"] == 120, got["rendition"]


@kit.case
def down_at_once_and_up_after_five_seconds(place):
    room.card(place, seconds=30, heights="120,720", quality=85)
    server = kit.Server(place)
    link = pace.SlowLink(server, FAST)
    try:
        alice = room.viewer(link.server, "alice")
        alice.send("/play card auto")
        assert alice.expect("rendition")["height"] == 720
        high = reached(alice, 720)
        alice.expect("frame", number=high + 48)
        link.rate = SLOW / 8
        assert alice.expect("rendition") | {"from": 720, "height": 120} == alice.seen("rendition")[-1]
        low = reached(alice, 120, high)
        alice.expect("frame", number=low + 72)
        after = [f for f in alice.seen("frame") if low + 24 <= f["number"] < low + 72]
        # What is low enough for the link is in time again, once what was on its way has come.
        assert pace.BUSY or outcomes(after)["shown"] >= 40, outcomes(after)
        link.rate = FAST / 8
        if not pace.BUSY:  # such a build misses frames on the best of links, and rightly stays low
            assert alice.expect("rendition")["height"] == 720
            again = reached(alice, 720, low)
            assert again - low >= 5 * 24, (low, again)
            alice.expect("frame", number=again + 24)
            assert heights(alice) == [120, 720, 120, 720], heights(alice)
        alice.send("/seek 1")
        alice.expect("frame", number=24)
        alice.send("/stop")
        assert alice.expect("stream_end")["reason"] == "stopped"
        alice.quit()
    finally:
        link.close()


@kit.case
def one_rendition_and_wrong_words(place):
    room.card(place, seconds=1, heights="120")
    server = kit.Server(place)
    got = room.play(server, "card", "auto")
    assert "rendition" not in got and {f["height"] for f in got["frame"]} == {120} and len(got["frame"]) == 24
    for schedule in ("Auto", "auto ", "autos"):
        got = room.play(server, "card", schedule, code=1)
        assert [e["code"] for e in got["error"]] == ["not-played"], schedule


@kit.case
def people_are_told(place):
    room.card(place, seconds=3, heights="120,240", quality=50)
    server = kit.Server(place)
    out, _ = server.den("viewer", "play", "card", "auto", options=room.HEADLESS)
    assert "* Now 240p, after 120p.\n" in out, out


if __name__ == "__main__":
    kit.main()
