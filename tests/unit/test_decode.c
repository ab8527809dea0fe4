#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

#include "player/decode.h"
#include "tests/kit/jpegs.h"

static void test_scale(void **state)
{
    (void)state;
    assert_int_equal(decode_scale(1280, 720, 1280, 720), 8);
    assert_int_equal(decode_scale(2560, 1440, 1280, 720), 4);
    assert_int_equal(decode_scale(2560, 1440, 1281, 721), 8);
    assert_int_equal(decode_scale(2560, 1440, 1000, 1000), 4);
    assert_int_equal(decode_scale(2560, 1440, 320, 180), 1);
    assert_int_equal(decode_scale(2560, 1440, 640, 4000), 2);
    assert_int_equal(decode_scale(426, 240, 1280, 720), 8);
    assert_int_equal(decode_scale(1, 1, 1, 1), 1);
    assert_int_equal(decode_scale(8192, 4320, 1, 1), 1);
}

/* Whatever is chosen covers the output, and the next smaller one would not. */
static void test_scale_covers(void **state)
{
    unsigned seed = 7;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        unsigned v[4];
        for (int k = 0; k < 4; k++) {
            seed = seed * 1664525 + 1013904223;
            v[k] = 1 + (seed >> 8) % 4320;
        }
        int eighths = decode_scale(v[0], v[1], v[2], v[3]);
        assert_true(eighths == 8 || eighths == 4 || eighths == 2 || eighths == 1);
        if (eighths < 8) {
            /* Never enlarged further than what rounding to whole pixels explains. */
            double w = (double)v[2] / v[0], h = (double)v[3] / v[1];
            assert_true((w < h ? w : h) <=
                        eighths / 8.0 * 1.01 + 8.0 / (v[0] < v[1] ? v[0] : v[1]));
        }
    }
}

static uint32_t first_pixel(const struct picture *p)
{
    struct paint paint = {0};
    uint32_t pixels[64 * 64];
    const struct surface to = {pixels, 64 * 4, 64, 64, SURFACE_XRGB8888, false, false};
    const struct display_rect all = {.width = 64, .height = 64};

    assert_int_equal(paint_draw(&paint, &p->planes, &to, &all), ERR_OK);
    paint_free(&paint);
    return pixels[0];
}

static void test_colour_at_every_scale(void **state)
{
    static const unsigned outputs[][2] = {{64, 36}, {200, 200}, {32, 18}, {16, 9}, {8, 4}, {1, 1}};
    struct picture_set set = {0};
    struct decode d;
    size_t length;
    uint8_t *jpeg = jpegs_make(64, 36, 0xc08040, &length);

    (void)state;
    assert_int_equal(decode_open(&d), ERR_OK);
    for (unsigned i = 0; i < sizeof outputs / sizeof outputs[0]; i++) {
        struct picture *p = picture_take(&set);
        uint32_t pixel;
        assert_int_equal(decode_picture(&d, jpeg, length, outputs[i][0], outputs[i][1], p), ERR_OK);
        assert_int_equal(p->full_width, 64);
        assert_int_equal(p->full_height, 36);
        pixel = first_pixel(p);
        assert_true(labs((long)(pixel >> 16 & 255) - 0xc0) < 6);
        assert_true(labs((long)(pixel >> 8 & 255) - 0x80) < 6);
        assert_true(labs((long)(pixel & 255) - 0x40) < 6);
        picture_release(p);
    }
    decode_close(&d);
    decode_close(&d);
    picture_free_all(&set);
    free(jpeg);
}

