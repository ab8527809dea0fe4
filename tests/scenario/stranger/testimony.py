"""What members tell each other of their lists of bindings: envelopes of kind 3 (sections 8.5 and 9.4)."""

import hashlib
import math
import types

from stranger import Malformed, wire

KIND = 3
ASKS = 1
RUN, BODY, MARKS = 3000, 65536, 512


def write(listed, asks, marks, first, last):
    """marks: numbers of states, in any order; the entries from number `first` to `last`."""
    marks = sorted({*marks, listed.n})
    return (wire.number(1, ASKS if asks else 0) + wire.number(2, len(marks))
            + b"".join(wire.pack("mark", n=n, h=listed.hashes[n]) for n in marks)
            + b"".join(e.payload for e in listed.entries[first - 1:last]))


def ask(listed, upto):
    upto = min(upto, listed.n)
    first, size = upto + 1, 0
    while first > 1 and size + len(listed.entries[first - 2].payload) <= RUN:
        first -= 1
        size += len(listed.entries[first - 1].payload)
    count = max(1, min(math.isqrt(upto), MARKS - 2))
    spread = [i * upto // count for i in range(1, count)]
    return write(listed, True, [n for n in spread if n < first] + [first - 1, upto], first, upto)


def answer(listed, common, parted, asks):
    last = min(parted, listed.n)
    while sum(len(e.payload) for e in listed.entries[common:last]) > BODY - 3 - 3 * 40:
        last -= 1
    return write(listed, asks, [common, last], common + 1, last)


def read(body, origin, n, h):
    """origin: h_0; n, h: of the envelope. Malformed if it does not hold together."""
    reader = wire.Reader(body)
    asks, count = bool(reader.number(1) & ASKS), reader.number(2)
    if not 1 <= count <= MARKS:
        raise Malformed(f"{count} marks")
    marks = [wire.unpack("mark", reader.take(40)) for _ in range(count)]
    states = {0: origin} | {m.n: m.h for m in marks}
    if [m.n for m in marks] != sorted({m.n for m in marks}) or (marks[-1].n, marks[-1].h) != (n, h):
        raise Malformed("marks that do not rise to the sender's newest state")
    if states[0] != origin:
        raise Malformed("a list of another server")
    entries = wire.entries("binding", reader.rest())
    if entries and entries[0].n - 1 not in states:
        raise Malformed("entries that no mark leads to")
    state = states[entries[0].n - 1] if entries else None
    for at, entry in enumerate(entries):
        state = hashlib.sha256(state + entry.payload).digest()
        if entry.n != entries[0].n + at or states.get(entry.n, state) != state:
            raise Malformed("entries that do not lead from mark to mark")
    if entries and entries[-1].n not in states:
        raise Malformed("entries that lead to no mark")
    return types.SimpleNamespace(asks=asks, marks=marks, entries=entries)


def compare(told, listed):
    """("same",), ("named", number, our entry or None, theirs or None), or ("between", common, parted)."""
    known = dict(enumerate(listed.hashes))
    agree = [known.get(m.n) == m.h for m in told.marks]
    if agree != sorted(agree, reverse=True):
        raise Malformed("lists that part and meet again")
    common = max((m.n for m, same in zip(told.marks, agree) if same), default=0)
    ours = dict(enumerate(listed.entries, 1))
    if all(agree):
        return ("same",) if common == listed.n else ("named", common + 1, ours[common + 1], None)
    for entry in told.entries:
        if entry.n == common + 1:
            mine = ours.get(entry.n)
            if mine is None or mine.payload != entry.payload:
                return "named", entry.n, mine, entry
            common += 1
    return "between", common, told.marks[agree.index(False)].n
