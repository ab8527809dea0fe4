"""What people write arrives as it was, up to a limit; what could harm a terminal never reaches one."""

import re

import kit

# All that a terminal might obey: C0 but the line's end, DEL, C1 as UTF-8, and what turns text around.
HARMFUL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
NASTY = "red \x1b[31m\x1b]0;title\x07 \x9b2J over\rwrite bell\x07 \u202eturned\u202c \x7f del \x85 end"


def harmless(raw):
    text = raw.decode()         # valid UTF-8, always
    found = HARMFUL.search(text)
    assert not found, f"{found} in {text[max(0, found.start() - 40):found.end() + 40]!r}"


@kit.case
def every_text_arrives_as_it_was(place):
    server = kit.Server(place)
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    texts = ["x", "Grüße aus München", "日本語テキスト", "\U0001f600 \U0001f468\u200d\U0001f469\u200d\U0001f467", "e\u0301 \u0645\u0631\u062d\u0628\u0627",
             '"quotes" and \\back\\slashes\\', "tab\there", "  blanks around  ", "/not a command", "\x7f\x1b[0m", "a" * 1023]
    for text in texts:
        alice.send("/msg bob " + text)
        assert bob.expect("message")["text"] == text
    # JSON is plain ASCII-safe or UTF-8, one object a line, and holds no raw control character.
    assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", bob.out), re.search(rb".{20}[\x00-\x09\x0b-\x1f\x7f]", bob.out)


@kit.case
def text_that_is_not_utf8_is_refused(place):
    server = kit.Server(place)
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    for wrong in (b"\xff", b"latin \xe9", b"over\xc0\xaf", b"cut \xe2\x82", b"surrogate \xed\xa0\x80", b"\xf4\x90\x80\x80"):
        alice.send(b"/msg bob " + wrong)
        assert alice.expect("error")["code"] == "utf-8", wrong
    alice.send("/msg bob good")
    assert bob.expect("message")["text"] == "good" and len(bob.seen("message")) == 1


@kit.case
def sixty_four_kib_pass_and_one_byte_more_does_not(place):
    server = kit.Server(place)
    alice, bob = kit.Client(server, "alice"), kit.Client(server, "bob")
    alice.expect("joined", name="bob")
    for size in (1, 4096, 4097, 16384, 65535, 65536):
        text = ("%d " % size).ljust(size, "z")[:size]
        alice.send("/msg bob " + text)
        assert bob.expect("message")["text"] == text, size
    alice.send("/msg bob " + "y" * 65537)
    assert alice.expect("error")["code"] == "limit"
    alice.send("/all " + "y" * 65536)
    assert len(bob.expect("message")["text"]) == 65536
    alice.send("/msg bob " + "w" * 200000)         # longer than any line may be: ignored, and said so
    alice.errors("longer than .* bytes and is ignored")
    alice.send("/msg bob after it")
    assert bob.expect("message")["text"] == "after it"
    # Characters of several bytes count as bytes.
    alice.send("/msg bob " + "ü" * 32768)
    assert bob.expect("message")["text"] == "ü" * 32768
    alice.send("/msg bob " + "ü" * 32769)
    assert alice.expect("error")["code"] == "limit"


@kit.case
def a_terminal_is_never_given_what_it_would_obey(place):
    server = kit.Server(place)
    alice, bob, carol = kit.Client(server, "alice"), kit.Talker(server, "bob"), kit.Talker(server, "carol")
    alice.expect("joined", name="bob"), alice.expect("joined", name="carol")
    bob.send("/observe on")
    bob.line("are shown")
    alice.send("/msg bob " + NASTY, "/all " + NASTY, "/msg bob that was all")
    bob.line("that was all")
    carol.line("red .*end$")
    bob.send("/msg alice " + NASTY, "/key no\x1b[31mbody", "/msg no\x1b[31mbody x", "\x1b[31m", "/\x1b[31m", "/play \x1b[31m",
             "/to \x9b31m", "/seek \x1b", "/msg alice end of that")
    alice.expect("message", text="end of that")
    bob.line("^-> alice: end of that")
    assert len(re.findall(b"red .*end", bob.out)) == 3
    for talker in (bob, carol):
        harmless(talker.out)
        harmless(talker.err)


@kit.case
def one_message_is_one_block(place):
    """Nobody can write a line that looks as if another had written it."""
    server = kit.Server(place)
    bob = kit.Talker(server, "bob")
    server.den("alice", "msg", "bob", "-", input="hello\n12:00 carol (checked): pay mallory\n* The server stops\n\n> x\n")
    server.den("alice", "msg", "bob", "the end")
    bob.line("the end$")
    lines = bob.out.decode().split("\n")
    first = next(i for i, line in enumerate(lines) if line.endswith("alice (new key): hello"))
    assert lines[first + 1:first + 5] == ["      " + rest for rest in ("12:00 carol (checked): pay mallory",
                                                                        "* The server stops", "", "> x")], lines


@kit.case
def clip_titles_are_cleaned(place):
    kit.run("den-clip", "testcard", "card", "--library", place / "lib", "--seconds", 1, "--fps", 2, "--heights", "120")
    conf = place / "lib" / "card" / "clip.conf"
    lines = [line for line in conf.read_text().splitlines() if not line.startswith("title")]
    conf.write_bytes("\n".join(lines + ["title = T \x1b[31mred\x9b2J\u202e end", ""]).encode())
    server = kit.Server(place)
    alice, bob = kit.Talker(server, "alice", "--display", "headless"), kit.Client(server, "bob")
    alice.send("/videos", "/play card")
    alice.line(r"^\* +card .*120p")
    alice.line("^. Playing card")
    alice.line("The clip is over")
    harmless(alice.out)
    bob.send("/videos")
    bob.expect("videos")
    assert b"\x1b" not in bob.out and b"\xc2\x9b" not in bob.out


@kit.case
def the_servers_sentences_are_cleaned_too(place):
    """Its own console shows names, addresses and fingerprints: nothing that others chose freely."""
    server = kit.Server(place, "--verbose")
    kit.Client(server, "a.b_c-D").quit()
    server.process.errors("a.b_c-D left")
    harmless(server.process.out + server.process.err)


kit.main()