/* The picture, painted at its decoded size, as TurboJPEG itself would make pixels of it. */
static void check_slope(struct decode *d, const uint8_t *jpeg, size_t length,
                        const struct picture *p)
{
    int width = (int)p->planes.width, height = (int)p->planes.height;
    size_t pixels = (size_t)width * (size_t)height;
    uint8_t *want = malloc(pixels * 4), *got = malloc(pixels * 4);
    const struct surface to = {
        got, (size_t)width * 4, p->planes.width, p->planes.height, SURFACE_XRGB8888, false, false};
    const struct display_rect all = {.width = to.width, .height = to.height};
    struct paint paint = {0};

    assert_true(want != NULL && got != NULL);
    assert_int_equal(
        tjDecompress2(d->handle, jpeg, (unsigned long)length, want, width, 0, height,
                      __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? TJPF_BGRX : TJPF_XRGB, 0),
        0);
    assert_int_equal(paint_draw(&paint, &p->planes, &to, &all), ERR_OK);
    for (size_t i = 0; i < pixels * 4; i++) {
        if (i % 4 != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 3 : 0))
            assert_true(abs(want[i] - got[i]) <= 12);
    }
    paint_free(&paint);
    free(want);
    free(got);
}

static void test_every_sampling_and_scale(void **state)
{
    static const int samplings[] = {TJSAMP_444, TJSAMP_422, TJSAMP_420,
                                    TJSAMP_440, TJSAMP_411, TJSAMP_GRAY};
    static const unsigned sizes[][2] = {{512, 384}, {515, 387}, {321, 800},
                                        {17, 9},    {3, 2},     {1, 1}};
    struct picture_set set = {0};
    struct decode d;

    (void)state;
    assert_int_equal(decode_open(&d), ERR_OK);
    for (size_t i = 0; i < sizeof samplings / sizeof samplings[0]; i++) {
        for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
            size_t length;
            uint8_t *jpeg = jpegs_slope(sizes[k][0], sizes[k][1], samplings[i], &length);
            for (unsigned part = 1; part <= 8; part *= 2) {
                struct picture *p = picture_take(&set);
                assert_int_equal(decode_picture(&d, jpeg, length, (sizes[k][0] + part - 1) / part,
                                                (sizes[k][1] + part - 1) / part, p),
                                 ERR_OK);
                /* In a few samples of chroma there is no slope. */
                if (sizes[k][0] > 100)
                    check_slope(&d, jpeg, length, p);
                picture_release(p);
            }
            free(jpeg);
        }
    }
    decode_close(&d);
    picture_free_all(&set);
}

/* Without JFIF's marker, components that are named R, G and B are that. */
static void make_rgb(uint8_t *jpeg, size_t *length)
{
    size_t jfif = 2 + (size_t)(jpeg[4] << 8 | jpeg[5]);

    assert_int_equal(jpeg[3], 0xe0);
    memmove(jpeg + 2, jpeg + 2 + jfif, *length - 2 - jfif);
    *length -= jfif;
    for (size_t i = 0; i + 16 < *length; i++) {
        if (jpeg[i] != 0xff || (jpeg[i + 1] != 0xc0 && jpeg[i + 1] != 0xda))
            continue;
        for (size_t k = 0; k < 3; k++)
            jpeg[i + (jpeg[i + 1] == 0xc0 ? 10 + 3 * k : 5 + 2 * k)] = (uint8_t) "RGB"[k];
    }
}

/* What was luma and chroma of 0xc08040 is now its red, green and blue. */
static void test_planes_of_red_green_and_blue(void **state)
{
    static const int want[] = {140, 85, 165};
    struct picture_set set = {0};
    struct picture *p = picture_take(&set);
    struct decode d;
    size_t length;
    uint8_t *jpeg = jpegs_make(40, 30, 0xc08040, &length);
    uint32_t pixel;

    (void)state;
    make_rgb(jpeg, &length);
    assert_int_equal(decode_open(&d), ERR_OK);
    assert_int_equal(decode_picture(&d, jpeg, length, 40, 30, p), ERR_OK);
    pixel = first_pixel(p);
    for (int i = 0; i < 3; i++)
        assert_true(abs((int)(pixel >> (16 - 8 * i) & 255) - want[i]) < 6);
    decode_close(&d);
    picture_free_all(&set);
    free(jpeg);
}

