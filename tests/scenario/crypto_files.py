"""Private keys on disk: strangers read them, nobody else may, and what is broken is left as it is."""

import os
import stat

import kit


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def fails(state, *needles, den=1):
    """Both programs say in one line why they don't start with that state."""
    before = (state / "identity.pem").read_bytes()
    for name, words in (("den", ("--name", "alice", "--trust-first", "--state", state, "who", "127.0.0.1:1")),
                        ("den", ("--state", state, "key", "show")),
                        ("dend", ("--listen", "127.0.0.1:0", "--state", state, "--library", state))):
        # A session of its own: nobody is asked for a passphrase, whoever runs the tests.
        out, err = kit.run(name, *words, code=den if name == "den" else 1, start_new_session=True)
        assert out == "" and err.count("\n") == 1 and str(state / "identity.pem") in err, (name, err)
        assert all(needle in err for needle in needles), (needles, err)
    assert (state / "identity.pem").read_bytes() == before


def make(place, name):
    kit.run("den", "--state", place / name, "key", "show")
    return place / name


@kit.case
def openssl_reads_every_private_key(place):
    os.umask(0)         # the modes are the programs' doing
    server = kit.Server(place, state="fresh/server")
    state = make(place, "fresh/alice")
    for where in (server.state, state):
        key = where / "identity.pem"
        assert mode(where) == 0o700 and mode(key) == 0o600, (oct(mode(where)), oct(mode(key)))
        text = kit.tool("openssl", "pkey", "-in", key, "-check", "-noout", "-text").decode()
        assert "Key is valid" in text and "2048 bit, 2 primes" in text and "65537 (0x10001)" in text
        assert key.read_text().startswith("-----BEGIN PRIVATE KEY-----\n")      # PKCS#8
    for path in server.state.rglob("*"):
        assert mode(path) & 0o077 == 0, path


@kit.case
def a_key_made_by_openssl_is_taken(place):
    state = place / "stranger"
    state.mkdir(mode=0o700)
    kit.tool("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", state / "identity.pem")
    pem = kit.run("den", "--state", state, "key", "export")[0]
    assert kit.tool("openssl", "pkey", "-in", state / "identity.pem", "-pubout").decode() == pem


@kit.case
def a_key_that_others_can_read_is_refused(place):
    state = make(place, "open")
    for bits in (0o644, 0o640, 0o604, 0o660, 0o602):
        (state / "identity.pem").chmod(bits)
        fails(state, "chmod 600")
    (state / "identity.pem").chmod(0o400)
    kit.run("den", "--state", state, "key", "show")


@kit.case
def a_broken_key_is_left_as_it_is(place):
    whole = (make(place, "whole") / "identity.pem").read_text()
    lines = whole.splitlines(keepends=True)
    middle = len(lines) // 2
    broken = {
        "empty": "", "cut": whole[:700], "half": "".join(lines[:middle]), "blank": " \n\n",
        "without_a_line": "".join(lines[:middle] + lines[middle + 1:]),
        "a_letter": "".join(lines[:middle] + ["A" + lines[middle][1:] if lines[middle][0] != "A" else "B" + lines[middle][1:]]
                            + lines[middle + 1:]),
        "not_base64": whole.replace(lines[middle], "!" * 64 + "\n"), "public": kit.run("den", "--state", place / "whole", "key", "export")[0],
        "long": whole + "x" * 10000, "zeros": "\0" * 1700,
    }
    for name, text in broken.items():
        state = place / name
        state.mkdir(mode=0o700)
        (state / "identity.pem").touch(0o600)
        (state / "identity.pem").write_text(text)
        fails(state)


@kit.case
def keys_of_another_kind_are_refused(place):
    for name, *words in (("small", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"), ("large", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"),
                         ("e3", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-pkeyopt", "rsa_keygen_pubexp:3"),
                         ("ec", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"), ("ed25519", "ED25519"),
                         ("locked", "RSA", "-aes256", "-pass", "pass:secret")):
        state = place / name
        state.mkdir(mode=0o700)
        (state / "identity.pem").touch(0o600)
        kit.tool("openssl", "genpkey", "-algorithm", *words, "-out", state / "identity.pem")
        fails(state, *(["passphrase"] if name == "locked" else []), den=3 if name == "locked" else 1)


@kit.case
def a_place_that_cannot_be_written_is_one_line(place):
    (place / "file").write_text("")
    for name, words in (("den", ("--name", "alice", "--state", place / "file", "who", "127.0.0.1:1")),
                        ("den", ("--state", place / "file" / "below", "key", "show")),
                        ("dend", ("--listen", "127.0.0.1:0", "--state", place / "file", "--library", place))):
        out, err = kit.run(name, *words, code=1)
        assert out == "" and str(place / "file") in err.splitlines()[-1], err


kit.main()
