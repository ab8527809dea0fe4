"""Nobody is accused who did nothing: not in a crowd that comes at once and talks, and not by kill -9."""

import stranger  # before kit: it may change to another Python

import signal

from stranger.peer import Peer

import kit

ACCUSATIONS = ("server-lies", "bad-bindings", "key-disputed")


def accused(client):
    return [e for e in client.items if e["event"] == "difference" or e.get("code") in ACCUSATIONS]


def crowd_talks(server, names, word):
    """All come at once and write to all as soon as they are in; then each writes when all are there."""
    crowd = [kit.Client(server, name, entered=False) for name in names]
    for client in crowd:
        client.send(f"/all early {word}")
    for client in crowd:
        here = {m["name"] for m in client.expect("directory")["members"]}
        for name in names:
            if name not in here:
                client.expect("joined", name=name)
    for client in crowd:
        client.send(f"/all {word}")
    for client in crowd:
        for name in names:
            if name != client.name:
                client.expect("message", from_=name, text=word)
    return crowd


@kit.case
def no_false_alarm_in_a_crowd_and_across_kill_9(place):
    names = [f"c{i}" for i in range(32)]
    server = kit.Server(place)
    zoe = Peer(server, "zoe")
    crowd = crowd_talks(server, names[:20], "one")
    zoe.wait_for("c7")
    late = zoe.seal("c7", "sealed before")
    server.stop(signal.SIGKILL)
    for client in crowd:
        client.wait(1)
    before = zoe.bindings
    server.listen = server.address
    server.start()
    again = crowd_talks(server, names, "two")
    zoe = Peer(server, "zoe", zoe.me)
    assert zoe.bindings.hashes[:before.n + 1] == before.hashes
    zoe.put(late.envelope, late.id)
    again[7].expect("message", text="sealed before")
    again[0].quit()
    kit.run("dend", "ctl", "--state", server.state, "release", "c0")
    more = crowd_talks(server, ["c40", "c41"], "three")
    for client in again[1:]:
        client.expect("message", from_="c41", text="three")
    for client in crowd + again + more:
        assert not accused(client), accused(client)


kit.main()
