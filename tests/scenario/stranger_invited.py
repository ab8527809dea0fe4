"""A room by invitation, and a stranger at its door: nothing tells one refusal from another, nor anything of the room."""

import stranger  # before kit: it may change to another Python

import os
import signal

from console_ctl import ctl
from room_invited import invite, room
from stranger import invitation, keys, wire
from stranger.peer import EPHEMERAL, ONE_SHOT, Peer

import kit

IDENTITIES = {name: keys.Identity() for name in ("alice", "bob", "mallory")}


def at_the_door(server, name, identity, code=b"", flags=0):
    """Up to ACK."""
    peer = Peer(server, name, IDENTITIES[identity], enter=False)
    peer.hello(flags=flags)
    peer.prove(invitation=code)
    return peer


def enters(server, name, identity, code=b"", flags=0):
    peer = at_the_door(server, name, identity, code, flags)
    peer.welcome()
    return peer


def refusal(server, *how, **more):
    """All that came after HELLO+ACK: one ERROR, then an end in order."""
    peer = at_the_door(server, *how, **more)
    message = peer.link.receive()
    assert message.type == wire.ERROR, message
    assert peer.link.end(), "more came, or the end was cut off"
    return message.payload


def written(server):
    """What tells whether a file of the server's was written since."""
    return {f.name: (f.stat().st_ino, f.stat().st_mtime_ns) for f in server.state.iterdir() if f.is_file()}


@kit.case
def all_refusals_are_the_same_bytes(place):
    server = room(place)
    open_code, used, revoked, named = (invitation.read(invite(server, *words)) for words in ((), (), (), ("carol",)))
    ctl(server, "revoke", "3")
    alice = enters(server, "alice", "alice", used)
    assert [m.name for m in alice.members.values()] == ["alice"]
    before = written(server)
    seen = {
        "none": refusal(server, "mallory", "mallory"),
        "unknown": refusal(server, "mallory", "mallory", os.urandom(16)),
        "zeros": refusal(server, "mallory", "mallory", bytes(16)),
        "used": refusal(server, "mallory", "mallory", used),
        "revoked": refusal(server, "mallory", "mallory", revoked),
        "another name": refusal(server, "mallory", "mallory", named),
        "a name that is taken": refusal(server, "alice", "mallory"),
        "taken, and a used code": refusal(server, "Alice", "mallory", used),
        "taken, and another's code": refusal(server, "alice", "mallory", named),
        "ephemeral": refusal(server, "mallory", "mallory", used, flags=EPHEMERAL),
        "one-shot": refusal(server, "mallory", "mallory", used, flags=ONE_SHOT),
    }
    assert written(server) == before, "who is not let in makes the disk's work"
    ctl(server, "ban", IDENTITIES["mallory"].shown)
    seen["banned"] = refusal(server, "mallory", "mallory")
    seen["banned, and a good code"] = refusal(server, "mallory", "mallory", open_code)
    ctl(server, "unban", IDENTITIES["mallory"].shown)
    assert len(set(seen.values())) == 1, seen
    error = wire.unpack(wire.ERROR, seen["none"])
    assert error.code == 9 and b"alice" not in seen["none"], error
    # What was not used still holds, and that is the first that those inside hear of her.
    mallory = enters(server, "mallory", "mallory", open_code)
    alice.wait_for("mallory")
    assert alice.told in ([("joined", "alice")], []) and alice.bindings.n == 2, (alice.told, alice.bindings.n)
    mallory.quit()


@kit.case
def what_is_signed_is_what_counts(place):
    """A code that somebody in between put into ACK, or took out of it, is no code."""
    server = room(place)
    code = invitation.read(invite(server))
    for signed, shown in ((b"", code), (code, b""), (bytes(16), code)):
        peer = Peer(server, "bob", IDENTITIES["bob"], enter=False)
        peer.hello()
        peer.read_hello()
        peer.link.send(wire.ACK, signature=peer.proof(invitation=signed), invitation=shown)
        assert peer.refused() == 3
    assert "used" not in ctl(server, "invites")
    enters(server, "bob", "bob", code).quit()


@kit.case
def a_restart_forgets_neither_use_nor_names(place):
    server = room(place)
    code, guest = invitation.read(invite(server)), invitation.read(invite(server))
    enters(server, "bob", "bob", code)
    enters(server, "ghost", "alice", guest, flags=EPHEMERAL)
    server.restart(signal.SIGKILL)
    same = {refusal(server, "mallory", "mallory", code), refusal(server, "mallory", "mallory", guest),
            refusal(server, "ghost", "alice", flags=EPHEMERAL), refusal(server, "ghost", "alice", code)}
    assert len(same) == 1
    enters(server, "ghost", "alice", guest, flags=EPHEMERAL).quit()
    enters(server, "bob", "bob").quit()
    enters(server, "bobby", "bob", os.urandom(16)).quit()


@kit.case
def codes_are_as_the_document_says(place):
    assert invitation.write(bytes(range(16))) == "000G4-0R40M-30E20-9185G-R38E1-YVKCB"
    server = room(place)
    for _ in range(3):
        text = invite(server)
        assert invitation.write(invitation.read(text.lower().replace("-", " "))) == text
    # den reads what another program wrote.
    text = invitation.write(invitation.read(invite(server)))
    server.den("carol", "who", options=("--invitation-file", "-"), stdin=None, input=text + "\n")


if __name__ == "__main__":
    kit.main()
