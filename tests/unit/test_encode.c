/* Pictures of a camera to JPEG: the colours come back, and sizes that can't be are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "player/decode.h"
#include "player/encode.h"

/* Rows of Y U Y V of one colour, with rubbish behind each. */
static uint8_t *paint(unsigned width, unsigned height, size_t pitch, const uint8_t yuv[3])
{
    uint8_t *p = malloc(pitch * height);

    assert_non_null(p);
    memset(p, 0x11, pitch * height);
    for (size_t row = 0; row < height; row++) {
        for (size_t x = 0; x < width; x++) {
            p[row * pitch + 2 * x] = yuv[0];
            p[row * pitch + 2 * x + 1] = yuv[1 + x % 2];
        }
    }
    return p;
}

static void check(unsigned width, unsigned height, size_t pitch)
{
    static const uint8_t yuv[] = {90, 200, 60};
    uint8_t *pixels = paint(width, height, pitch, yuv), *jpeg;
    struct picture_set set = {0};
    struct picture *picture = picture_take(&set);
    struct decode d;
    size_t len;

    assert_int_equal(encode_yuyv(pixels, pitch, width, height, &jpeg, &len), ERR_OK);
    assert_int_equal(decode_open(&d), ERR_OK);
    assert_int_equal(decode_picture(&d, jpeg, len, width, height, picture), ERR_OK);
    assert_int_equal(picture->full_width, width);
    assert_int_equal(picture->full_height, height);
    for (size_t i = 0; i < 3; i++)
        assert_in_range(picture_plane(picture, i)[0], yuv[i] - 3, yuv[i] + 3);
    decode_close(&d);
    picture_free_all(&set);
    free(jpeg);
    free(pixels);
}

static void colours_come_back(void **state)
{
    (void)state;
    check(64, 48, 128);
    check(64, 48, 160);
    check(2, 1, 4);
    check(642, 7, 1284);
}

static void other_sizes_are_refused(void **state)
{
    static const uint8_t pixels[64];
    uint8_t *jpeg;
    size_t len;

    (void)state;
    assert_int_equal(encode_yuyv(pixels, 6, 3, 2, &jpeg, &len), ERR_LIMIT);
    assert_int_equal(encode_yuyv(pixels, 0, 0, 2, &jpeg, &len), ERR_LIMIT);
    assert_int_equal(encode_yuyv(pixels, 4, 2, 0, &jpeg, &len), ERR_LIMIT);
    assert_int_equal(encode_yuyv(pixels, 4, LIMIT_WIDTH + 2, 1, &jpeg, &len), ERR_LIMIT);
    assert_int_equal(encode_yuyv(pixels, 4, 2, LIMIT_HEIGHT + 1, &jpeg, &len), ERR_LIMIT);
    assert_null(jpeg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours_come_back),
        cmocka_unit_test(other_sizes_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
