"""The link as the openssl command line sees it: what it may speak, what it may not, and what nonsense gets."""

import hashlib
import os
import re
import socket
import struct
import subprocess

import kit

CHACHA, AES128 = "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-RSA-AES128-GCM-SHA256"
ANY = "ALL:@SECLEVEL=0"


def client(server, *options):
    kit.need("openssl")
    return ["openssl", "s_client", "-connect", server.address, *options]


def shake(server, *options, text=b"Q\n"):
    """A handshake and nothing else: (exit code, all that openssl says)."""
    done = subprocess.run(client(server, *options), input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=kit.PATIENCE)
    return done.returncode, done.stdout.decode(errors="replace")


@kit.case
def tls_12_with_both_suites_and_curves_is_spoken(place):
    server = kit.Server(place)
    for suite in (CHACHA, AES128):
        for group in ("X25519", "P-256"):
            code, said = shake(server, "-tls1_2", "-cipher", suite, "-groups", group)
            assert code == 0 and re.search("Protocol *: TLSv1.2", said) and re.search(f"Cipher *: {suite}", said), said
            assert re.search(f"(Server|Peer) Temp Key: .*{'X25519' if group == 'X25519' else 'P-256|prime256v1'}", said), said
    code, said = shake(server, "-cipher", f"{AES128}:{CHACHA}")     # with 1.3 on offer too
    assert code == 0 and "TLSv1.2" in said and "Secure Renegotiation IS supported" in said, said
    assert "Peer signing digest" in said and "Compression: NONE" in said


@kit.case
def anything_else_is_refused(place):
    server = kit.Server(place)
    refused = (
        ("-tls1_3",), ("-tls1_1", "-cipher", ANY), ("-tls1", "-cipher", ANY),
        ("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384"), ("-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA:@SECLEVEL=0"),
        ("-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA256"), ("-tls1_2", "-cipher", "ECDHE-RSA-AES256-SHA384"),
        ("-tls1_2", "-cipher", "AES128-GCM-SHA256"), ("-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"),
        ("-tls1_2", "-cipher", "AES256-SHA256"), ("-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"),
        ("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"), ("-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"),
        ("-tls1_2", "-cipher", "aNULL:eNULL:@SECLEVEL=0"), ("-tls1_2", "-groups", "P-384"), ("-tls1_2", "-groups", "P-521"),
        ("-tls1_2", "-groups", "X448"), ("-tls1_2", "-cipher", ANY, "-sigalgs", "RSA+SHA1"),
    )
    for options in refused:
        code, said = shake(server, *options)
        assert code != 0 and "Cipher is (NONE)" in said, (options, said)
        written = int(re.search(r"written (\d+) bytes", said)[1])
        assert written > 50, (options, said)        # so it was the server who refused
    assert shake(server, "-tls1_2", "-cipher", CHACHA)[0] == 0


@kit.case
def the_certificate_shows_the_servers_key(place):
    server = kit.Server(place)
    said = shake(server, "-tls1_2")[1]
    pem = said[said.index("-----BEGIN CERT"):said.index("-----END CERT")] + "-----END CERTIFICATE-----\n"
    public = kit.tool("openssl", "x509", "-pubkey", "-noout", input=pem.encode())
    der = kit.tool("openssl", "pkey", "-pubin", "-outform", "DER", input=public)
    assert "SHA256:" + hashlib.sha256(der).hexdigest() == server.fingerprint
    own = kit.tool("openssl", "pkey", "-in", server.state / "identity.pem", "-pubout")
    assert own == public
    (place / "cert.pem").write_text(pem)
    kit.tool("openssl", "verify", "-CAfile", place / "cert.pem", place / "cert.pem")     # it signs itself


@kit.case
def renegotiation_is_refused(place):
    server = kit.Server(place)
    code, said = shake(server, "-tls1_2", text=b"R\n")
    assert "RENEGOTIATING" in said and re.search("no renegotiation|alert", said), said
    assert said.count("BEGIN CERTIFICATE") == 1
    assert shake(server, "-tls1_2")[0] == 0


