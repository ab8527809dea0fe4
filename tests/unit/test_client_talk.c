/* The client's side of the conversation with the server, over a real link, with the real worker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/bytes.h"
#include "proto/talk_key.h"
#include "tests/kit/keys.h"
#include "tests/kit/visitor.h"
#include "wire/talk.h"

static struct visitor v;
static struct talk_keys server;
static struct random randomness;
static struct buf out, plain;
static size_t looked; /* at what the server saw */

static int make(void **state)
{
    (void)state;
    randomness = keys_random(12);
    buf_init(&out, 1 << 20);
    buf_init(&plain, WIRE_TALK_LINE);
    visitor_open_room(&v);
    looked = 0;
    return 0;
}

static int unmake(void **state)
{
    static const struct talk_keys zero;

    (void)state;
    visitor_close(&v);
    assert_memory_equal(&v.client.talk.keys, &zero, sizeof zero);
    assert_true(v.client.talk.first == NULL && v.client.talk.count == 0);
    buf_free(&out);
    buf_free(&plain);
    return 0;
}

static struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

/* Adds SESSION_KEY, signed by that key. */
static void put_key(unsigned signer)
{
    uint8_t exporter[SIZE_EXPORTER], key[GCM_KEY];
    struct talk_terms terms = {exporter, &keys_get(VISITOR_SERVER)->public,
                               &keys_get(VISITOR_ME)->public};
    struct talk_wrapped w;
    struct wire_session_key m = {.wrapped = w.key, .signature = w.signature};

    link_exporter(v.pair.server.link, exporter);
    assert_true(talk_key_make(key, &w, keys_get(signer), &randomness, &terms));
    talk_line_start(&server, TALK_SERVER, key, exporter);
    wire_put_session_key(&out, &m);
}

static void put_line(unsigned signer, enum talk_kind kind, const char *text)
{
    struct talk_line line = {
        .kind = kind, .counter = server.sent, .id = server.sent + 1, .text = span_of(text)};

    if (kind == TALK_SAY)
        assert_true(talk_line_sign_say(&line, keys_get(signer), &randomness));
    else
        assert_true(
            talk_line_sign(&line, server.exporter, TALK_SERVER, keys_get(signer), &randomness));
    assert_int_equal(talk_line_seal(&server, &out, &line), ERR_OK);
}

static void send_all(void)
{
    visitor_send(&v, &out);
}

static void begin(void)
{
    put_key(VISITOR_SERVER);
    send_all();
    assert_int_equal(v.client.talk.state, TALK_OPEN);
}

/* The next message that the server saw, which must be of that type; its payload. */
static struct span next_seen(uint8_t type)
{
    const struct buf *seen = &v.pair.server.seen;
    struct span p;

    assert_true(looked + MESSAGE_HEADER <= seen->len);
    assert_int_equal(seen->data[looked], type);
    p = (struct span){seen->data + looked + MESSAGE_HEADER, bytes_get32(seen->data + looked + 1)};
    looked += MESSAGE_HEADER + p.len;
    return p;
}

static void check_nothing_more(void)
{
    assert_int_equal(looked, v.pair.server.seen.len);
}

static void check_came(const char *text)
{
    struct talk_line line;

    assert_int_equal(talk_line_open(&server, next_seen(MESSAGE_LINE), &plain, &line), ERR_OK);
    assert_true(line.text.len == strlen(text));
    assert_memory_equal(line.text.data, text, line.text.len);
    assert_true(talk_line_holds(&line, &server, &keys_get(VISITOR_ME)->public));
}

static void lines_wait_for_the_key_and_keep_their_order(void **state)
{
    char text[32];

    (void)state;
    for (int i = 0; i < 20; i++) {
        snprintf(text, sizeof text, "line %d", i);
        assert_int_equal(talk_write(&v.client, span_of(text)), ERR_OK);
    }
    visitor_settle(&v);
    assert_true(v.pair.server.messages == 0 && client_busy(&v.client));
    begin();
    for (int i = 0; i < 20; i++) {
        snprintf(text, sizeof text, "line %d", i);
        check_came(text);
    }
    check_nothing_more();
    assert_false(client_busy(&v.client));
    assert_int_equal(visitor_said(&v, "\"event\":\"talk_sent\""), 20);
}

