/* Command lines: what they mean, or one line that names what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <getopt.h>
#include <stdio.h>

#include "client/options.h"
#include "tests/kit/capture.h"

#define FP "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define FP2 "10112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

enum { WORDS = 12 };

/* Splits at spaces ('' is the empty word) and parses; text: what stderr or stdout got. */
static enum client_exit parse(const char *line, struct options *o, struct buf *text, FILE *stream)
{
    static char copy[2048], program[] = "den";
    static char *argv[WORDS + 2]; /* the options point into it */
    char *at = copy, *word;
    struct capture capture;
    enum client_exit code;
    int argc = 1;

    snprintf(copy, sizeof copy, "%s", line);
    argv[0] = program;
    while ((word = strsep(&at, " ")) != NULL) {
        if (*word == 0)
            continue;
        assert_true(argc <= WORDS);
        argv[argc++] = strcmp(word, "''") == 0 ? word + 2 : word;
    }
    argv[argc] = NULL;
    optind = 0;
    capture_begin(&capture, stream);
    code = options_parse(argc, argv, o);
    capture_end(&capture, text);
    return code;
}

static struct options good(const char *line)
{
    struct options o;
    struct buf text;

    buf_init(&text, 65536);
    assert_int_equal(parse(line, &o, &text, stderr), CLIENT_EXIT_GOOD);
    assert_int_equal(text.len, 0);
    buf_free(&text);
    return o;
}

/* quoted: what the one line names. */
static void bad(const char *line, const char *quoted)
{
    struct options o;
    struct buf text;

    buf_init(&text, 65536);
    assert_int_equal(parse(line, &o, &text, stderr), CLIENT_EXIT_USAGE);
    assert_ptr_equal(memchr(text.data, '\n', text.len), text.data + text.len - 1);
    assert_int_equal(strncmp(buf_text(&text), "den: ", 5), 0);
    assert_non_null(strstr(buf_text(&text), quoted));
    buf_free(&text);
}