static void test_every_cut_is_broken(void **state)
{
    struct picture_set set = {0};
    struct picture *p = picture_take(&set);
    struct decode d;
    size_t length;
    uint8_t *jpeg = jpegs_make(33, 17, 0x123456, &length);

    (void)state;
    assert_int_equal(decode_open(&d), ERR_OK);
    for (size_t i = 0; i < length; i++) {
        uint8_t *cut = jpegs_copy(jpeg, i + 1); /* of exact size, so that reading on is seen */
        assert_int_equal(decode_picture(&d, cut, i, 64, 64, p), ERR_BROKEN);
        free(cut);
    }
    assert_int_equal(decode_picture(&d, jpeg, length, 64, 64, p), ERR_OK);
    decode_close(&d);
    picture_free_all(&set);
    free(jpeg);
}

/* No byte that is changed does harm, whatever comes of the picture. */
static void test_every_changed_byte(void **state)
{
    struct picture_set set = {0};
    struct picture *p = picture_take(&set);
    struct decode d;
    size_t length;
    uint8_t *jpeg = jpegs_make(24, 24, 0x654321, &length);

    (void)state;
    assert_int_equal(decode_open(&d), ERR_OK);
    for (size_t i = 0; i < length; i++) {
        static const uint8_t values[] = {0x00, 0xff, 0x80, 0x01};
        uint8_t kept = jpeg[i];
        for (size_t k = 0; k < sizeof values; k++) {
            enum err err;
            jpeg[i] = values[k];
            err = decode_picture(&d, jpeg, length, 24, 24, p);
            assert_true(err == ERR_OK || err == ERR_BROKEN || err == ERR_LIMIT);
        }
        jpeg[i] = kept;
    }
    assert_int_equal(decode_picture(&d, jpeg, length, 24, 24, p), ERR_OK);
    decode_close(&d);
    picture_free_all(&set);
    free(jpeg);
}

/* 0xffc0: a frame header with its height at offset 5 and its width at 7. */
static void set_size(uint8_t *jpeg, size_t length, unsigned width, unsigned height)
{
    for (size_t i = 0; i + 9 < length; i++) {
        if (jpeg[i] != 0xff || jpeg[i + 1] != 0xc0)
            continue;
        jpeg[i + 5] = (uint8_t)(height >> 8);
        jpeg[i + 6] = (uint8_t)height;
        jpeg[i + 7] = (uint8_t)(width >> 8);
        jpeg[i + 8] = (uint8_t)width;
        return;
    }
    fail();
}

static void test_sizes_over_the_limit(void **state)
{
    struct picture_set set = {0};
    struct picture *p = picture_take(&set);
    struct decode d;
    size_t length;
    uint8_t *jpeg = jpegs_make(16, 16, 0, &length);

    (void)state;
    assert_int_equal(decode_open(&d), ERR_OK);
    set_size(jpeg, length, 65500, 65500);
    assert_int_equal(decode_picture(&d, jpeg, length, 16, 16, p), ERR_LIMIT);
    set_size(jpeg, length, 8193, 16);
    assert_int_equal(decode_picture(&d, jpeg, length, 16, 16, p), ERR_LIMIT);
    set_size(jpeg, length, 16, 4321);
    assert_int_equal(decode_picture(&d, jpeg, length, 16, 16, p), ERR_LIMIT);
    assert_int_equal(p->capacity, 0);
    decode_close(&d);
    picture_free_all(&set);
    free(jpeg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scale),
        cmocka_unit_test(test_scale_covers),
        cmocka_unit_test(test_colour_at_every_scale),
        cmocka_unit_test(test_every_sampling_and_scale),
        cmocka_unit_test(test_planes_of_red_green_and_blue),
        cmocka_unit_test(test_every_cut_is_broken),
        cmocka_unit_test(test_every_changed_byte),
        cmocka_unit_test(test_sizes_over_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
