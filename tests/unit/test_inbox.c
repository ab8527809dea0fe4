/* The ends of a session as the client takes them, and what is no message of this version. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "tests/kit/visitor.h"
#include "wire/hello.h"
#include "wire/video.h"

static struct buf messages(void)
{
    struct buf b;

    buf_init(&b, 1024 * 1024);
    return b;
}

static const struct {
    uint16_t code;
    const char *word;
    enum client_exit code_out;
} errors[] = {
    {CODE_PROTOCOL, "protocol", CLIENT_EXIT_FAILED},
    {CODE_VERSION, "version", CLIENT_EXIT_FAILED},
    {CODE_PROOF, "proof", CLIENT_EXIT_REFUSED},
    {CODE_NAME_TAKEN, "name-taken", CLIENT_EXIT_REFUSED},
    {CODE_REPLACED, "replaced", CLIENT_EXIT_FAILED},
    {CODE_FULL, "full", CLIENT_EXIT_FAILED},
    {CODE_SLOW, "slow", CLIENT_EXIT_FAILED},
    {CODE_TIMEOUT, "timeout", CLIENT_EXIT_FAILED},
    {CODE_REFUSED, "refused", CLIENT_EXIT_REFUSED},
    {CODE_CLOSING, "closing", CLIENT_EXIT_FAILED},
    {0, "server", CLIENT_EXIT_FAILED},
    {999, "server", CLIENT_EXIT_FAILED},
    {UINT16_MAX, "server", CLIENT_EXIT_FAILED},
};

/* An ERROR ends it, before the room or in it, and is never answered. */
static void errors_end_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * sizeof errors / sizeof *errors; i++) {
        size_t which = i / 2;
        struct visitor v;
        struct buf out = messages();
        char code[64];

        if (i % 2 == 0)
            visitor_open(&v);
        else
            visitor_open_room(&v);
        visitor_forget(&v);
        wire_put_error(&out, errors[which].code, "because \033[31m of it");
        visitor_send(&v, &out);
        snprintf(code, sizeof code, "\"code\":\"%s\"", errors[which].word);
        assert_int_equal(visitor_said(&v, "\"event\""), 1);
        assert_int_equal(visitor_said(&v, code), 1);
        assert_int_equal(visitor_said(&v, "the server says: because \ufffd[31m of it"), 1);
        assert_int_equal(v.client.state, CLIENT_OVER);
        assert_int_equal(v.client.exit_code, errors[which].code_out);
        assert_int_equal(v.pair.server.messages, 0);
        visitor_close(&v);
    }
}

static void a_goodbye(void **state)
{
    struct visitor v;
    struct buf out = messages();

    (void)state;
    visitor_open_room(&v);
    wire_put_quit(&out, "the server stops");
    visitor_send(&v, &out);
    assert_int_equal(visitor_said(&v, "\"code\":\"goodbye\""), 1);
    assert_int_equal(v.client.state, CLIENT_OVER);
    assert_int_equal(v.client.exit_code, CLIENT_EXIT_FAILED);
    visitor_close(&v);
}

/* The link dies without a word. */
static void a_lost_link(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct visitor v;

        if (i == 0)
            visitor_open(&v);
        else
            visitor_open_room(&v);
        link_close(v.pair.server.link);
        v.pair.server.link = NULL;
        visitor_settle(&v);
        assert_int_equal(visitor_said(&v, i == 0 ? "unreachable" : "\"code\":\"lost\""), 1);
        assert_int_equal(visitor_said(&v, "\"event\""), 1);
        assert_int_equal(v.client.state, CLIENT_OVER);
        assert_int_equal(v.client.exit_code, CLIENT_EXIT_FAILED);
        visitor_close(&v);
    }
}

static void put_raw(struct buf *out, uint8_t type, size_t len)
{
    size_t begin = message_begin(out, type);

    for (size_t i = 0; i < len; i++)
        buf_add8(out, (uint8_t)(255 - i));
    message_end(out, begin);
}

/* Types from 0x80 on are of later versions: skipped. */
static void later_types_are_skipped(void **state)
{
    struct visitor v;
    struct buf out = messages();

    (void)state;
    visitor_open_room(&v);
    for (unsigned type = MESSAGE_IGNORABLE; type <= 0xff; type++)
        put_raw(&out, (uint8_t)type, type % 7);
    visitor_send(&v, &out);
    assert_int_equal(v.said.len, 0);
    assert_int_equal(v.client.state, CLIENT_ROOM);
    visitor_close(&v);
}

/* Everything else that a server must not send: one ERROR back, and out. */
static void what_a_server_must_not_send(void **state)
{
    static const uint8_t types[] = {0x00,         MESSAGE_HELLO,   MESSAGE_ACK,       MESSAGE_SEND,
                                    MESSAGE_LIST, MESSAGE_PLAY,    MESSAGE_CREDIT,    MESSAGE_SEEK,
                                    MESSAGE_STOP, MESSAGE_WELCOME, MESSAGE_HELLO_ACK, 0x7f};

    (void)state;
    for (size_t i = 0; i < sizeof types; i++) {
        struct visitor v;
        struct buf out = messages();

        visitor_open_room(&v);
        put_raw(&out, types[i], 20);
        visitor_send(&v, &out);
        assert_int_equal(visitor_said(&v, "\"code\":\"protocol\""), 1);
        assert_int_equal(visitor_said(&v, "\"event\""), 1);
        assert_int_equal(v.pair.server.messages, 1);
        assert_int_equal(v.pair.server.seen.data[0], MESSAGE_ERROR);
        assert_int_equal(v.client.exit_code, CLIENT_EXIT_FAILED);
        visitor_close(&v);
    }
}

