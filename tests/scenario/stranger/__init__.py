"""A client and a server of Den's protocol that share nothing with ours: written from src/wire/PROTOCOL.md alone, in
Python, on OpenSSL. Sections named in comments are that document's.

    wire      messages: bytes to names and back
    link      TLS, and messages over it
    keys      identities: fingerprints, signatures, wrapped keys
    invitation  its code
    bindings  the list of names and its hashes
    envelope  seal, open, and the receiver's checks
    testimony what members tell each other of their lists
    talk      the conversation between a client and the server
    peer      a client in the room
    host      the server's side, for one step after the other
    film      frames out of chunks
    direct    calls and chats between two clients

Everything that a lying peer might want otherwise is an argument. Nothing here waits longer than PATIENCE.

It needs pyOpenSSL, which Debian has for its own Python: import this package first, for it changes to that one.
"""

import importlib.util
import os
import sys

SYSTEM_PYTHON = "/usr/bin/python3"
PATIENCE = 60 if os.environ.get("DEN_SANITIZE") else 20


class Malformed(Exception):
    """What came is not what the document says."""


def _change_python():
    if all(map(importlib.util.find_spec, ("OpenSSL", "cryptography"))):
        return
    if os.path.realpath(sys.executable) != os.path.realpath(SYSTEM_PYTHON) and os.path.exists(SYSTEM_PYTHON):
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])
    print("skip stranger - pyOpenSSL is not installed")
    sys.exit(0)


_change_python()