static void addresses(void **state)
{
    static const struct {
        const char *text, *host, *place;
        uint16_t port;
    } table[] = {
        {"pi", "pi", "pi:7411", 7411},
        {"PI.Local", "pi.local", "pi.local:7411", 7411},
        {"10.0.0.1:1", "10.0.0.1", "10.0.0.1:1", 1},
        {"pi:65535", "pi", "pi:65535", 65535},
        {"[FE80::1]:80", "fe80::1", "[fe80::1]:80", 80},
        {"[::1]", "::1", "[::1]:7411", 7411},
        {"::1", "::1", "[::1]:7411", 7411},
        {"den://pi", "pi", "pi:7411", 7411},
        {"den://pi/", "pi", "pi:7411", 7411},
        {"den://pi:80/#" FP, "pi", "pi:80", 80},
        {"pi#SHA256:" FP, "pi", "pi:7411", 7411},
        {"den://who", "who", "who:7411", 7411},
        {"den://msg:1", "msg", "msg:1", 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct options o = good(table[i].text);

        assert_string_equal(o.config.host, table[i].host);
        assert_string_equal(o.config.place, table[i].place);
        assert_int_equal(o.config.port, table[i].port);
        assert_int_equal(o.verb, VERB_ROOM);
        assert_int_equal(o.config.pin != NULL, strchr(table[i].text, '#') != NULL);
    }
}

static void wrong_addresses(void **state)
{
    static const char *const table[] = {"pi:",  "pi:0", "pi:65536", "pi:x",  ":7411", "den://",
                                        "[::1", "[]:1", "den:///",  "pi:-1", "''",    "pi:+1"};
    char longest[600];

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        bad(table[i], "'");
    memset(longest, 'h', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    bad(longest, "not an address");
    bad("pi#", "not a fingerprint");
    bad("pi#12", "'12'");
}

static void direct_ports(void **state)
{
    struct options o = good("pi");

    (void)state;
    assert_true(!o.config.direct_off && o.config.direct_port == 0);
    o = good("--direct-port 65535 pi");
    assert_true(!o.config.direct_off && o.config.direct_port == 65535);
    o = good("--direct-port off pi");
    assert_true(o.config.direct_off && o.config.direct_port == 0);
    bad("--direct-port 0 pi", "'0'");
    bad("--direct-port 65536 pi", "'65536'");
    bad("--direct-port on pi", "'on'");
    bad("--direct-port '' pi", "''");
}

static void all_options(void **state)
{
    struct options o = good("--name Al_1.x-y --state /tmp/s --pin " FP
                            " --display headless --json --trust-first --stay pi");

    (void)state;
    assert_string_equal(o.config.name, "Al_1.x-y");
    assert_string_equal(o.config.state, "/tmp/s");
    assert_int_equal(o.pin[0], 0x00);
    assert_int_equal(o.pin[31], 0xff);
    assert_string_equal(o.config.display, "headless");
    assert_true(o.config.json && o.config.trust_first && o.stay);
    assert_false(o.config.ephemeral || o.config.one_shot || o.config.interactive || o.nothing);

    o = good("pi --ephemeral --name=me"); /* options may follow */
    assert_true(o.config.ephemeral);
    assert_string_equal(o.config.name, "me");
    assert_string_equal(o.config.display, "auto");
    assert_false(o.config.json || o.config.trust_first || o.stay);
    good("--pin SHA256:" FP " pi#" FP);
}

static void wrong_options(void **state)
{
    (void)state;
    bad("--name '' pi", "''");
    bad("--name b\xc3\xb6"
        "b pi",
        "b\xc3\xb6"
        "b");
    bad("--name 123456789012345678901234567890123 pi", "123456789012345678901234567890123");
    bad("--state '' pi", "not a directory");
    bad("--pin 12 pi", "'12'");
    bad("--pin " FP "0 pi", FP "0");
    bad("--pin " FP " pi#" FP2, FP2);
    bad("--display nowhere pi", "'nowhere'");
    bad("--nonsense pi", "--nonsense");
    bad("-x pi", "x");
    bad("pi --name", "--name");
    bad("--json=1 pi", "'1'");
    assert_true(good("").nowhere && good("--name me").nowhere && !good("pi").nowhere);
    bad("pi other", "'other'");
}

static void verbs(void **state)
{
    struct options o = good("msg pi bob hello");

    (void)state;
    assert_int_equal(o.verb, VERB_MSG);
    assert_true(o.config.one_shot);
    assert_int_equal(o.count, 2);
    assert_string_equal(o.config.host, "pi");
    assert_string_equal(o.words[0], "bob");
    assert_string_equal(o.words[1], "hello");
    assert_string_equal(good("msg pi bob -").words[1], "-");
    assert_string_equal(good("msg pi bob ''").words[1], "");
    assert_string_equal(good("--json -- msg pi bob --name").words[1], "--name");
    assert_int_equal(good("who pi").verb, VERB_WHO);
    o = good("play pi lake 720");
    assert_int_equal(o.verb, VERB_PLAY);
    assert_int_equal(o.count, 2);
    assert_int_equal(good("play pi lake").count, 1);
    o = good("send pi bob one two three");
    assert_true(o.verb == VERB_SEND && o.count == 4 && o.config.one_shot && !o.config.receives);
    assert_string_equal(o.words[3], "three");
    o = good("receive pi");
    assert_true(o.verb == VERB_RECEIVE && o.config.receives && o.config.accept_all && !o.once);
    o = good("receive pi --from bob --once --max-file 2K --downloads d");
    assert_true(!o.config.accept_all && o.once && o.config.max_file == 2048);
    assert_string_equal(o.config.accept_from, "bob");
    assert_string_equal(o.config.downloads, "d");
    assert_string_equal(good("--accept-from bob,carol pi").config.accept_from, "bob,carol");
    o = good("key show");
    assert_int_equal(o.verb, VERB_KEY);
    assert_string_equal(o.words[0], "show");
    o = good("key passphrase --passphrase-file old --new-passphrase-file new");
    assert_string_equal(o.config.passphrase_file, "old");
    assert_string_equal(o.new_passphrase_file, "new");
    assert_string_equal(good("--passphrase-file f pi").config.passphrase_file, "f");
    assert_null(good("pi").config.passphrase_file);
}

static void wrong_verbs(void **state)
{
    (void)state;
    bad("msg", "'msg'");
    bad("msg pi", "'pi'");
    bad("msg pi bob", "too few");
    bad("msg pi bob hello you", "'you'");
    bad("who", "'who'");
    bad("who pi bob", "'bob'");
    bad("play pi", "too few");
    bad("play pi a b c", "'c'");
    bad("key", "'key'");
    bad("key show more", "'more'");
    bad("key show --ephemeral", "--ephemeral");
    bad("key show --new-passphrase-file new", "'new'");
    bad("pi --new-passphrase-file new", "'new'");
    bad("pi --passphrase-file ''", "''");
    bad("key passphrase --new-passphrase-file ''", "''");
    bad("send pi bob", "too few");
    bad("receive pi x", "'x'");
    bad("pi --once", "--once");
    bad("pi --from bob", "--from");
    bad("receive pi --direct-port off", "off");
    bad("pi --max-file 0", "'0'");
    bad("pi --max-file many", "'many'");
    bad("pi --accept-from a,,b", "'a,,b'");
    bad("pi --downloads ''", "''");
}

static void places(void **state)
{
    struct options o;

    (void)state;
    setenv("XDG_STATE_HOME", "/state", 1);
    setenv("HOME", "/home/al", 1);
    /* read into a struct of its own: the path lies in it */
    o = good("pi");
    assert_string_equal(o.state, "/state/den");
    setenv("XDG_STATE_HOME", "relative", 1);
    o = good("pi");
    assert_string_equal(o.state, "/home/al/.local/state/den");
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
    bad("pi", "--state");
    good("--ephemeral pi");
    good("--state s pi");
}

static void help_and_version(void **state)
{
    struct options o;
    struct buf text;

    (void)state;
    buf_init(&text, 65536);
    assert_int_equal(parse("--help --nonsense", &o, &text, stdout), CLIENT_EXIT_GOOD);
    assert_true(o.nothing);
    assert_int_equal(strncmp(buf_text(&text), "usage: den ", 11), 0);
    buf_clear(&text);
    assert_int_equal(parse("--version", &o, &text, stdout), CLIENT_EXIT_GOOD);
    assert_string_equal(buf_text(&text), "den " DEN_VERSION "\n");
    assert_true(o.nothing);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),        cmocka_unit_test(wrong_addresses),
        cmocka_unit_test(all_options),      cmocka_unit_test(direct_ports),
        cmocka_unit_test(wrong_options),    cmocka_unit_test(verbs),
        cmocka_unit_test(wrong_verbs),      cmocka_unit_test(places),
        cmocka_unit_test(help_and_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
