/* Frames out of a stream that comes in pieces of any size, between what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/kit/jpegs.h"
#include "video/cutter.h"

static struct buf stream;
static uint8_t *jpeg;
static size_t jpeg_len;

static int make(void **state)
{
    (void)state;
    jpeg = jpegs_make(32, 16, 0x123456, &jpeg_len);
    buf_init(&stream, 64 << 20);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    free(jpeg);
    buf_free(&stream);
    return 0;
}

/* Frames that are the JPEG, and what else was told. */
static void feed(size_t step, size_t *whole, size_t *broken)
{
    struct cutter c;

    *whole = *broken = 0;
    cutter_init(&c);
    for (size_t at = 0; at < stream.len; at += step) {
        struct span in = {stream.data + at, stream.len - at < step ? stream.len - at : step}, frame;
        enum cutter_event e;

        while (in.len > 0 && (e = cutter_feed(&c, &in, &frame)) != CUTTER_MORE) {
            *broken += e != CUTTER_FRAME;
            if (e != CUTTER_FRAME)
                continue;
            assert_int_equal(frame.len, jpeg_len);
            assert_memory_equal(frame.data, jpeg, jpeg_len);
            ++*whole;
        }
        assert_true(c.bytes.len <= LIMIT_FRAME + 2 * step);
    }
    cutter_free(&c);
}

static void every_frame_is_whole(void **state)
{
    size_t whole, broken;

    (void)state;
    buf_add_text(&stream, "garbage \xff\xff and \xff\xd8");
    for (size_t i = 0; i < 5; i++) {
        buf_add(&stream, jpeg, jpeg_len);
        buf_add(&stream, "\xff\xff-\xff", i);
    }
    buf_add(&stream, jpeg, jpeg_len - 4); /* one that is cut */
    buf_add(&stream, jpeg, jpeg_len);
    for (size_t step = 1; step < 2000; step = step < 40 ? step + 1 : step * 2) {
        feed(step, &whole, &broken);
        assert_int_equal(whole, 6);
        assert_int_equal(broken, 2); /* the beginning that was none, and the cut one */
    }
}

static void what_never_ends_is_given_up(void **state)
{
    size_t whole, broken;
    uint8_t *more;

    (void)state;
    buf_add(&stream, jpeg, jpeg_len - 2);
    more = buf_reserve(&stream, 2 * LIMIT_FRAME);
    assert_non_null(more);
    memset(more, 0x55, 2 * LIMIT_FRAME);
    buf_grew(&stream, 2 * LIMIT_FRAME);
    buf_add(&stream, jpeg, jpeg_len);
    feed(65536, &whole, &broken);
    assert_int_equal(whole, 1);
    assert_int_equal(broken, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_frame_is_whole, make, unmake),
        cmocka_unit_test_setup_teardown(what_never_ends_is_given_up, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
