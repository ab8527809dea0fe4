/* What den tells: for people nothing that harms a terminal, for programs JSON, always. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <time.h>

#include "base/log.h"
#include "client/report.h"
#include "client/report_live.h"
#include "tests/kit/capture.h"
#include "tests/kit/dice.h"
#include "tests/kit/grammar.h"
#include "tests/kit/keys.h"

/* Escape sequences, C1, bidi, a BOM, a NUL, invalid and cut UTF-8, quotes. */
static const char nasty[] = "\033[2J\x07\x7f\xc2\x9b"
                            "31m\u202eevil\u2066\ufeff\0\xff\xfe\xc3(\"\\ \r\b"
                            "\xf0\x9f";
static const struct span hostile = {(const uint8_t *)nasty, sizeof nasty - 1};

static struct buf said;

static bool keep(void *owner, const char *text, size_t len)
{
    (void)owner;
    assert_true(len > 0 && text[len - 1] == '\n');
    buf_add(&said, text, len);
    return true;
}

static struct report reporter(bool json)
{
    return (struct report){.json = json, .print = keep};
}

static int make(void **state)
{
    (void)state;
    buf_init(&said, 64 * 1024 * 1024);
    /* a place without summer, so that a time of day is known */
    setenv("TZ", "UTC0", 1);
    tzset();
    return 0;
}

static int end(void **state)
{
    (void)state;
    buf_free(&said);
    return 0;
}

/* What was said since the last time; checked as JSON or as text for a terminal. */
static const char *checked(bool json)
{
    static char text[1024 * 1024];

    assert_false(said.failed);
    assert_true(said.len < sizeof text);
    if (json)
        assert_true(grammar_json_lines((const char *)said.data, said.len));
    assert_true(said.len == 0 || grammar_harmless((const char *)said.data, said.len));
    snprintf(text, sizeof text, "%s", buf_text(&said));
    buf_clear(&said);
    return text;
}

static struct member bob(void)
{
    return (struct member){.name = "bob", .key = keys_get(2)->public};
}

static struct wire_clip hostile_clip(void)
{
    return (struct wire_clip){.name = hostile,
                              .title = hostile,
                              .fps_num = 30000,
                              .fps_den = 1001,
                              .frames = 216,
                              .count = 3,
                              .heights = {240, 720, 1440}};
}

static void say_presence(const struct report *r)
{
    struct member m = bob();
    struct member *list[] = {&m};
    struct members members = {.list = list, .count = 1};
    struct report_room room = {.name = "me",
                               .key = &keys_get(1)->public,
                               .room = hostile,
                               .server = keys_get(0)->public.fingerprint,
                               .place = "pi:7411"};

    report_ready(r, &room);
    report_directory(r, 7, &members);
    report_joined(r, &m);
    report_left(r, &m, LEFT_QUIT);
    report_left(r, &m, LEFT_LOST);
    report_key(r, m.name, &m.key);
}

static void say_messages(const struct report *r)
{
    struct report_message m = {
        .from = "bob", .text = hostile, .id = UINT64_MAX, .number = 42, .time_ms = 1700000000123};

    for (int trust = CONTACT_NEW; trust <= CONTACT_CHANGED; trust++) {
        m.trust = (enum contact_trust)trust;
        m.to_all = trust % 2 == 0;
        report_message(r, &m);
    }
    m.time_ms = UINT64_MAX;
    report_message(r, &m);
    report_sealed(r, "bob", 43, hostile);
    report_sent(r, "bob", 5, 44, hostile);
    report_error(r, "bad", nasty, 0);
    report_error(r, "bad", nasty, 9);
    report_note(r, "note %s", nasty);
}

static void say_talk(const struct report *r)
{
    struct report_talk m = {.sealed = hostile, .text = hostile};

    for (int i = 0; i < 4; i++) {
        m.holds = i % 2 == 0;
        m.to_all = i < 2;
        report_talk(r, &m);
        report_talk_sent(r, &m);
    }
    report_talk_over(r);
}

