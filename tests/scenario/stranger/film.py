"""Frames out of chunks (section 10)."""

from stranger import Malformed

FIRST, LAST = 1, 2


class Film:
    """add() takes FRAMEs of one stream; a whole frame comes back with the chunk that completes it."""

    def __init__(self):
        self.head, self.data, self.highest, self.taken = None, b"", -1, 0

    def add(self, chunk):
        self.taken += len(chunk.data)
        if bool(chunk.flags & FIRST) != (self.head is None):
            raise Malformed("a frame within a frame, or a chunk of none")
        if self.head is None:
            if chunk.number <= self.highest or not 1 <= chunk.length <= 8388608 or chunk.pts >= 1 << 63:
                raise Malformed(f"frame {chunk.number} after {self.highest}")
            self.head, self.highest, self.data = chunk, chunk.number, b""
        self.data += chunk.data
        if not chunk.data or chunk.number != self.highest or len(self.data) > self.head.length:
            raise Malformed("a chunk that is not of its frame")
        if bool(chunk.flags & LAST) != (len(self.data) == self.head.length):
            raise Malformed("a frame whose length is another one")
        if not chunk.flags & LAST:
            return None
        self.head.jpeg, whole, self.head = self.data, self.head, None
        return whole
