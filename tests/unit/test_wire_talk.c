/* The messages of the conversation with the server: bytes to fields and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/cuts.h"
#include "wire/talk.h"

static struct buf out;
static uint8_t wrapped[SIZE_WRAPPED], signature[SIZE_SIGNATURE];

static enum err get_session_key(struct span payload)
{
    struct wire_session_key m;

    return wire_get_session_key(payload, &m);
}

static enum err get_line(struct span payload)
{
    struct wire_line m;
    enum err e = wire_get_line(payload, &m);

    if (e == ERR_OK)
        assert_true(m.sealed.len > WIRE_TALK_TAG && m.sealed.len + 8 == payload.len);
    return e;
}

static void a_key_round_trip(void **state)
{
    struct wire_session_key m = {.wrapped = wrapped, .signature = signature}, got;
    struct span payload;

    (void)state;
    memset(wrapped, 'w', sizeof wrapped);
    memset(signature, 's', sizeof signature);
    buf_clear(&out);
    wire_put_session_key(&out, &m);
    payload = cuts_payload(&out, MESSAGE_SESSION_KEY);
    assert_int_equal(payload.len, SIZE_WRAPPED + SIZE_SIGNATURE);
    assert_int_equal(wire_get_session_key(payload, &got), ERR_OK);
    assert_memory_equal(got.wrapped, wrapped, sizeof wrapped);
    assert_memory_equal(got.signature, signature, sizeof signature);
    cuts_check_fields(payload, get_session_key);
    cuts_check_changed(payload, get_session_key);
}

/* Its end is the payload's, so not every cut of it can be refused here: GCM does that. */
static void a_line_round_trip(void **state)
{
    static const uint8_t sealed[WIRE_TALK_TAG + 1] = "ciphertext and ta";
    struct wire_line m = {UINT64_C(0x0102030405060708), {sealed, sizeof sealed}}, got;
    struct span payload;

    (void)state;
    buf_clear(&out);
    wire_put_line(&out, &m);
    payload = cuts_payload(&out, MESSAGE_LINE);
    assert_memory_equal(payload.data, "\1\2\3\4\5\6\7\10ciphertext", 18);
    assert_int_equal(wire_get_line(payload, &got), ERR_OK);
    assert_true(got.counter == m.counter && got.sealed.len == sizeof sealed);
    assert_memory_equal(got.sealed.data, sealed, sizeof sealed);
    for (size_t len = 0; len < payload.len; len++)
        assert_int_equal(get_line((struct span){payload.data, len}), ERR_SHORT);
    cuts_check_changed(payload, get_line);
}

static void a_close_has_nothing_but_fields(void **state)
{
    (void)state;
    buf_clear(&out);
    wire_put_close(&out);
    assert_int_equal(cuts_payload(&out, MESSAGE_CLOSE).len, 0);
    cuts_check_fields((struct span){out.data + MESSAGE_HEADER, 0}, wire_get_close);
    assert_int_equal(wire_get_close((struct span){(const uint8_t *)"x", 1}), ERR_SHORT);
}

static void the_largest_line_is_the_rules_limit(void **state)
{
    (void)state;
    assert_int_equal(message_rule(MESSAGE_LINE)->limit, 8 + 1 + 8 + 256 + 4096 + 16);
}

static int start(void **state)
{
    (void)state;
    buf_init(&out, LIMIT_HELLO);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    buf_free(&out);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_round_trip),
        cmocka_unit_test(a_line_round_trip),
        cmocka_unit_test(a_close_has_nothing_but_fields),
        cmocka_unit_test(the_largest_line_is_the_rules_limit),
    };

    return cmocka_run_group_tests(tests, start, finish);
}