static void say_clips(const struct report *r)
{
    struct wire_clip clip = hostile_clip();
    struct wire_stream stream = {.stream = 1, .clip = clip, .schedule = hostile};
    struct player_event e = {.kind = PLAYER_EVENT_FRAME,
                             .number = 3,
                             .height = 240,
                             .source_number = 2,
                             .bytes = 1000,
                             .pts_ns = 41666666,
                             .shown_ns = -1};
    struct player_counts counts = {.shown = 1, .late = 2, .dropped = 3, .skipped = 4};
    struct report_videos v = {0};

    report_videos_begin(r, &v);
    report_videos_end(r, &v);
    report_videos_begin(r, &v);
    for (int i = 0; i < 3; i++)
        report_videos_add(r, &v, &clip);
    report_videos_end(r, &v);
    report_stream(r, &stream);
    for (int outcome = PLAYER_SHOWN; outcome <= PLAYER_SKIPPED; outcome++) {
        e.outcome = (enum player_outcome)outcome;
        e.shown_ns = outcome <= PLAYER_LATE ? 41766666 : -1;
        report_frame(r, &e);
    }
    report_rendition(r, 240, 720);
    report_stream_away(r, 48);
    report_stream_back(r, UINT32_MAX);
    report_stream_end(r, "done", &counts);
}

static void say_live(const struct report *r)
{
    /* What is no text at all does not come through. */
    static const char title[] = "\033[2J\x07\x7f\xc2\x9b"
                                "31m\u202eevil\u2066\ufeff\"\\ \r\b";
    struct wire_cast cast = {.name = {(const uint8_t *)"door", 4},
                             .title = {(const uint8_t *)title, sizeof title - 1},
                             .from = "bob"};
    struct report_videos v = {0};
    enum err e = ERR_OK;
    struct buf list;

    buf_init(&list, LIMIT_MESSAGE);
    wire_casts_add(&list, &cast);
    cast.flags = CAST_SEALED;
    wire_casts_add(&list, &cast);
    report_videos_live(r, &v, cursor_over(list.data, list.len), &e);
    assert_int_equal(e, ERR_OK);
    report_videos_begin(r, &v);
    report_videos_end(r, &v);
    buf_free(&list);
    report_live(r, &cast);
    report_cast_viewer(r, "door", "bob", "put-out");
    report_cast_key(r, "door", 2);
}

static void hostile_text_harms_nobody(void **state)
{
    (void)state;
    for (int json = 0; json < 2; json++) {
        struct report r = reporter(json == 1);

        say_presence(&r);
        say_messages(&r);
        say_talk(&r);
        say_clips(&r);
        say_live(&r);
        checked(json == 1);
    }
}

/* Random bytes in a message, cut at every length: never more than one line or object too many. */
static void any_message(void **state)
{
    struct dice d = dice_make(31);
    uint8_t bytes[96];

    (void)state;
    for (int round = 0; round < 1000; round++) {
        struct report r = reporter(round % 2 == 0);
        struct report_message m = {.from = "bob", .text = {bytes, dice_below(&d, sizeof bytes)}};

        dice_bytes(&d, bytes, sizeof bytes);
        report_message(&r, &m);
        checked(r.json);
    }
}

static void expect(bool json, const char *text)
{
    assert_string_equal(checked(json), text);
}

static void the_server_for_people(void **state)
{
    struct report r = reporter(false);
    struct report_talk m = {.sealed = {(const uint8_t *)"\1\2\3", 3},
                            .holds = true,
                            .text = {(const uint8_t *)"one\ntwo", 7}};

    (void)state;
    report_talk(&r, &m);
    expect(false, "~ from the server: AQID\n* signature holds\n[server] one two\n");
    m.to_all = true;
    report_talk(&r, &m);
    expect(false, "~ from the server: AQID\n* signature holds\n[say] one two\n");
    m.holds = false;
    report_talk(&r, &m);
    expect(false, "~ from the server: AQID\n! Signature verification failed\n");
    report_talk_sent(&r, &m);
    report_talk_over(&r);
    expect(false, "-> server: one two\n* Chat ended. Keys erased.\n");
}

