"""Messages (sections 3 and 4): a table of layouts, and what reads and writes by it.

pack(HELLO, version=1, ...) makes a payload, unpack(HELLO, payload) gives an object with these members.
"""

import types

from stranger import Malformed

HELLO, HELLO_ACK, ACK, WELCOME, ERROR, QUIT, REFUSED = range(0x01, 0x08)
MEMBERS, JOINED, LEFT, BINDINGS, SESSION_KEY, LINE, CLOSE = range(0x10, 0x17)
SEND, SEALED, ACCEPTED, RESUME, PAST, PAST_END = range(0x20, 0x26)
LIST, CLIPS, PLAY, STREAM, FRAME, CREDIT, SKIPPED, SEEK, STOP, STREAM_END, RENDITION = range(0x30, 0x3b)
CALL, RINGING, ACCEPT, DECLINE, TEXT, EOM = range(0x40, 0x46)
CAST, CASTING, UNCAST, GRANT, SHOT, CASTS, LIVE, ASK, ASKED, GIVE, GIVEN, OUST, UNWATCHED = range(0x50, 0x5d)
OFFER, TAKE, BEGIN, DATA, END, KEPT, DROP = range(0x46, 0x4d)


class Message(types.SimpleNamespace):
    """A message or an entry: its type, its payload, and its members."""

    def __repr__(self):
        """For a test that fails."""
        members = {k: v for k, v in vars(self).items() if k not in ("type", "payload", "data", "jpeg")}
        name = self.type if isinstance(self.type, str) else hex(self.type)
        return f"<{name} {members}>"[:200]


_LIMITS = {MEMBERS: 65536, JOINED: 65536, LEFT: 65536, BINDINGS: 65536, LINE: 4385, SEND: 1163600, SEALED: 1163600, ACCEPTED: 64,
           RESUME: 64, PAST: 1163600, PAST_END: 64,
           LIST: 64, CLIPS: 65536, PLAY: 512, STREAM: 1024, FRAME: 16384, CREDIT: 64, SKIPPED: 64, SEEK: 64, STOP: 64,
           STREAM_END: 512, RENDITION: 64, TEXT: 17408, CAST: 512, CASTING: 64, UNCAST: 64, GRANT: 64, SHOT: 16384, CASTS: 65536,
           LIVE: 1024, ASKED: 8192, GIVE: 1163600, GIVEN: 8192, OUST: 64, UNWATCHED: 64, TAKE: 256, BEGIN: 256, DATA: 16384,
           END: 256, KEPT: 256, DROP: 256}

# A number is that many bytes, u8:u16 a count and so many values; + are fields that nobody knows yet.
_CLIP = "name:text8 title:text8 fps_num:u32 fps_den:u32 frames:u32 heights:u8*u16"
_LAYOUTS = {
    HELLO: "version:u16 features:u64 flags:u8 name:text8 key:sized16 port:u16 +",
    HELLO_ACK: "version:u16 features:u64 key:sized16 +",
    ACK: "signature:256 invitation:sized8 +",
    WELCOME: "room:text8 log:16 last:u64 n:u64 h:32 +",
    ERROR: "code:u16 sentence:text16 +",
    QUIT: "sentence:text16 +",
    REFUSED: "about:u64 code:u16 sentence:text16 +",
    MEMBERS: "more:u8 entries:rest",
    JOINED: "more:u8 entries:rest",
    LEFT: "entries:rest",
    BINDINGS: "entries:rest",
    SESSION_KEY: "wrapped:256 signature:256 +",
    LINE: "counter:u64 sealed:rest",
    CLOSE: "+",
    SEND: "id:u64 envelope:rest",
    SEALED: "number:u64 sender:text8 fingerprint:32 envelope:rest",
    ACCEPTED: "id:u64 number:u64 +",
    RESUME: "log:16 after:u64 +",
    PAST: "number:u64 sender:text8 fingerprint:32 time:u64 envelope:rest",
    PAST_END: "start:u64 last:u64 lost:u64 +",
    LIST: "",
    CLIPS: "more:u8 entries:rest",
    PLAY: "stream:u32 clip:text8 schedule:text8 start:u32 credit:u32 +",
    STREAM: f"stream:u32 {_CLIP} sizes:pairs schedule:text8 +",
    CREDIT: "stream:u32 bytes:u32 wanted:u32 +",
    SKIPPED: "stream:u32 first:u32 count:u32 +",
    SEEK: "stream:u32 to:u32 frame:u32 +",
    STOP: "stream:u32 +",
    STREAM_END: "stream:u32 reason:u8 sentence:text16 +",
    RENDITION: "stream:u32 height:u16 +",
    CALL: "version:u16 features:u64 name:text8 spki:294 room:32 signature:256 +",
    RINGING: "version:u16 features:u64 +",
    ACCEPT: "+",
    DECLINE: "+",
    TEXT: "text:text16 +",
    EOM: "+",
    CAST: "cast:u32 flags:u8 id:16 name:text8 title:text8 +",
    CASTING: "cast:u32 +",
    UNCAST: "cast:u32 +",
    GRANT: "cast:u32 bytes:u32 +",
    CASTS: "entries:rest",
    LIVE: "stream:u32 flags:u8 id:16 name:text8 title:text8 caster:text8 spki:294 +",
    ASK: "stream:u32 envelope:rest",
    ASKED: "cast:u32 viewer:u32 name:text8 fingerprint:32 envelope:rest",
    GIVE: "cast:u32 viewer:u32 envelope:rest",
    GIVEN: "stream:u32 envelope:rest",
    OUST: "cast:u32 viewer:u32 +",
    UNWATCHED: "cast:u32 viewer:u32 +",
    "shot": "stream:u32 track:u8 flags:u8 number:u64 data:rest",
    "first shot": "stream:u32 track:u8 flags:u8 number:u64 epoch:u32 length:u32 pts:u64 data:rest",
    "cast": "flags:u8 name:text8 title:text8 caster:text8 +",
    OFFER: "file:u32 token:16 size:u64 mtime:u64 name:text16 +",
    TAKE: "file:u32 offset:u64 hash:32 +",
    BEGIN: "file:u32 offset:u64 +",
    DATA: "file:u32 bytes:rest",
    END: "file:u32 hash:32 +",
    KEPT: "file:u32 +",
    DROP: "file:u32 why:u8 +",
    "chunk": "stream:u32 track:u8 flags:u8 number:u32 data:rest",
    "first chunk": "stream:u32 track:u8 flags:u8 number:u32 height:u16 source:u32 length:u32 pts:u64 data:rest",
    "member": "flags:u8 name:text8 spki:294 address:text8 port:u16 +",
    "leaver": "reason:u8 fingerprint:32 name:text8",
    "binding": "n:u64 kind:u8 name:text8 fingerprint:32",
    "mark": "n:u64 h:32",
    "clip": _CLIP + " +",
    "letter": "name:text8 spki:294 to:u8 receiver:32 server:32 id:u64 time:u64 n:u64 h:32 kind:u8 body:sized32 +",
}


