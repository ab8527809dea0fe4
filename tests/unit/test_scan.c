/* The scanner finds the same frames however its input is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/kit/film.h"
#include "video/scan.h"

#define SEEN 32

struct seen {
    size_t count;
    enum scan_event events[SEEN];
    struct scan_frame frames[SEEN];
    uint64_t garbage;
    bool cut;
};

static void feed(struct scan *s, struct seen *seen, const uint8_t *p, size_t len)
{
    while (len > 0) {
        size_t used;
        enum scan_event event = scan_feed(s, p, len, &used, &seen->frames[seen->count]);

        if (event == SCAN_MORE)
            assert_int_equal(used, len);
        else
            seen->events[seen->count++] = event;
        assert_true(seen->count < SEEN);
        p += used;
        len -= used;
    }
}

static struct seen end(const struct scan *s, struct seen *seen)
{
    seen->garbage = s->garbage;
    seen->cut = scan_cut(s);
    /* What SCAN_MORE left there is nobody's. */
    memset(&seen->frames[seen->count], 0, sizeof *seen->frames);
    return *seen;
}

static struct seen scan_split(const struct buf *b, size_t at)
{
    struct seen seen = {0};
    struct scan s;

    scan_init(&s);
    feed(&s, &seen, b->data, at);
    feed(&s, &seen, b->data + at, b->len - at);
    return end(&s, &seen);
}

static void same(const struct seen *a, const struct seen *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->garbage, b->garbage);
    assert_int_equal(a->cut, b->cut);
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(a->events[i], b->events[i]);
        assert_int_equal(a->frames[i].offset, b->frames[i].offset);
        assert_int_equal(a->frames[i].length, b->frames[i].length);
    }
}

/* Whole; and the same when split anywhere or fed byte by byte. */
static struct seen scan_every_way(const struct buf *b)
{
    struct seen whole = scan_split(b, 0), bytes = {0}, split;
    struct scan s;

    for (size_t at = 1; at < b->len; at++) {
        split = scan_split(b, at);
        same(&whole, &split);
    }
    scan_init(&s);
    for (size_t i = 0; i < b->len; i++)
        feed(&s, &bytes, b->data + i, 1);
    bytes = end(&s, &bytes);
    same(&whole, &bytes);
    return whole;
}

static void every_trait_gives_one_frame(void **state)
{
    (void)state;
    for (unsigned traits = 0; traits < 32; traits++) {
        struct buf b;
        struct seen seen;

        buf_init(&b, 65536);
        film_frame(&b, 1280, 720, traits);
        seen = scan_every_way(&b);
        assert_int_equal(seen.count, 1);
        assert_int_equal(seen.events[0], SCAN_FRAME);
        assert_int_equal(seen.frames[0].offset, 0);
        assert_int_equal(seen.frames[0].length, b.len);
        assert_int_equal(seen.frames[0].width, 1280);
        assert_int_equal(seen.frames[0].height, 720);
        assert_int_equal(seen.garbage, 0);
        assert_false(seen.cut);
        buf_free(&b);
    }
}

static void frames_follow_each_other(void **state)
{
    struct buf b;
    struct seen seen;
    int64_t at = 0;

    (void)state;
    buf_init(&b, 65536);
    film_frames(&b, 426, 240, 9);
    seen = scan_every_way(&b);
    assert_int_equal(seen.count, 9);
    for (size_t i = 0; i < 9; i++) {
        assert_int_equal(seen.events[i], SCAN_FRAME);
        assert_int_equal(seen.frames[i].offset, at);
        at += seen.frames[i].length;
    }
    assert_int_equal(at, b.len);
    buf_free(&b);
}

static void garbage_is_counted_by_runs(void **state)
{
    struct buf b;
    struct seen seen;

    (void)state;
    buf_init(&b, 65536);
    buf_add(&b, "RIFF\xff\xd8nothing\xff", 14);
    film_frame(&b, 64, 48, 0);
    film_frame(&b, 64, 48, 0);
    buf_add(&b, "00dc", 4);
    film_frame(&b, 64, 48, 0);
    seen = scan_every_way(&b);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.garbage, 2);
    assert_int_equal(seen.frames[0].offset, 14);
    buf_free(&b);
}