static void text_for_people(void **state)
{
    struct report r = reporter(false);
    struct member m = bob();
    struct report_message hello = {.from = "bob",
                                   .text = {(const uint8_t *)"one\ntwo\n", 8},
                                   .time_ms = 1700000000123,
                                   .trust = CONTACT_PINNED};

    (void)state;
    report_joined(&r, &m);
    report_left(&r, &m, LEFT_QUIT);
    report_left(&r, &m, LEFT_LOST);
    expect(false, "* bob joined\n* bob left\n* bob is gone\n");
    /* a second line can't pass for somebody else's */
    report_message(&r, &hello);
    expect(false, "22:13 bob: one\n      two\n");
    hello.trust = CONTACT_CHANGED;
    hello.to_all = true;
    report_message(&r, &hello);
    expect(false, "22:13 bob to all (CHANGED KEY): one\n      two\n");
    report_ignored(&r, &(struct members){0});
    expect(false, "* Nobody is ignored.\n");
    report_error(&r, "word", "what\nis wrong", 1);
    report_note(&r, "%d notes", 2);
    expect(false, "! what is wrong\n* 2 notes\n");
    report_sent(&r, "all", 1, 2, hello.text);
    expect(false, "-> all: one\n      two\n");
}

/* carol's list has another key for bob at that entry, or none. */
static void say_difference(const struct report *r, bool release, bool none)
{
    struct binding ours = {.n = 2, .kind = BINDING_BIND, .name = "bob", .fingerprint = {0xaa}};
    struct binding theirs = {.n = none ? 0 : 2,
                             .kind = release ? BINDING_RELEASE : BINDING_BIND,
                             .name = "bob",
                             .fingerprint = {0xbb}};

    report_difference(r, "carol", 2, &ours, &theirs, "Beware.");
}

#define ZEROS "00000000000000000000000000000000000000000000000000000000000000"

static void a_difference(void **state)
{
    struct report people = reporter(false), programs = reporter(true);

    (void)state;
    say_difference(&people, false, false);
    expect(false,
           "! DIFFERENT KEYS: carol was shown another list than you, or says so. Entry 2:\n"
           "!   you: bob is SHA256:aa" ZEROS "\n!   carol: bob is SHA256:bb" ZEROS "\n! Beware.\n");
    say_difference(&people, true, false);
    assert_non_null(strstr(checked(false), "!   carol: bob is no longer SHA256:bb"));
    say_difference(&people, false, true);
    assert_non_null(strstr(checked(false), "!   carol: no such entry\n"));
    say_difference(&programs, true, false);
    expect(true, "{\"event\":\"difference\",\"from\":\"carol\",\"n\":2,\"name\":\"bob\","
                 "\"your_kind\":\"bind\",\"your_name\":\"bob\",\"your_fingerprint\":"
                 "\"SHA256:aa" ZEROS "\",\"their_kind\":\"release\",\"their_name\":\"bob\","
                 "\"their_fingerprint\":\"SHA256:bb" ZEROS "\",\"text\":\"Beware.\"}\n");
    say_difference(&programs, false, true);
    assert_non_null(strstr(checked(true), "\"their_kind\":\"none\",\"text\""));
}

