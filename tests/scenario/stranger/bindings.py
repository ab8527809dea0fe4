"""The list of bindings (section 7)."""

import hashlib

from stranger import Malformed, wire

BIND, RELEASE = 1, 2


class Bindings:
    def __init__(self, server_fingerprint):
        self.hashes = [server_fingerprint]      # by n
        self.entries = []
        self.bound = {}                         # name, folded -> fingerprint, as it is now

    @classmethod
    def of(cls, server_fingerprint, *entries):
        """entries: (name, fingerprint), or (name, fingerprint, RELEASE)."""
        made = cls(server_fingerprint)
        for entry in entries:
            made.add(*entry)
        return made

    def like(self, **other):
        """The same list, but for the keys of some names."""
        return self.of(self.hashes[0], *((e.name, other.get(e.name, e.fingerprint), e.kind) for e in self.entries))

    @property
    def n(self):
        return len(self.entries)

    @property
    def h(self):
        return self.hashes[-1]

    def add(self, name, fingerprint, kind=BIND):
        """For a server: makes the next entry, with no check, and returns its bytes."""
        entry = wire.pack("binding", n=self.n + 1, kind=kind, name=name, fingerprint=fingerprint)
        self._append(wire.unpack("binding", entry))
        return entry

    def _append(self, entry):
        self.entries.append(entry)
        self.hashes.append(hashlib.sha256(self.h + entry.payload).digest())
        if entry.kind == BIND:
            self.bound[wire.fold(entry.name)] = entry.fingerprint
        else:
            self.bound.pop(wire.fold(entry.name), None)

    def apply(self, message):
        """For a client: BINDINGS."""
        for entry in wire.bindings_of(message):
            if entry.n <= self.n:
                if entry.payload != self.entries[entry.n - 1].payload:
                    raise Malformed(f"entry {entry.n} is another one now")
                continue
            self._check(entry)
            self._append(entry)

    def _check(self, entry):
        now = self.bound.get(wire.fold(entry.name))
        if entry.n != self.n + 1:
            raise Malformed(f"entry {entry.n} after {self.n}")
        if not (entry.kind == BIND and now is None or entry.kind == RELEASE and now == entry.fingerprint):
            raise Malformed(f"entry {entry.n} can't be, of {entry.name}")

    def ever(self, name, fingerprint):
        return any(e.kind == BIND and wire.fold(e.name) == wire.fold(name) and e.fingerprint == fingerprint
                   for e in self.entries)

    def parts(self):
        """The payloads of as many BINDINGS as it takes, as large as they may be."""
        parts = [b""]
        for entry in self.entries:
            if len(parts[-1]) + len(entry.payload) > wire.limit(wire.BINDINGS):
                parts.append(b"")
            parts[-1] += entry.payload
        return parts

    def whole(self):
        """The payload of a BINDINGS with everything."""
        return b"".join(e.payload for e in self.entries)