def limit(kind):
    return _LIMITS.get(kind, 65536 if kind >= 0x80 else 4096)


def number(size, value):
    return value.to_bytes(size, "big")


def sized(size, data):
    return number(size, len(data)) + data


def field(kind, value):
    """A field as it may stand at the end of what is marked + (section 3)."""
    return number(1, kind) + sized(2, value)


def frame(kind, payload=b""):
    """The whole message: type, length, payload."""
    return number(1, kind) + sized(4, payload)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        if size > len(self.data) - self.at:
            raise Malformed(f"{size} bytes wanted at {self.at} of {len(self.data)}")
        self.at += size
        return self.data[self.at - size:self.at]

    def rest(self):
        return self.take(len(self.data) - self.at)

    def number(self, size):
        return int.from_bytes(self.take(size), "big")

    def sized(self, size):
        return self.take(self.number(size))

    def more(self):
        return self.at < len(self.data)

    def end(self):
        if self.more():
            raise Malformed(f"{len(self.data) - self.at} bytes left over")

    def fields(self):
        found = []
        while self.more():
            found.append((self.number(1), self.sized(2)))
        return found


def _width(kind, prefix):
    return int(kind.removeprefix(prefix)) // 8


def _read(reader, kind, so_far):
    if kind.isdigit():
        return reader.take(int(kind))
    if kind == "rest":
        return reader.rest()
    if kind == "pairs":
        return [(reader.number(2), reader.number(2)) for _ in so_far["heights"]]
    if "*" in kind:
        return [reader.number(_width(kind.split("*")[1], "u")) for _ in range(reader.number(1))]
    if kind.startswith("text"):
        try:
            return reader.sized(_width(kind, "text")).decode()
        except UnicodeDecodeError as error:
            raise Malformed("not UTF-8") from error
    if kind.startswith("sized"):
        return reader.sized(_width(kind, "sized"))
    return reader.number(_width(kind, "u"))


def _write(kind, value):
    if isinstance(value, str):
        value = value.encode()
    if kind.isdigit():
        assert len(value) == int(kind)
        return value
    if kind == "rest":
        return value
    if kind == "pairs":
        return b"".join(number(2, part) for pair in value for part in pair)
    if "*" in kind:
        return number(1, len(value)) + b"".join(number(_width(kind.split("*")[1], "u"), v) for v in value)
    for prefix in ("text", "sized"):
        if kind.startswith(prefix):
            return sized(_width(kind, prefix), value)
    return number(_width(kind, "u"), value)


def _layout(kind, payload=None, members=None):
    if kind in (FRAME, SHOT):
        first = payload[5] & 1 if payload is not None and len(payload) > 5 else members and members["flags"] & 1
        kind = ("first " if first else "") + ("chunk" if kind == FRAME else "shot")
    return [part.split(":") for part in _LAYOUTS[kind].split()]


def pack(kind, /, fields=b"", **members):
    parts = [p for p in _layout(kind, members=members) if p != ["+"]]
    assert {p[0] for p in parts} == set(members), set(members) ^ {p[0] for p in parts}
    return b"".join(_write(form, members[name]) for name, form in parts) + fields


def unpack(kind, payload):
    reader, members = Reader(payload), {}
    for part in _layout(kind, payload):
        if part == ["+"]:
            members["fields"] = reader.fields()
        else:
            members[part[0]] = _read(reader, part[1], members)
    reader.end()
    return Message(type=kind, payload=payload, **members)


def entries(kind, data, with_size=False):
    """All entries to the end of the payload, each behind its u16 size where the document has one."""
    reader, found = Reader(data), []
    while reader.more():
        if with_size:
            found.append(unpack(kind, reader.sized(2)))
        else:
            start = reader.at
            for _, form in _layout(kind):
                _read(reader, form, {})
            found.append(unpack(kind, data[start:reader.at]))
    return found


def members_of(message):
    return entries("member", message.entries, with_size=True)


def clips_of(message):
    return entries("clip", message.entries, with_size=True)


def casts_of(message):
    return entries("cast", message.entries, with_size=True)


def leavers_of(message):
    return entries("leaver", message.entries)


def bindings_of(message):
    return entries("binding", message.entries)


def fold(name):
    """Names are compared so."""
    return name.lower()
