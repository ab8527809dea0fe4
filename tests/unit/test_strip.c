/* The strip is read again through JPEG, every scale and out of screenshots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <turbojpeg.h>

#include "video/strip.h"

struct plane {
    uint8_t *luma;
    size_t width, height;
};

static struct plane plane_new(size_t width, size_t height, uint32_t seed)
{
    struct plane p = {malloc(width * height), width, height};

    /* Busy, for what is above the strip must not be taken for it. */
    for (size_t i = 0; i < width * height; i++)
        p.luma[i] =
            (uint8_t)((i % width * 255 / width + (seed = seed * 1664525 + 1013904223) % 64) / 2);
    return p;
}

static void expect(const struct plane *p, uint32_t number, uint32_t rendition)
{
    uint32_t n = 0, r = 0;

    assert_true(strip_read(p->luma, p->width, p->width, p->height, &n, &r));
    assert_int_equal(n, number);
    assert_int_equal(r, rendition);
}

static void expect_seek(const struct plane *p, uint32_t number, uint32_t rendition)
{
    uint32_t n = 0, r = 0;

    assert_true(strip_seek(p->luma, p->width, p->width, p->height, &n, &r));
    assert_int_equal(n, number);
    assert_int_equal(r, rendition);
}

static struct plane drawn(size_t width, size_t height, uint32_t number, uint32_t rendition)
{
    struct plane p = plane_new(width, height, number);

    strip_draw(p.luma, width, width, height, number, rendition);
    return p;
}

/* Bilinear without a filter, into (left, top) of a black screen: what a simple player does. */
static struct plane shown(const struct plane *from, size_t width, size_t height, size_t screen_w,
                          size_t screen_h)
{
    struct plane to = {calloc(screen_w, screen_h), screen_w, screen_h};
    size_t left = (screen_w - width) / 2, top = (screen_h - height) / 2;

    for (size_t y = 0; y < height; y++) {
        size_t sy = (2 * y + 1) * from->height * 128 / height;
        size_t y0 = sy < 128 ? 0 : (sy - 128) >> 8, y1 = y0 + 1 < from->height ? y0 + 1 : y0;

        for (size_t x = 0; x < width; x++) {
            size_t sx = (2 * x + 1) * from->width * 128 / width;
            size_t x0 = sx < 128 ? 0 : (sx - 128) >> 8, x1 = x0 + 1 < from->width ? x0 + 1 : x0;
            size_t fx = (sx + 128) & 255, fy = (sy + 128) & 255;
            const uint8_t *a = from->luma + y0 * from->width, *b = from->luma + y1 * from->width;
            size_t sum = (a[x0] * (256 - fx) + a[x1] * fx) * (256 - fy) +
                         (b[x0] * (256 - fx) + b[x1] * fx) * fy;

            to.luma[(top + y) * screen_w + left + x] = (uint8_t)(sum >> 16);
        }
    }
    return to;
}

static void numbers_come_back(void **state)
{
    static const uint32_t numbers[] = {0, 1, 2, 215, 0x555555, 0xaaaaaa, 0xfffffe, 0xffffff};
    static const uint32_t renditions[] = {0, 240, 720, 1440, 0x5555, 0xffff};

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        for (size_t k = 0; k < sizeof renditions / sizeof *renditions; k++) {
            struct plane p = drawn(426, 240, numbers[i], renditions[k]);

            expect(&p, numbers[i], renditions[k]);
            expect_seek(&p, numbers[i], renditions[k]);
            free(p.luma);
        }
    }
}

static void only_the_strip_is_drawn_on(void **state)
{
    struct plane a = plane_new(426, 240, 5), b = drawn(426, 240, 5, 240);

    (void)state;
    assert_memory_equal(a.luma, b.luma, 426 * strip_top(240));
    free(a.luma);
    free(b.luma);
}

static void what_is_no_strip_is_refused(void **state)
{
    static uint8_t flat[320 * 180];
    uint32_t n, r;

    (void)state;
    for (int level = 0; level < 256; level += 15) {
        memset(flat, level, sizeof flat);
        assert_false(strip_read(flat, 320, 320, 180, &n, &r));
        assert_false(strip_seek(flat, 320, 320, 180, &n, &r));
    }
    for (size_t tiny = 0; tiny < 12; tiny++) {
        assert_false(strip_read(flat, tiny, tiny, tiny, &n, &r));
        assert_false(strip_seek(flat, tiny, tiny, tiny, &n, &r));
    }
}

