/* The messages of the hello and those that may come at any time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/kit/cuts.h"
#include "wire/hello.h"

static struct buf out;
static const char pem[] = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";

static struct wire_hello hello(void)
{
    return (struct wire_hello){.version = 0x0102,
                               .features = UINT64_C(0x8000000000000001),
                               .flags = HELLO_EPHEMERAL | HELLO_ONE_SHOT,
                               .name = "alice",
                               .pem = {(const uint8_t *)pem, sizeof pem - 1},
                               .direct_port = 7412};
}

static enum err get_hello(struct span payload)
{
    struct wire_hello m;
    enum err e = wire_get_hello(payload, &m);

    if (e == ERR_OK) {
        assert_true(text_name_valid(m.name, strlen(m.name)));
        assert_true(m.pem.len <= LIMIT_PEM);
    }
    return e;
}

static void hello_round_trip(void **state)
{
    struct wire_hello m = hello(), got;
    struct span payload;

    (void)state;
    buf_clear(&out);
    wire_put_hello(&out, &m);
    payload = cuts_payload(&out, MESSAGE_HELLO);
    assert_int_equal(wire_get_hello(payload, &got), ERR_OK);
    assert_int_equal(got.version, 0x0102);
    assert_true(got.features == m.features);
    assert_int_equal(got.flags, 3);
    assert_string_equal(got.name, "alice");
    assert_int_equal(got.pem.len, sizeof pem - 1);
    assert_memory_equal(got.pem.data, pem, got.pem.len);
    assert_int_equal(got.direct_port, 7412);
    cuts_check_fields(payload, get_hello);
    cuts_check_changed(payload, get_hello);
}

/* The name stands behind version, features and flags, with its length in front. */
static enum err with_name(const char *name, size_t len)
{
    struct cursor c;

    buf_clear(&out);
    buf_add(&out, "\0\1\0\0\0\0\0\0\0\0\0", 11);
    buf_add_sized8(&out, name, len);
    buf_add_sized16(&out, pem, sizeof pem - 1);
    buf_add16(&out, 0);
    c = cursor_over(out.data, out.len);
    return get_hello((struct span){c.at, c.left});
}

static void names_are_checked(void **state)
{
    (void)state;
    assert_int_equal(with_name("bob", 3), ERR_OK);
    assert_int_equal(with_name("12345678901234567890123456789012", 32), ERR_OK);
    assert_int_equal(with_name("", 0), ERR_NAME);
    assert_int_equal(with_name("bo b", 4), ERR_NAME);
    assert_int_equal(with_name("bo\0b", 4), ERR_NAME);
    assert_int_equal(with_name("../b", 4), ERR_NAME);
    assert_int_equal(with_name("b\xc3\xb6", 3), ERR_NAME);
    assert_int_not_equal(with_name("123456789012345678901234567890123", 33), ERR_OK);
}

static void a_key_has_a_limit(void **state)
{
    static uint8_t large[LIMIT_PEM + 1];
    struct wire_hello m = hello();

    (void)state;
    m.pem = (struct span){large, LIMIT_PEM};
    buf_clear(&out);
    wire_put_hello(&out, &m);
    assert_int_equal(get_hello(cuts_payload(&out, MESSAGE_HELLO)), ERR_OK);
    m.pem.len++;
    buf_clear(&out);
    wire_put_hello(&out, &m);
    assert_int_not_equal(get_hello(cuts_payload(&out, MESSAGE_HELLO)), ERR_OK);
}

static enum err get_hello_ack(struct span payload)
{
    struct wire_hello_ack m;

    return wire_get_hello_ack(payload, &m);
}

static void hello_ack_round_trip(void **state)
{
    struct wire_hello_ack got, m = {.version = 1,
                                    .features = FEATURE_VIDEO,
                                    .pem = {(const uint8_t *)pem, sizeof pem - 1}};
    struct span payload;

    (void)state;
    buf_clear(&out);
    wire_put_hello_ack(&out, &m);
    payload = cuts_payload(&out, MESSAGE_HELLO_ACK);
    assert_int_equal(wire_get_hello_ack(payload, &got), ERR_OK);
    assert_int_equal(got.version, 1);
    assert_true(got.features == FEATURE_VIDEO);
    assert_memory_equal(got.pem.data, pem, sizeof pem - 1);
    cuts_check_fields(payload, get_hello_ack);
    cuts_check_changed(payload, get_hello_ack);
}

static enum err get_ack(struct span payload)
{
    struct wire_ack m;
    enum err e = wire_get_ack(payload, &m);

    assert_true(e != ERR_OK || m.invitation.len == 0 || m.invitation.len == 16);
    return e;
}

