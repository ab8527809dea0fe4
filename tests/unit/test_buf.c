/* The growing buffer and the bounded reader: what one writes the other reads, and neither goes
 * past its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "tests/kit/dice.h"

static void grows_to_its_limit_and_no_further(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    for (int i = 0; i < 1000; i++)
        buf_add8(&b, (uint8_t)i);
    assert_false(b.failed);
    assert_int_equal(b.len, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(b.data[i], (uint8_t)i);
    buf_add8(&b, 0);
    assert_true(b.failed);
    assert_int_equal(b.len, 1000);
    buf_free(&b);
}

static void a_failure_sticks(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 4);
    buf_add16(&b, 1);
    buf_add32(&b, 2);
    assert_true(b.failed);
    buf_add8(&b, 3);
    buf_add(&b, "", 0);
    assert_int_equal(b.len, 2);
    assert_null(buf_reserve(&b, 1));
    assert_string_equal(buf_text(&b), "");
    buf_clear(&b);
    assert_false(b.failed);
    buf_add32(&b, 2);
    assert_int_equal(b.len, 4);
    buf_free(&b);
    buf_free(&b);
    assert_int_equal(b.limit, 4);
    assert_null(b.data);
}

static void nothing_added_is_nothing(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 10);
    buf_add(&b, NULL, 0);
    buf_drop(&b, 0);
    assert_int_equal(b.len, 0);
    assert_string_equal(buf_text(&b), "");
    assert_false(b.failed);
    buf_free(&b);
}

static void reserve_then_grew(void **state)
{
    struct buf b;
    uint8_t *p;

    (void)state;
    buf_init(&b, 8);
    buf_add_text(&b, "abc");
    p = buf_reserve(&b, 5);
    assert_non_null(p);
    assert_int_equal(b.len, 3);
    memcpy(p, "defgh", 5);
    buf_grew(&b, 2);
    assert_memory_equal(b.data, "abcde", 5);
    assert_int_equal(b.len, 5);
    assert_null(buf_reserve(&b, SIZE_MAX));
    buf_free(&b);
}

static void sized_fields(void **state)
{
    struct buf b;
    uint8_t long_one[300] = {7};

    (void)state;
    buf_init(&b, 70000);
    buf_add_sized8(&b, "ab", 2);
    buf_add_sized16(&b, "cd", 2);
    buf_add_sized32(&b, NULL, 0);
    assert_int_equal(b.len, 11);
    assert_memory_equal(b.data, "\2ab\0\2cd\0\0\0\0", 11);
    buf_add_sized16(&b, long_one, sizeof long_one);
    assert_false(b.failed);
    assert_int_equal(b.len, 11 + 302);
    buf_add_sized8(&b, long_one, 256);
    assert_true(b.failed);
    assert_int_equal(b.len, 313);
    buf_free(&b);
}

static void printf_and_text(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 100);
    buf_printf(&b, "%s-%d", "frame", 7);
    buf_printf(&b, "%s", "");
    buf_add_text(&b, "!");
    assert_string_equal(buf_text(&b), "frame-7!");
    assert_int_equal(b.len, 8);
    buf_drop(&b, 6);
    assert_string_equal(buf_text(&b), "7!");
    buf_printf(&b, "%0100d", 1);
    assert_true(b.failed);
    buf_free(&b);
}

/* Nothing of what was dropped, or moved up, stays behind the end. */
static void dropped_is_wiped(void **state)
{
    static const char zeros[12];

    (void)state;
    for (size_t n = 0; n <= 12; n++) {
        struct buf b;

        buf_init(&b, 100);
        buf_add_text(&b, "onetwothree!");
        buf_drop(&b, n);
        assert_int_equal(b.len, 12 - n);
        assert_memory_equal(b.data, &"onetwothree!"[n], 12 - n);
        assert_memory_equal(b.data + 12 - n, zeros, n);
        buf_free(&b);
    }
}

static void reads_what_was_written(void **state)
{
    struct buf b;
    struct cursor c;
    uint8_t three[3];

    (void)state;
    buf_init(&b, 100);
    buf_add8(&b, 0xfe);
    buf_add16(&b, 0xfedc);
    buf_add32(&b, 0xfedcba98);
    buf_add64(&b, UINT64_C(0xfedcba9876543210));
    buf_add_text(&b, "xyz");
    buf_add_sized32(&b, "end", 3);
    c = cursor_over(b.data, b.len);
    assert_int_equal(cursor_get8(&c), 0xfe);
    assert_int_equal(cursor_get16(&c), 0xfedc);
    assert_int_equal(cursor_get32(&c), 0xfedcba98);
    assert_true(cursor_get64(&c) == UINT64_C(0xfedcba9876543210));
    cursor_copy(&c, three, 3);
    assert_memory_equal(three, "xyz", 3);
    assert_int_equal(cursor_end(&c), ERR_TRAILING);
    assert_int_equal(cursor_sized32(&c, 3).len, 3);
    assert_int_equal(cursor_end(&c), ERR_OK);
    buf_free(&b);
}