/* The frame behind a broken one is found, and the broken one keeps its place. */
static void broken_frames_keep_their_number(void **state)
{
    static const unsigned broken[] = {FILM_NO_SCAN, FILM_NO_END, FILM_BAD_MARK,
                                      FILM_NO_END | FILM_RESTART, FILM_NO_END | FILM_NO_SCAN};

    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct buf b;
        struct seen seen;
        size_t second, third;

        buf_init(&b, 65536);
        film_frame(&b, 64, 48, 0);
        second = b.len;
        film_frame(&b, 64, 48, broken[i]);
        third = b.len;
        film_frame(&b, 64, 48, 0);
        seen = scan_every_way(&b);
        assert_int_equal(seen.count, 3);
        assert_int_equal(seen.events[0], SCAN_FRAME);
        assert_int_equal(seen.events[1], SCAN_BROKEN);
        assert_int_equal(seen.frames[1].offset, second);
        assert_int_equal(seen.events[2], SCAN_FRAME);
        assert_int_equal(seen.frames[2].offset, third);
        assert_int_equal(seen.garbage, 0);
        buf_free(&b);
    }
}

static void cut_off_anywhere_is_said(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 65536);
    film_frame(&b, 64, 48, FILM_THUMBNAIL | FILM_FILL | FILM_RESTART);
    for (size_t len = 1; len < b.len; len++) {
        struct buf part = {.data = b.data, .len = len};
        struct seen seen = scan_split(&part, 0);

        assert_int_equal(seen.count, 0);
        assert_true(seen.cut);
    }
    buf_free(&b);
}

static void changed_size(unsigned at, uint8_t to)
{
    struct buf b;
    struct seen seen;

    buf_init(&b, 65536);
    film_frame(&b, 64, 48, 0);
    b.data[15 + at] = to;
    seen = scan_split(&b, 0);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.events[0], SCAN_BROKEN);
    buf_free(&b);
}

static void only_sane_sizes_are_frames(void **state)
{
    (void)state;
    changed_size(0, 0xc3); /* lossless */
    changed_size(0, 0xc9); /* arithmetic */
    changed_size(2, 18);   /* not the length of three components */
    changed_size(3, 12);   /* 12 bits */
    changed_size(4, 0x20); /* 8240 lines */
    changed_size(5, 0);    /* none at all */
    changed_size(6, 0x30); /* 12352 columns */
    changed_size(8, 4);    /* CMYK */
}

static void too_long_is_broken(void **state)
{
    struct buf b;
    struct seen seen;

    (void)state;
    buf_init(&b, 2 * LIMIT_FRAME);
    film_frame(&b, 64, 48, FILM_NO_END);
    memset(buf_reserve(&b, LIMIT_FRAME), 0x11, LIMIT_FRAME);
    buf_grew(&b, LIMIT_FRAME);
    film_frame(&b, 64, 48, 0);
    for (size_t at = 0; at < b.len; at += b.len / 7) {
        seen = scan_split(&b, at);
        assert_int_equal(seen.count, 2);
        assert_int_equal(seen.events[0], SCAN_BROKEN);
        assert_int_equal(seen.frames[0].length, LIMIT_FRAME);
        assert_int_equal(seen.events[1], SCAN_FRAME);
        assert_int_equal(seen.garbage, 0);
    }
    buf_free(&b);
}

static void noise_never_hangs(void **state)
{
    uint32_t x = 1;

    (void)state;
    for (int round = 0; round < 200; round++) {
        struct buf b;
        struct scan s;
        size_t at = 0;

        buf_init(&b, 65536);
        film_frames(&b, 64, 48, 6);
        for (int i = 0; i < 8; i++) {
            x = x * 1664525 + 1013904223;
            b.data[(x >> 8) % b.len] = (uint8_t)(x >> 4 & 1 ? 0xff : x >> 24);
        }
        scan_init(&s);
        while (at < b.len) {
            struct scan_frame frame;
            size_t used;

            if (scan_feed(&s, b.data + at, b.len - at, &used, &frame) != SCAN_MORE) {
                assert_true(frame.offset >= 0 && frame.length > 0);
                assert_true((uint64_t)frame.offset + frame.length <= b.len);
            }
            at += used;
        }
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_trait_gives_one_frame),
        cmocka_unit_test(frames_follow_each_other),
        cmocka_unit_test(garbage_is_counted_by_runs),
        cmocka_unit_test(broken_frames_keep_their_number),
        cmocka_unit_test(cut_off_anywhere_is_said),
        cmocka_unit_test(only_sane_sizes_are_frames),
        cmocka_unit_test(too_long_is_broken),
        cmocka_unit_test(noise_never_hangs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