/* What was shown before is not known yet: nothing may be shown. */
static void an_envelope_before_the_lists(void **state)
{
    struct visitor v;
    struct buf out = messages(), envelope;

    (void)state;
    visitor_open(&v);
    visitor_ack(&v);
    buf_init(&envelope, 64);
    buf_add(&envelope, "anything", 8);
    visitor_put_welcome(&v, &out);
    visitor_put_bindings(&v, 1, &out);
    visitor_put_sealed(&v, "bob", VISITOR_BOB, &envelope, &out);
    visitor_send(&v, &out);
    assert_int_equal(visitor_said(&v, "\"code\":\"protocol\""), 1);
    assert_true(v.client.state >= CLIENT_LEAVING);
    buf_free(&envelope);
    visitor_close(&v);
}

/* Every message of the room with nothing but three bytes in it is malformed. */
static void malformed_ones(void **state)
{
    static const uint8_t types[] = {
        MESSAGE_ERROR,  MESSAGE_QUIT,     MESSAGE_REFUSED, MESSAGE_MEMBERS,   MESSAGE_JOINED,
        MESSAGE_LEFT,   MESSAGE_BINDINGS, MESSAGE_SEALED,  MESSAGE_ACCEPTED,  MESSAGE_CLIPS,
        MESSAGE_STREAM, MESSAGE_FRAME,    MESSAGE_SKIPPED, MESSAGE_STREAM_END};

    (void)state;
    for (size_t i = 0; i < sizeof types; i++) {
        struct visitor v;
        struct buf out = messages();

        visitor_open_room(&v);
        put_raw(&out, types[i], 3);
        visitor_send(&v, &out);
        if (visitor_said(&v, "\"code\":\"protocol\"") != 1)
            fail_msg("type %#x: %s", types[i], buf_text(&v.said));
        assert_int_equal(v.pair.server.messages, 1);
        assert_true(v.client.state >= CLIENT_LEAVING);
        visitor_close(&v);
    }
}

/* A list of clips that breaks off, and a session that ends in the middle of one. */
static void half_a_list(void **state)
{
    struct wire_clip m = {.name = {(const uint8_t *)"one", 3},
                          .fps_num = 25,
                          .fps_den = 1,
                          .frames = 1,
                          .count = 1,
                          .heights = {240}};
    struct visitor v;
    struct buf out = messages();

    (void)state;
    for (int broken = 0; broken < 2; broken++) {
        size_t begin;

        visitor_open_room(&v);
        v.client.videos_asked = true;
        begin = wire_clips_begin(&out);
        wire_clips_add(&out, &m);
        out.len -= (size_t)broken;
        wire_clips_end(&out, begin, true);
        visitor_send(&v, &out);
        assert_int_equal(visitor_said(&v, "\"event\":\"videos\""), 0);
        assert_int_equal(visitor_said(&v, "\"code\":\"protocol\""), (size_t)broken);
        visitor_close(&v);
    }
}

static void a_list_that_is_refused(void **state)
{
    struct visitor v;
    struct buf out = messages();

    (void)state;
    visitor_open_room(&v);
    v.client.videos_asked = true;
    wire_put_refused(&out, 0, CODE_STORE, "no library");
    visitor_send(&v, &out);
    assert_int_equal(visitor_said(&v, "\"code\":\"store\",\"text\":\"no list of clips: no lib"), 1);
    assert_false(client_busy(&v.client));
    visitor_close(&v);
}

/* After our QUIT nothing is believed any more. */
static void deaf_when_leaving(void **state)
{
    struct visitor v;
    struct buf out = messages();

    (void)state;
    visitor_open_room(&v);
    client_quit(&v.client, CLIENT_EXIT_GOOD);
    wire_put_error(&out, CODE_FULL, "too late");
    visitor_send(&v, &out);
    assert_int_equal(v.said.len, 0);
    assert_int_equal(v.client.exit_code, CLIENT_EXIT_GOOD);
    assert_true(v.client.state >= CLIENT_LEAVING);
    visitor_close(&v);
}

/* Whoever gives up before the room was entered did not get what was asked for. */
static void leaving_early_is_a_failure(void **state)
{
    struct visitor v;

    (void)state;
    visitor_open(&v);
    client_leave(&v.client);
    assert_true(v.client.state >= CLIENT_LEAVING);
    assert_int_equal(v.client.exit_code, CLIENT_EXIT_FAILED);
    visitor_close(&v);
    visitor_open_room(&v);
    client_leave(&v.client);
    assert_true(v.client.state >= CLIENT_LEAVING);
    assert_int_equal(v.client.exit_code, CLIENT_EXIT_GOOD);
    visitor_close(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_end_it),
        cmocka_unit_test(a_goodbye),
        cmocka_unit_test(a_lost_link),
        cmocka_unit_test(later_types_are_skipped),
        cmocka_unit_test(what_a_server_must_not_send),
        cmocka_unit_test(malformed_ones),
        cmocka_unit_test(an_envelope_before_the_lists),
        cmocka_unit_test(half_a_list),
        cmocka_unit_test(a_list_that_is_refused),
        cmocka_unit_test(deaf_when_leaving),
        cmocka_unit_test(leaving_early_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
