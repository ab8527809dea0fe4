"""Files (section 17), both sides, one step after the other in the test's own thread."""

import hashlib
import os

from stranger import Malformed, wire
from stranger.direct import Caller

PURPOSE = wire.field(1, b"\1")
CHUNK = 16380


def sha(data):
    return hashlib.sha256(data).digest()


class Sender:
    """A link to a member that takes our files."""

    def __init__(self, peer, to):
        self.end = Caller(peer, to, call=False)
        self.link, self.last = self.end.link, 0
        self.end.call(fields=PURPOSE, features=1)
        ringing = self.end.get(wire.RINGING)
        if not ringing.features & 1:
            raise Malformed("a callee that knows nothing of files takes one")
        self.end.get(wire.ACCEPT)

    def offer(self, name, size, token=None, mtime=1, file=None):
        self.last = file or self.last + 1
        self.link.send(wire.OFFER, file=self.last, token=token or os.urandom(16), size=size, mtime=mtime, name=name)
        return self.last

    def taken(self, file=None):
        take = self.end.get(wire.TAKE)
        assert take.file == (file or self.last)
        return take

    def begin(self, offset=0, file=None):
        self.link.send(wire.BEGIN, file=file or self.last, offset=offset)

    def data(self, data, file=None):
        for at in range(0, len(data), CHUNK):
            self.link.send(wire.DATA, file=file or self.last, bytes=data[at:at + CHUNK])

    def finish(self, data, file=None):
        """data: all of it, for the hash."""
        self.link.send(wire.END, file=file or self.last, hash=sha(data))

    def kept(self, file=None):
        assert self.end.get(wire.KEPT).file == (file or self.last)

    def dropped(self, why):
        got = self.end.get(wire.DROP)
        assert (got.file, got.why) == (self.last, why), got

    def give(self, name, data, **offer):
        self.offer(name, len(data), **offer)
        take = self.taken()
        offset = take.offset if take.hash == sha(data[:take.offset]) else 0
        self.begin(offset)
        self.data(data[offset:])
        self.finish(data)
        self.kept()
        return offset


class Taker:
    """Of a Callee whose call has come: takes the link, and what is offered on it."""

    def __init__(self, callee, features=1):
        self.end, self.link = callee, callee.link
        assert callee.call.fields == [(1, b"\1")] and callee.call.features & 1, callee.call
        self.link.send(wire.RINGING, version=1, features=features)
        if features:
            self.link.send(wire.ACCEPT)

    def offered(self):
        return self.end.get(wire.OFFER)

    def take(self, offer, there=b""):
        """All of it, when some is there."""
        data = there
        self.link.send(wire.TAKE, file=offer.file, offset=len(there), hash=sha(there))
        begin = self.end.get(wire.BEGIN)
        if begin.offset not in (0, len(there)):
            raise Malformed("it begins where nobody asked for")
        data = there[:begin.offset]
        while len(data) < offer.size:
            data += self.end.get(wire.DATA).bytes
        if self.end.get(wire.END).hash != sha(data) or len(data) != offer.size:
            raise Malformed("it is not what was sent")
        self.link.send(wire.KEPT, file=offer.file)
        return data, begin.offset