@kit.case
def sessions_are_not_resumed(place):
    server = kit.Server(place)
    kept = place / "session"
    assert shake(server, "-tls1_2", "-sess_out", str(kept))[0] == 0
    code, said = shake(server, "-tls1_2", *(["-sess_in", str(kept)] if kept.exists() else []))
    assert code == 0 and "Reused, " not in said and "New, " in said, said


@kit.case
def nonsense_gets_a_clean_error(place):
    server = kit.Server(place)
    for nonsense in (b"GET / HTTP/1.0\r\n\r\n", b"hello, is anybody there?\n", bytes(5), b"\xff" * 3000):
        done = subprocess.run(client(server, "-tls1_2", "-quiet"), input=nonsense, capture_output=True, timeout=kit.PATIENCE)
        kind, length = struct.unpack(">BI", done.stdout[:5])
        code, size = struct.unpack(">HH", done.stdout[5:9])
        sentence = done.stdout[9:].decode()
        assert (kind, length, code, size) == (5, len(done.stdout) - 5, 1, len(sentence)) and sentence, done
        assert done.returncode == 0 and b"unexpected eof" not in done.stderr, done.stderr    # a close_notify, no cut
    kit.Client(server, "alice").quit()


@kit.case
def what_is_no_tls_is_dropped(place):
    server = kit.Server(place)
    for nonsense in (b"GET / HTTP/1.0\r\nHost: den\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", os.urandom(4000), b"\x80\x2e\x01\0\x02" + bytes(60),
                     b"\x16\x03\x01\xff\xff" + bytes(70000), b"\x17\x03\x03\0\x05hello"):
        with socket.create_connection((server.host, server.port), timeout=kit.PATIENCE) as link:
            answer = b""
            try:
                link.sendall(nonsense)
                while data := link.recv(4096):
                    answer += data
            except ConnectionError:
                pass
            assert len(answer) < 64 and b"HTTP" not in answer, answer
    kit.Client(server, "alice").quit()


class Channel:
    """openssl s_client as a pipe to the server, and the exporter of its session."""

    def __init__(self, server):
        self.run = kit.Running(*client(server, "-tls1_2", "-keymatexport", "EXPORTER-den-1", "-keymatexportlen", "32"))
        self.run.line("^    Keying material: ")
        self.exporter = bytes.fromhex(re.search(rb"Keying material: ([0-9A-F]{64})", self.run.out)[1].decode())

    def send(self, kind, payload):
        self.run.child.stdin.write(struct.pack(">BI", kind, len(payload)) + payload)
        self.run.child.stdin.flush()


@kit.case
def the_proof_can_be_made_with_openssl_alone(place):
    """HELLO, and ACK over the exporter: PEM, PSS and exporter as the document says, none of it ours."""
    server = kit.Server(place)
    bob = kit.Client(server, "bob")
    key = place / "key.pem"
    kit.tool("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key)
    pem = kit.tool("openssl", "pkey", "-in", key, "-pubout")
    der = kit.tool("openssl", "pkey", "-in", key, "-pubout", "-outform", "DER")
    mine, name = hashlib.sha256(der).digest(), b"openssl"
    channel = Channel(server)
    channel.send(1, struct.pack(">HQB", 1, 0, 0) + bytes([len(name)]) + name + struct.pack(">H", len(pem)) + pem + b"\0\0")
    channel.run.line("BEGIN PUBLIC KEY")            # HELLO+ACK: the server's, in PEM
    fields = (channel.exporter, bytes.fromhex(server.fingerprint[7:]), mine, name, b"")
    signed = b"den1 link\0" + b"".join(struct.pack(">I", len(f)) + f for f in fields)
    signature = kit.tool("openssl", "dgst", "-sha256", "-sign", key, "-sigopt", "rsa_padding_mode:pss", "-sigopt",
                         "rsa_pss_saltlen:32", input=signed)
    channel.send(3, signature + b"\0")
    assert bob.expect("joined", name="openssl")["fingerprint"] == "SHA256:" + mine.hex()
    channel.send(6, b"\0\0")
    bob.expect("left", name="openssl")


kit.main()
