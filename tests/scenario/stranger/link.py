"""TLS (section 2) and messages over it."""

import datetime
import select
import socket
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from OpenSSL import SSL, crypto

from stranger import PATIENCE, Malformed, wire

CIPHERS = b"ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305"
EXPORTER = b"EXPORTER-den-1"


class Ended(Exception):
    """The other side closed. `clean`: with TLS close_notify."""

    def __init__(self, clean):
        super().__init__("closed" if clean else "cut off")
        self.clean = clean


def _context(method):
    context = SSL.Context(method)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    context.set_cipher_list(CIPHERS)
    context.set_options(SSL.OP_NO_TICKET | SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_verify(SSL.VERIFY_NONE, lambda *_: True)
    return context


def certificate(identity):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "den")])
    return (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(identity.public)
            .serial_number(x509.random_serial_number()).not_valid_before(datetime.datetime(2000, 1, 1))
            .not_valid_after(datetime.datetime(9999, 12, 31)).sign(identity.private, hashes.SHA256()))


class Link:
    """One end. Bytes go out as they are given: send() makes whole messages, raw() anything."""

    def __init__(self, context, sock, server):
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock, self.tls = sock, SSL.Connection(context, sock)
        self.buffer, self.over = b"", None
        (self.tls.set_accept_state if server else self.tls.set_connect_state)()
        self._until(self.tls.do_handshake, PATIENCE)
        self.exporter = self.tls.export_keying_material(EXPORTER, 32)

    @classmethod
    def connect(cls, host, port):
        return cls(_context(SSL.TLS_CLIENT_METHOD), socket.create_connection((host, port), PATIENCE), False)

    def peer_key(self):
        """The public key of the certificate that the server showed."""
        return self.tls.get_peer_certificate().to_cryptography().public_key()

    def _until(self, operation, patience):
        """Drives a TLS operation. What comes meanwhile is read: who only writes can block for good (section 12)."""
        deadline = time.monotonic() + patience
        while True:
            try:
                return operation()
            except SSL.WantReadError:
                ready = select.select([self.sock], [], [], max(0, deadline - time.monotonic()))
            except SSL.WantWriteError:
                ready = select.select([self.sock], [self.sock], [], max(0, deadline - time.monotonic()))
                if ready[0]:
                    self._read_on()
            except SSL.ZeroReturnError as end:
                raise Ended(True) from end
            except (SSL.SysCallError, SSL.Error, OSError) as end:
                raise Ended(False) from end
            if not any(ready):
                raise AssertionError(f"nothing came for {patience} s")

    def _read_on(self):
        try:
            self.buffer += self.tls.recv(65536)
        except SSL.Error as end:
            if not isinstance(end, (SSL.WantReadError, SSL.WantWriteError)):
                self.over = Ended(isinstance(end, SSL.ZeroReturnError))

    def raw(self, data, patience=PATIENCE):
        while data:
            data = data[self._until(lambda: self.tls.send(data[:65536]), patience):]

    def send(self, kind, payload=None, /, fields=b"", **members):
        self.raw(wire.frame(kind, wire.pack(kind, fields=fields, **members) if payload is None else payload))

    def _fill(self, size, deadline):
        while len(self.buffer) < size:
            if self.over:
                raise self.over
            self.buffer += self._until(lambda: self.tls.recv(65536), max(0, deadline - time.monotonic()))

    def receive(self, patience=PATIENCE):
        """The next message. Ended if there is none any more, AssertionError if there is none yet."""
        deadline = time.monotonic() + patience
        self._fill(5, deadline)
        kind, length = self.buffer[0], int.from_bytes(self.buffer[1:5], "big")
        if length > wire.limit(kind):
            raise Malformed(f"a message {kind:#x} of {length} bytes")
        self._fill(5 + length, deadline)
        payload, self.buffer = self.buffer[5:5 + length], self.buffer[5 + length:]
        return wire.unpack(kind, payload)

    def silent(self):
        """Whether nothing is there to be read right now."""
        return not (self.buffer or self.over or self.tls.pending() or select.select([self.sock], [], [], 0)[0])

    def end(self):
        """Waits until the other side has closed, throwing away what comes, and closes. True if it did so cleanly."""
        clean = False
        try:
            while True:
                self.receive()
        except Ended as end:
            clean = end.clean
        self.close()
        return clean

    def close(self):
        """Section 2.2, without the waiting."""
        try:
            self.tls.shutdown()
            self.sock.shutdown(socket.SHUT_WR)
        except (SSL.Error, OSError):
            pass
        self.sock.close()

    def cut(self):
        """As a cable does."""
        self.sock.close()


class Listener:
    def __init__(self, identity):
        self.context = _context(SSL.TLS_SERVER_METHOD)
        self.context.set_cipher_list(CIPHERS + b":@SECLEVEL=0")     # any key, for who must refuse it
        self.context.use_certificate(crypto.X509.from_cryptography(certificate(identity)))
        self.context.use_privatekey(crypto.PKey.from_cryptography_key(identity.private))
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]

    def accept(self):
        self.sock.settimeout(PATIENCE)
        return Link(self.context, self.sock.accept()[0], True)