static void ack_round_trip(void **state)
{
    uint8_t signature[SIZE_SIGNATURE];
    struct wire_ack got, m = {.signature = signature};
    struct span payload;

    (void)state;
    memset(signature, 0xa5, sizeof signature);
    for (size_t len = 0; len < 20; len++) {
        m.invitation = (struct span){(const uint8_t *)"0123456789abcdef0123", len};
        buf_clear(&out);
        wire_put_ack(&out, &m);
        payload = cuts_payload(&out, MESSAGE_ACK);
        assert_int_equal(get_ack(payload) == ERR_OK, len == 0 || len == 16);
        if (len != 0 && len != 16)
            continue;
        assert_int_equal(wire_get_ack(payload, &got), ERR_OK);
        assert_memory_equal(got.signature, signature, sizeof signature);
        assert_int_equal(got.invitation.len, len);
        cuts_check_fields(payload, get_ack);
        cuts_check_changed(payload, get_ack);
    }
}

static enum err get_error(struct span payload)
{
    struct wire_error m;
    enum err e = wire_get_error(payload, &m);

    assert_true(e != ERR_OK || (m.text.len <= LIMIT_REASON && text_valid(m.text.data, m.text.len)));
    return e;
}

static enum err get_refused(struct span payload)
{
    struct wire_refused m;
    enum err e = wire_get_refused(payload, &m);

    assert_true(e != ERR_OK || (m.text.len <= LIMIT_REASON && text_valid(m.text.data, m.text.len)));
    return e;
}

static enum err get_quit(struct span payload)
{
    struct span text;

    return wire_get_quit(payload, &text);
}

static void sentences_round_trip(void **state)
{
    struct wire_error error;
    struct wire_refused refused;
    struct span payload, text;

    (void)state;
    buf_clear(&out);
    wire_put_error(&out, CODE_PROTOCOL, "sch\xc3\xb6n");
    payload = cuts_payload(&out, MESSAGE_ERROR);
    assert_int_equal(wire_get_error(payload, &error), ERR_OK);
    assert_int_equal(error.code, CODE_PROTOCOL);
    assert_int_equal(error.text.len, 6);
    cuts_check_fields(payload, get_error);
    cuts_check_changed(payload, get_error);

    buf_clear(&out);
    wire_put_refused(&out, UINT64_C(0xfedcba9876543210), 0xfffe, "no");
    payload = cuts_payload(&out, MESSAGE_REFUSED);
    assert_int_equal(wire_get_refused(payload, &refused), ERR_OK);
    assert_true(refused.about == UINT64_C(0xfedcba9876543210));
    assert_int_equal(refused.code, 0xfffe);
    assert_memory_equal(refused.text.data, "no", 2);
    cuts_check_fields(payload, get_refused);
    cuts_check_changed(payload, get_refused);

    buf_clear(&out);
    wire_put_quit(&out, "");
    payload = cuts_payload(&out, MESSAGE_QUIT);
    assert_int_equal(wire_get_quit(payload, &text), ERR_OK);
    assert_int_equal(text.len, 0);
    cuts_check_fields(payload, get_quit);
}

/* The other side refuses a sentence that is too long or cut inside a character. */
static void long_sentences_are_cut_where_they_may(void **state)
{
    char text[LIMIT_REASON + 10];
    struct wire_error m;

    (void)state;
    for (size_t at = LIMIT_REASON - 4; at <= LIMIT_REASON; at++) {
        memset(text, 'x', sizeof text);
        memcpy(text + at, "\xf0\x9f\x98\x80", 4);
        text[sizeof text - 1] = 0;
        buf_clear(&out);
        wire_put_error(&out, 1, text);
        assert_int_equal(wire_get_error(cuts_payload(&out, MESSAGE_ERROR), &m), ERR_OK);
        assert_int_equal(m.text.len, at == LIMIT_REASON - 4 ? LIMIT_REASON : at);
    }
    buf_clear(&out);
    wire_put_error(&out, 1, "cut off inside \xe2\x82");
    assert_int_equal(wire_get_error(cuts_payload(&out, MESSAGE_ERROR), &m), ERR_OK);
    assert_int_equal(m.text.len, 15);
}

static void sentences_are_checked(void **state)
{
    (void)state;
    assert_int_equal(get_error((struct span){(const uint8_t *)"\0\1\0\2\xc3(", 6}), ERR_UTF8);
    buf_clear(&out);
    buf_add16(&out, 1);
    buf_add16(&out, LIMIT_REASON + 1);
    for (int i = 0; i <= LIMIT_REASON; i++)
        buf_add8(&out, 'x');
    assert_int_not_equal(get_error((struct span){out.data, out.len}), ERR_OK);
}

static int make(void **state)
{
    (void)state;
    buf_init(&out, 100000);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    buf_free(&out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_round_trip),
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(a_key_has_a_limit),
        cmocka_unit_test(hello_ack_round_trip),
        cmocka_unit_test(ack_round_trip),
        cmocka_unit_test(sentences_round_trip),
        cmocka_unit_test(long_sentences_are_cut_where_they_may),
        cmocka_unit_test(sentences_are_checked),
    };

    return cmocka_run_group_tests(tests, make, unmake);
}