static void a_wrong_cell_is_noticed(void **state)
{
    struct plane p = drawn(310, 240, 1234, 720);

    (void)state;
    for (size_t row = 0; row < 2; row++) {
        for (size_t c = 0; c < 31; c++) {
            size_t top = 220 + row * 10;
            uint32_t n, r;

            for (size_t y = top; y < top + 10; y++)
                for (size_t x = c * 10; x < c * 10 + 10; x++)
                    p.luma[y * 310 + x] ^= 255;
            assert_false(strip_read(p.luma, 310, 310, 240, &n, &r));
            for (size_t y = top; y < top + 10; y++)
                for (size_t x = c * 10; x < c * 10 + 10; x++)
                    p.luma[y * 310 + x] ^= 255;
        }
    }
    free(p.luma);
}

static struct plane through_jpeg(const struct plane *from, int quality, int num, int den)
{
    tjhandle c = tjInitCompress(), d = tjInitDecompress();
    const tjscalingfactor f = {num, den};
    struct plane to = {.width = (size_t)TJSCALED((int)from->width, f),
                       .height = (size_t)TJSCALED((int)from->height, f)};
    unsigned char *jpeg = NULL;
    unsigned long size = 0;

    to.luma = malloc(to.width * to.height);
    assert_int_equal(tjCompress2(c, from->luma, (int)from->width, 0, (int)from->height, TJPF_GRAY,
                                 &jpeg, &size, TJSAMP_GRAY, quality, 0),
                     0);
    assert_int_equal(
        tjDecompress2(d, jpeg, size, to.luma, (int)to.width, 0, (int)to.height, TJPF_GRAY, 0), 0);
    tjFree(jpeg);
    tjDestroy(c);
    tjDestroy(d);
    return to;
}

static void jpeg_and_its_scales_keep_it(void **state)
{
    static const struct {
        size_t width, height;
        int den; /* the smallest scale that is asked of it */
    } sizes[] = {{426, 240, 4}, {1280, 720, 8}, {2560, 1440, 8}};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct plane p = drawn(sizes[i].width, sizes[i].height, 70000 + (uint32_t)i, 1440);

        for (int den = 1; den <= sizes[i].den; den *= 2) {
            for (int quality = 50; quality <= 90; quality += 40) {
                struct plane q = through_jpeg(&p, quality, 1, den);

                expect(&q, 70000 + (uint32_t)i, 1440);
                if (q.height >= 180)
                    expect_seek(&q, 70000 + (uint32_t)i, 1440);
                free(q.luma);
            }
        }
        free(p.luma);
    }
}

static void scaling_to_odd_sizes_keeps_it(void **state)
{
    static const size_t sizes[][2] = {{426, 240}, {1280, 720}, {2560, 1440}};
    static const size_t to[][2] = {{320, 180},  {321, 181},  {427, 241},  {640, 360},  {853, 479},
                                   {1024, 576}, {1277, 719}, {1280, 720}, {1919, 1079}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct plane p = drawn(sizes[i][0], sizes[i][1], 99 * (uint32_t)i, 240);
        struct plane q = through_jpeg(&p, 50, 1, 1);

        for (size_t k = 0; k < sizeof to / sizeof *to; k++) {
            struct plane s = shown(&q, to[k][0], to[k][1], to[k][0], to[k][1]);
            struct plane screen = shown(&q, to[k][0], to[k][1], to[k][0] + 75, to[k][1] + 51);

            expect(&s, 99 * (uint32_t)i, 240);
            expect_seek(&s, 99 * (uint32_t)i, 240);
            expect_seek(&screen, 99 * (uint32_t)i, 240);
            free(s.luma);
            free(screen.luma);
        }
        free(p.luma);
        free(q.luma);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_come_back),
        cmocka_unit_test(only_the_strip_is_drawn_on),
        cmocka_unit_test(what_is_no_strip_is_refused),
        cmocka_unit_test(a_wrong_cell_is_noticed),
        cmocka_unit_test(jpeg_and_its_scales_keep_it),
        cmocka_unit_test(scaling_to_odd_sizes_keeps_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
