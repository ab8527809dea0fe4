/* The messages of a direct link. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/kit/cuts.h"
#include "wire/direct.h"

static struct buf out;

static void begin(void)
{
    buf_free(&out);
    buf_init(&out, 1024 * 1024);
}

static enum err get_call(struct span payload)
{
    struct wire_call m;
    enum err e = wire_get_call(payload, &m);

    if (e == ERR_OK)
        assert_true(text_name_valid(m.name, strlen(m.name)));
    return e;
}

static void call_round_trip(void **state)
{
    uint8_t spki[SIZE_SPKI], server[SIZE_FINGERPRINT], signature[SIZE_SIGNATURE];
    struct wire_call m = {.version = 0x0102,
                          .features = UINT64_C(0x8000000000000001),
                          .name = "alice",
                          .spki = spki,
                          .server = server,
                          .signature = signature};
    struct wire_call got;
    struct span payload;

    (void)state;
    memset(spki, 1, sizeof spki);
    memset(server, 2, sizeof server);
    memset(signature, 3, sizeof signature);
    begin();
    wire_put_call(&out, &m);
    payload = cuts_payload(&out, MESSAGE_CALL);
    assert_int_equal(wire_get_call(payload, &got), ERR_OK);
    assert_int_equal(got.version, 0x0102);
    assert_true(got.features == m.features);
    assert_string_equal(got.name, "alice");
    assert_memory_equal(got.spki, spki, sizeof spki);
    assert_memory_equal(got.server, server, sizeof server);
    assert_memory_equal(got.signature, signature, sizeof signature);
    cuts_check_fields(payload, get_call);
    cuts_check_changed(payload, get_call);
}

static void a_call_for_files(void **state)
{
    uint8_t zeros[SIZE_SPKI] = {0};
    struct wire_call m = {
        .purpose = PURPOSE_FILES, .name = "a", .spki = zeros, .server = zeros, .signature = zeros};
    struct wire_call got;
    struct span payload;

    (void)state;
    begin();
    wire_put_call(&out, &m);
    payload = cuts_payload(&out, MESSAGE_CALL);
    assert_int_equal(wire_get_call(payload, &got), ERR_OK);
    assert_int_equal(got.purpose, PURPOSE_FILES);
    out.data[out.len - 2] = 0; /* a purpose of no bytes, and one too many behind */
    assert_int_not_equal(wire_get_call(payload, &got), ERR_OK);
    payload.len--;
    assert_int_equal(wire_get_call(payload, &got), ERR_FORMAT);
}

static enum err get_ringing(struct span payload)
{
    struct wire_ringing m;

    return wire_get_ringing(payload, &m);
}

static void ringing_round_trip(void **state)
{
    struct wire_ringing m = {.version = 3, .features = 5}, got;
    struct span payload;

    (void)state;
    begin();
    wire_put_ringing(&out, &m);
    payload = cuts_payload(&out, MESSAGE_RINGING);
    assert_int_equal(wire_get_ringing(payload, &got), ERR_OK);
    assert_int_equal(got.version, 3);
    assert_true(got.features == 5);
    cuts_check_fields(payload, get_ringing);
}

static void those_that_say_nothing_else(void **state)
{
    static const uint8_t types[] = {MESSAGE_ACCEPT, MESSAGE_DECLINE, MESSAGE_EOM};

    (void)state;
    for (size_t i = 0; i < sizeof types; i++) {
        begin();
        wire_put_bare(&out, types[i]);
        assert_int_equal(out.len, MESSAGE_HEADER);
        assert_int_equal(wire_get_bare(cuts_payload(&out, types[i])), ERR_OK);
        cuts_check_fields(cuts_payload(&out, types[i]), wire_get_bare);
    }
}

static enum err get_text(struct span payload)
{
    struct span text;
    enum err e = wire_get_text(payload, &text);

    if (e == ERR_OK)
        assert_true(text_valid(text.data, text.len) && text.len > 0 && text.len <= LIMIT_TEXT);
    return e;
}

static void text_round_trip(void **state)
{
    struct span payload, got;

    (void)state;
    begin();
    wire_put_text(&out, (struct span){(const uint8_t *)"Gr\xc3\xbc\xc3\x9f", 6});
    payload = cuts_payload(&out, MESSAGE_TEXT);
    assert_int_equal(wire_get_text(payload, &got), ERR_OK);
    assert_int_equal(got.len, 6);
    assert_memory_equal(got.data, "Gr\xc3\xbc\xc3\x9f", 6);
    cuts_check_fields(payload, get_text);
    cuts_check_changed(payload, get_text);
}

static enum err with_text(const void *text, size_t len)
{
    begin();
    buf_add_sized16(&out, text, len);
    return get_text((struct span){out.data, out.len});
}

static void text_has_its_limits(void **state)
{
    static char large[LIMIT_TEXT + 1];

    (void)state;
    memset(large, 'x', sizeof large);
    assert_int_equal(with_text(large, LIMIT_TEXT), ERR_OK);
    assert_int_not_equal(with_text(large, LIMIT_TEXT + 1), ERR_OK);
    assert_int_equal(with_text("", 0), ERR_EMPTY);
    assert_int_equal(with_text("\xc3", 1), ERR_UTF8);
    assert_int_equal(with_text("\xed\xa0\x80", 3), ERR_UTF8);
}

static int done(void **state)
{
    (void)state;
    buf_free(&out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(call_round_trip),    cmocka_unit_test(a_call_for_files),
        cmocka_unit_test(ringing_round_trip), cmocka_unit_test(those_that_say_nothing_else),
        cmocka_unit_test(text_round_trip),    cmocka_unit_test(text_has_its_limits),
    };

    return cmocka_run_group_tests(tests, NULL, done);
}