static void too_many_lines_wait(void **state)
{
    (void)state;
    for (int i = 0; i < LIMIT_TALK_MAIL; i++)
        assert_int_equal(talk_write(&v.client, span_of("x")), ERR_OK);
    assert_int_equal(talk_write(&v.client, span_of("x")), ERR_LIMIT);
    assert_int_equal(visitor_said(&v, "too many lines"), 1);
}

static void what_the_server_says(void **state)
{
    (void)state;
    begin();
    put_line(VISITOR_SERVER, TALK_LINE, "to one");
    put_line(VISITOR_BOB, TALK_LINE, "a lie");
    put_line(VISITOR_SERVER, TALK_SAY, "to \033all");
    put_line(VISITOR_BOB, TALK_SAY, "a lie");
    send_all();
    assert_int_equal(visitor_said(&v, "\"event\":\"talk\",\"from\":\"server\",\"to\":\"one\""), 2);
    assert_int_equal(visitor_said(&v, "\"signature\":true,\"text\":\"to one\""), 1);
    assert_int_equal(visitor_said(&v, "\"signature\":true,\"text\":\"to \\u001ball\""), 1);
    assert_int_equal(visitor_said(&v, "\"signature\":false}"), 2);
    assert_int_equal(visitor_said(&v, "\"text\":\"Signature verification failed\""), 2);
    assert_int_equal(visitor_said(&v, "a lie"), 0);
    assert_int_equal(v.client.state, CLIENT_ROOM);
    check_nothing_more();
}

/* All of it comes before the worker has unwrapped the key. */
static void what_comes_with_the_key(void **state)
{
    (void)state;
    put_key(VISITOR_SERVER);
    put_line(VISITOR_SERVER, TALK_LINE, "one");
    put_line(VISITOR_SERVER, TALK_LINE, "two");
    wire_put_close(&out);
    put_line(VISITOR_SERVER, TALK_LINE, "under way");
    send_all();
    assert_int_equal(visitor_said(&v, "\"text\":\"one\"") + visitor_said(&v, "\"text\":\"two\""),
                     2);
    assert_int_equal(visitor_said(&v, "Chat ended. Keys erased."), 1);
    assert_int_equal(visitor_said(&v, "under way"), 0);
    next_seen(MESSAGE_CLOSE);
    check_nothing_more();
    assert_int_equal(v.client.state, CLIENT_ROOM);
}

static void we_end_it_behind_what_waits(void **state)
{
    (void)state;
    assert_int_equal(talk_write(&v.client, span_of("last words")), ERR_OK);
    assert_int_equal(talk_finish(&v.client), ERR_OK);
    assert_int_equal(talk_write(&v.client, span_of("too late")), ERR_STATE);
    put_key(VISITOR_SERVER);
    send_all();
    check_came("last words");
    assert_int_equal(next_seen(MESSAGE_CLOSE).len, 0);
    check_nothing_more();
    assert_int_equal(v.client.talk.state, TALK_OVER);
    put_line(VISITOR_SERVER, TALK_LINE, "under way");
    wire_put_close(&out);
    send_all();
    assert_int_equal(visitor_said(&v, "under way"), 0);
    assert_int_equal(visitor_said(&v, "Chat ended. Keys erased."), 1);
    assert_int_equal(talk_finish(&v.client), ERR_STATE);
    check_nothing_more();
    assert_int_equal(v.client.state, CLIENT_ROOM);
}