static void past_the_end_are_zeros(void **state)
{
    static const uint8_t three[3] = {0xff, 0xff, 0xff};
    struct cursor c = cursor_over(three, 3);
    uint8_t out[4] = {9, 9, 9, 9};

    (void)state;
    assert_int_equal(cursor_get32(&c), 0);
    assert_true(c.failed);
    assert_int_equal(cursor_get8(&c), 0);
    assert_null(cursor_take(&c, 0));
    cursor_copy(&c, out, 4);
    assert_memory_equal(out, "\0\0\0\0", 4);
    assert_int_equal(cursor_end(&c), ERR_SHORT);
    c = cursor_over(NULL, 0);
    assert_int_equal(cursor_end(&c), ERR_OK);
    assert_int_equal(cursor_get8(&c), 0);
    assert_int_equal(cursor_end(&c), ERR_SHORT);
}

static void sized_fields_have_a_maximum(void **state)
{
    static const uint8_t p[] = {0, 3, 'a', 'b', 'c'};
    struct cursor c = cursor_over(p, sizeof p);
    struct span s = cursor_sized16(&c, 3);

    (void)state;
    assert_int_equal(s.len, 3);
    assert_ptr_equal(s.data, p + 2);
    c = cursor_over(p, sizeof p);
    s = cursor_sized16(&c, 2);
    assert_true(c.failed);
    assert_true(s.data == NULL && s.len == 0);
    c = cursor_over(p, 4);
    assert_int_equal(cursor_sized16(&c, 3).len, 0);
    assert_true(c.failed);
    c = cursor_over("\xff\xff\xff\xff", 4);
    assert_int_equal(cursor_sized32(&c, SIZE_MAX).len, 0);
    assert_true(c.failed);
}

static void fields_are_skipped_and_found(void **state)
{
    static const uint8_t p[] = {1, 0, 2, 'a', 'b', 9, 0, 0, 1, 0, 1, 'z'};
    struct cursor c = cursor_over(p, sizeof p);
    struct span s = cursor_field(&c, 1);

    (void)state;
    assert_int_equal(s.len, 2);
    assert_memory_equal(s.data, "ab", 2);
    s = cursor_field(&c, 9);
    assert_true(s.data != NULL && s.len == 0);
    assert_null(cursor_field(&c, 2).data);
    assert_int_equal(c.left, sizeof p);
    for (size_t len = 0; len <= sizeof p; len++) {
        bool whole = len == 0 || len == 5 || len == 8 || len == 12;

        c = cursor_over(p, len);
        assert_int_equal(cursor_end_fields(&c), whole ? ERR_OK : ERR_SHORT);
    }
}

/* Any writes, cut at any place: the reader gives what is there and then fails, and never reads on.
 */
static void any_cut_is_noticed(void **state)
{
    struct dice dice = dice_make(2);
    struct buf b;

    (void)state;
    buf_init(&b, 100000);
    for (int round = 0; round < 300; round++) {
        size_t count = 1 + dice_below(&dice, 8), sizes[8];
        uint8_t *cut;
        struct cursor c;

        buf_clear(&b);
        for (size_t i = 0; i < count; i++) {
            uint8_t bytes[64];

            sizes[i] = dice_below(&dice, sizeof bytes);
            dice_bytes(&dice, bytes, sizes[i]);
            buf_add_sized16(&b, bytes, sizes[i]);
        }
        size_t len = dice_below(&dice, b.len + 1);
        cut = malloc(len + 1); /* so that a sanitizer sees the end */
        memcpy(cut, b.data, len);
        c = cursor_over(cut, len);
        size_t end = 0;
        for (size_t i = 0; i < count; i++) {
            end += 2 + sizes[i];
            assert_int_equal(cursor_sized16(&c, 64).len, end <= len ? sizes[i] : 0);
            assert_int_equal(c.failed, end > len);
        }
        free(cut);
    }
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_to_its_limit_and_no_further),
        cmocka_unit_test(a_failure_sticks),
        cmocka_unit_test(nothing_added_is_nothing),
        cmocka_unit_test(reserve_then_grew),
        cmocka_unit_test(sized_fields),
        cmocka_unit_test(printf_and_text),
        cmocka_unit_test(dropped_is_wiped),
        cmocka_unit_test(reads_what_was_written),
        cmocka_unit_test(past_the_end_are_zeros),
        cmocka_unit_test(sized_fields_have_a_maximum),
        cmocka_unit_test(fields_are_skipped_and_found),
        cmocka_unit_test(any_cut_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