static void objects_for_programs(void **state)
{
    struct report r = reporter(true);
    struct report_message m = {.from = "bob",
                               .text = {(const uint8_t *)"hi", 2},
                               .id = UINT64_MAX,
                               .number = 3,
                               .time_ms = 4,
                               .trust = CONTACT_PINNED};
    struct player_event e = {.number = 5,
                             .height = 240,
                             .source_number = 6,
                             .bytes = 7,
                             .pts_ns = 208333333,
                             .shown_ns = 208400001};

    (void)state;
    report_message(&r, &m);
    expect(true, "{\"event\":\"message\",\"from\":\"bob\",\"text\":\"hi\",\"id\":"
                 "\"18446744073709551615\",\"number\":3,\"time\":4,\"verified\":true,\"trust\":"
                 "\"pinned\",\"to\":\"one\"}\n");
    report_sent(&r, "all", 8, 9, m.text);
    expect(true, "{\"event\":\"sent\",\"to\":\"all\",\"id\":\"8\",\"number\":9}\n");
    report_sealed(&r, "bob", 9, m.text);
    expect(true, "{\"event\":\"sealed\",\"from\":\"bob\",\"number\":9,\"base64\":\"aGk=\"}\n");
    report_error(&r, "word", "text", 0);
    report_error(&r, "word", "text", 1);
    expect(true, "{\"event\":\"error\",\"code\":\"word\",\"text\":\"text\"}\n"
                 "{\"event\":\"error\",\"code\":\"word\",\"text\":\"text\",\"id\":\"1\"}\n");
    report_frame(&r, &e);
    expect(true, "{\"event\":\"frame\",\"number\":5,\"height\":240,\"source_number\":6,\"bytes\":7,"
                 "\"sha256\":\"0000000000000000000000000000000000000000000000000000000000000000\","
                 "\"outcome\":\"shown\",\"pts_ms\":208.333333,\"shown_ms\":208.400001}\n");
}

/* A one-shot says what it was asked for and nothing else; what is wrong goes to standard error. */
static void terse(void **state)
{
    struct report r = reporter(false);
    struct capture capture;
    struct buf errors;

    (void)state;
    r.terse = true;
    log_start("den", LOG_NOTE);
    buf_init(&errors, 1024 * 1024);
    capture_begin(&capture, stderr);
    say_messages(&r);
    capture_end(&capture, &errors);
    assert_string_equal(checked(false), "");
    assert_true(grammar_harmless((const char *)errors.data, errors.len));
    assert_int_equal(strncmp(buf_text(&errors), "den: ", 5), 0);
    buf_free(&errors);
    say_presence(&r);
    assert_null(strstr(checked(false), "joined"));
    r.who = true;
    say_presence(&r);
    assert_non_null(strstr(checked(false), "bob                              SHA256:"));
}

/* The largest room and the largest text are said in full. */
static void nothing_is_too_large(void **state)
{
    static char text[LIMIT_BODY];
    struct members m = {0};
    struct report r = reporter(true);
    struct report_message message = {.from = "bob", .text = {(uint8_t *)text, sizeof text}};
    struct wire_member w = {.spki = keys_get(1)->public.spki};
    bool added;

    (void)state;
    memset(text, 1, sizeof text); /* each becomes six characters */
    report_message(&r, &message);
    checked(true);
    for (int i = 0; i < LIMIT_MEMBERS; i++) {
        snprintf(w.name, sizeof w.name, "a-name-of-the-greatest-len-%05d", i);
        assert_int_equal(members_add(&m, &w, &added), ERR_OK);
    }
    report_directory(&r, 1, &m);
    assert_true(grammar_json_lines((const char *)said.data, said.len));
    assert_true(said.len > LIMIT_MEMBERS * 100);
    buf_clear(&said);
    members_clear(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_text_harms_nobody),
        cmocka_unit_test(any_message),
        cmocka_unit_test(text_for_people),
        cmocka_unit_test(a_difference),
        cmocka_unit_test(the_server_for_people),
        cmocka_unit_test(objects_for_programs),
        cmocka_unit_test(terse),
        cmocka_unit_test(nothing_is_too_large),
    };
    return cmocka_run_group_tests(tests, make, end);
}