static void what_is_left_when_the_server_ends_it(void **state)
{
    (void)state;
    begin();
    for (int i = 0; i < 3; i++)
        assert_int_equal(talk_write(&v.client, span_of("x")), ERR_OK);
    wire_put_close(&out);
    talk_got_close(&v.client, (struct span){0});
    assert_int_equal(visitor_said(&v, "is lost"), 1);
    send_all();
    next_seen(MESSAGE_CLOSE);
    check_nothing_more();
    assert_false(client_busy(&v.client));
}

static void leaving_ends_it_once_all_is_said(void **state)
{
    (void)state;
    assert_int_equal(talk_write(&v.client, span_of("wait for me")), ERR_OK);
    client_leave(&v.client);
    visitor_settle(&v);
    assert_int_equal(v.client.state, CLIENT_ROOM);
    put_key(VISITOR_SERVER);
    send_all();
    check_came("wait for me");
    next_seen(MESSAGE_CLOSE);
    next_seen(MESSAGE_QUIT);
    assert_int_equal(v.client.exit_code, CLIENT_EXIT_GOOD);
}

static void check_distrusted(void)
{
    send_all();
    next_seen(MESSAGE_ERROR);
    check_nothing_more();
    assert_int_equal(v.client.exit_code, CLIENT_EXIT_FAILED);
    assert_int_equal(visitor_said(&v, "\"code\":\"protocol\""), 1);
}

static void a_key_of_somebody_else(void **state)
{
    (void)state;
    put_key(VISITOR_BOB);
    check_distrusted();
    assert_int_equal(v.client.talk.state, TALK_OPENING);
}

static void a_second_key(void **state)
{
    (void)state;
    begin();
    put_key(VISITOR_SERVER);
    check_distrusted();
}

static void a_line_out_of_turn(void **state)
{
    (void)state;
    begin();
    server.sent++;
    put_line(VISITOR_SERVER, TALK_LINE, "a gap");
    check_distrusted();
    assert_int_equal(visitor_said(&v, "a gap"), 0);
}

static void before_the_key(void **state)
{
    (void)state;
    wire_put_close(&out);
    check_distrusted();
}

/* A server that says without end while the key is unwrapped is not believed without end. */
static void what_comes_with_the_key_is_bounded(void **state)
{
    static char text[LIMIT_TALK + 1];
    enum err e = ERR_OK;
    int count = 0;

    (void)state;
    memset(text, 'x', LIMIT_TALK);
    put_key(VISITOR_SERVER);
    assert_int_equal(talk_got_key(&v.client, (struct span){out.data + 5, out.len - 5}), ERR_OK);
    for (; e == ERR_OK && count < 1000; count++) {
        buf_clear(&out);
        put_line(VISITOR_SERVER, TALK_SAY, text);
        e = talk_got_line(&v.client, (struct span){out.data + 5, out.len - 5});
    }
    assert_int_equal(e, ERR_LIMIT);
    assert_true(count > 60 && count < 70);
}

static void what_can_not_be_written(void **state)
{
    static const uint8_t long_text[LIMIT_TALK + 1];

    (void)state;
    assert_int_equal(talk_write(&v.client, span_of("")), ERR_LIMIT);
    assert_int_equal(talk_write(&v.client, (struct span){long_text, sizeof long_text}), ERR_LIMIT);
    assert_int_equal(talk_write(&v.client, span_of("\xff")), ERR_UTF8);
    assert_int_equal(visitor_said(&v, "\"event\":\"error\""), 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
    static const struct CMUnitTest tests[] = {
        TEST(lines_wait_for_the_key_and_keep_their_order),
        TEST(too_many_lines_wait),
        TEST(what_the_server_says),
        TEST(what_comes_with_the_key),
        TEST(we_end_it_behind_what_waits),
        TEST(what_is_left_when_the_server_ends_it),
        TEST(leaving_ends_it_once_all_is_said),
        TEST(a_key_of_somebody_else),
        TEST(a_second_key),
        TEST(a_line_out_of_turn),
        TEST(before_the_key),
        TEST(what_comes_with_the_key_is_bounded),
        TEST(what_can_not_be_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
