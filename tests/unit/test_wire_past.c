/* RESUME, PAST, PAST_END: to bytes and back, and whatever else comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/cuts.h"
#include "wire/past.h"

static const uint8_t log_id[SIZE_LOG_ID] = "0123456789abcde";
static const uint8_t fingerprint[SIZE_FINGERPRINT] = "a fingerprint";

static enum err get_resume(struct span payload)
{
    struct wire_resume m;

    return wire_get_resume(payload, &m);
}

static void resume(void **state)
{
    struct wire_resume m = {log_id, UINT64_C(0x0102030405060708)}, got;
    struct buf b;
    struct span p;

    (void)state;
    buf_init(&b, 1000);
    wire_put_resume(&b, &m);
    p = cuts_payload(&b, 0x23);
    assert_int_equal(p.len, 24);
    assert_memory_equal(p.data, log_id, SIZE_LOG_ID);
    assert_memory_equal(p.data + 16, "\1\2\3\4\5\6\7\10", 8);
    assert_int_equal(wire_get_resume(p, &got), ERR_OK);
    assert_memory_equal(got.log_id, log_id, SIZE_LOG_ID);
    assert_true(got.after == m.after);
    cuts_check(p, get_resume);
    cuts_check_fields(p, get_resume);
    cuts_check_changed(p, get_resume);
    buf_free(&b);
}

static enum err get_past(struct span payload)
{
    struct wire_past m;
    enum err e = wire_get_past(payload, &m);

    return e == ERR_OK && m.sealed.envelope.len < 8 ? ERR_SHORT : e;
}

static void past(void **state)
{
    struct wire_past got;
    struct buf b;
    struct span p;
    size_t begin;

    (void)state;
    buf_init(&b, 1000);
    begin = wire_past_begin(&b, 77, "alice", fingerprint, 1700000000000);
    buf_add(&b, "envelope", 8);
    message_end(&b, begin);
    p = cuts_payload(&b, 0x24);
    assert_int_equal(p.len, 8 + 6 + 32 + 8 + 8);
    assert_int_equal(wire_get_past(p, &got), ERR_OK);
    assert_true(got.sealed.number == 77 && got.time_ms == 1700000000000);
    assert_string_equal(got.sealed.from, "alice");
    assert_memory_equal(got.sealed.fingerprint, fingerprint, sizeof fingerprint);
    assert_int_equal(got.sealed.envelope.len, 8);
    assert_memory_equal(got.sealed.envelope.data, "envelope", 8);
    for (size_t len = 0; len < p.len; len++)
        assert_true(get_past((struct span){p.data, len}) != ERR_OK);
    cuts_check_changed(p, get_past);
    b.data[MESSAGE_HEADER + 9] = ' ';
    assert_int_equal(wire_get_past(p, &got), ERR_NAME);
    buf_free(&b);
}

static enum err get_end(struct span payload)
{
    struct wire_past_end m;
    enum err e = wire_get_past_end(payload, &m);

    if (e == ERR_OK)
        assert_true(m.from <= m.last && m.lost <= m.last - m.from);
    return e;
}

static void the_end(void **state)
{
    static const struct {
        struct wire_past_end m;
        enum err e;
    } ends[] = {
        {{0, 0, 0}, ERR_OK},      {{3, 10, 7}, ERR_OK},      {{0, UINT64_MAX, UINT64_MAX}, ERR_OK},
        {{3, 10, 8}, ERR_FORMAT}, {{11, 10, 0}, ERR_FORMAT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct wire_past_end got;
        struct buf b;
        struct span p;

        buf_init(&b, 1000);
        wire_put_past_end(&b, &ends[i].m);
        p = cuts_payload(&b, 0x25);
        assert_int_equal(p.len, 24);
        assert_int_equal(wire_get_past_end(p, &got), ends[i].e);
        assert_memory_equal(&got, &ends[i].m, sizeof got);
        if (ends[i].e == ERR_OK) {
            cuts_check(p, get_end);
            cuts_check_fields(p, get_end);
        }
        cuts_check_changed(p, get_end);
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resume),
        cmocka_unit_test(past),
        cmocka_unit_test(the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
