/* Integers in both orders, constant-time comparison, CRC-32C, blobs, reasons and wiping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/blob.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/wipe.h"
#include "tests/kit/dice.h"

static void network_order(void **state)
{
    static const uint8_t p[8] = {0x81, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0xf8};
    uint8_t out[8];

    (void)state;
    assert_int_equal(bytes_get16(p), 0x8102);
    assert_int_equal(bytes_get32(p), 0x81020304);
    assert_true(bytes_get64(p) == UINT64_C(0x81020304050607f8));
    bytes_put16(out, 0x8102);
    assert_memory_equal(out, p, 2);
    bytes_put32(out, 0x81020304);
    assert_memory_equal(out, p, 4);
    bytes_put64(out, UINT64_C(0x81020304050607f8));
    assert_memory_equal(out, p, 8);
}

static void little_endian(void **state)
{
    static const uint8_t p[8] = {0xf8, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x81};
    uint8_t out[8];

    (void)state;
    assert_int_equal(bytes_get32le(p), 0x050607f8);
    assert_true(bytes_get64le(p) == UINT64_C(0x81020304050607f8));
    bytes_put32le(out, 0x050607f8);
    assert_memory_equal(out, p, 4);
    bytes_put64le(out, UINT64_C(0x81020304050607f8));
    assert_memory_equal(out, p, 8);
}

static void both_orders_for_any_number(void **state)
{
    struct dice dice = dice_make(1);
    uint8_t p[8], q[8];

    (void)state;
    for (int i = 0; i < 1000; i++) {
        uint64_t v = dice_u64(&dice) >> dice_below(&dice, 64);

        bytes_put64(p, v);
        bytes_put64le(q, v);
        assert_true(bytes_get64(p) == v && bytes_get64le(q) == v);
        for (int k = 0; k < 8; k++)
            assert_int_equal(p[k], q[7 - k]);
    }
}

static void equal_looks_at_every_byte(void **state)
{
    uint8_t a[40] = {0}, b[40] = {0};

    (void)state;
    assert_true(bytes_equal(a, b, sizeof a));
    assert_true(bytes_equal("x", "y", 0));
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] = 0x80;
        assert_false(bytes_equal(a, b, sizeof a));
        assert_true(bytes_equal(a, b, i));
        b[i] = 0;
    }
}

/* RFC 3720 appendix B.4, and the usual check value. */
static void crc32c_vectors(void **state)
{
    uint8_t p[32];

    (void)state;
    assert_int_equal(bytes_crc32c(0, "", 0), 0);
    assert_int_equal(bytes_crc32c(0, "123456789", 9), 0xe3069283);
    memset(p, 0, sizeof p);
    assert_int_equal(bytes_crc32c(0, p, sizeof p), 0x8a9136aa);
    memset(p, 0xff, sizeof p);
    assert_int_equal(bytes_crc32c(0, p, sizeof p), 0x62a8ab43);
    for (int i = 0; i < 32; i++)
        p[i] = (uint8_t)i;
    assert_int_equal(bytes_crc32c(0, p, sizeof p), 0x46dd794e);
    for (int i = 0; i < 32; i++)
        p[i] = (uint8_t)(31 - i);
    assert_int_equal(bytes_crc32c(0, p, sizeof p), 0x113fdb5c);
}

static void crc32c_goes_on(void **state)
{
    static const char text[] = "123456789";

    (void)state;
    for (size_t cut = 0; cut <= 9; cut++) {
        uint32_t crc = bytes_crc32c(0, text, cut);

        assert_int_equal(bytes_crc32c(crc, text + cut, 9 - cut), 0xe3069283);
    }
}

static void blobs_live_as_long_as_held(void **state)
{
    struct blob *b = blob_make("abc", 3);
    struct blob *empty = blob_make(NULL, 0);

    (void)state;
    assert_non_null(b);
    assert_ptr_equal(blob_hold(b), b);
    blob_drop(b);
    assert_int_equal(b->len, 3);
    assert_memory_equal(b->data, "abc", 3);
    blob_drop(b);
    assert_int_equal(empty->len, 0);
    blob_drop(empty);
    blob_drop(NULL);
    assert_null(blob_make("", SIZE_MAX));
}

static void every_reason_has_a_text(void **state)
{
    (void)state;
    for (int e = 0; e < ERR_COUNT; e++) {
        assert_string_not_equal(err_text((enum err)e), "unknown error");
        for (int other = 0; other < e; other++)
            assert_string_not_equal(err_text((enum err)e), err_text((enum err)other));
    }
    assert_string_equal(err_text((enum err)ERR_COUNT), "unknown error");
    assert_string_equal(err_text((enum err) - 1), "unknown error");
}

static void wiping(void **state)
{
    uint8_t p[100], zero[100] = {0};

    (void)state;
    memset(p, 0x5a, sizeof p);
    wipe(p, 99);
    assert_memory_equal(p, zero, 99);
    assert_int_equal(p[99], 0x5a);
    wipe(NULL, 0);
    wipe_stack();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(network_order),
        cmocka_unit_test(little_endian),
        cmocka_unit_test(both_orders_for_any_number),
        cmocka_unit_test(equal_looks_at_every_byte),
        cmocka_unit_test(crc32c_vectors),
        cmocka_unit_test(crc32c_goes_on),
        cmocka_unit_test(blobs_live_as_long_as_held),
        cmocka_unit_test(every_reason_has_a_text),
        cmocka_unit_test(wiping),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
