/* The font: every sign there, no two alike, and nothing drawn outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "video/font.h"

static void no_two_glyphs_are_alike(void **state)
{
    (void)state;
    for (uint32_t a = 0x21; a < 0x100; a = a == 0x7e ? 0xa1 : a + 1) {
        assert_ptr_not_equal(font_glyph(a), font_glyph(0xfffd));
        assert_memory_not_equal(font_glyph(a), font_glyph(' '), FONT_HEIGHT);
        for (uint32_t b = a + 1; b < 0x100; b = b == 0x7e ? 0xa1 : b + 1)
            if (a != '-' || b != 0xad) /* the soft hyphen */
                assert_memory_not_equal(font_glyph(a), font_glyph(b), FONT_HEIGHT);
    }
}

static void letters_stand_apart(void **state)
{
    (void)state;
    for (uint32_t c = 0x20; c < 0x100; c = c == 0x7e ? 0xa0 : c + 1)
        for (int row = 0; row < FONT_HEIGHT; row++)
            assert_int_equal(font_glyph(c)[row] & 1, 0);
}

static void unknown_is_a_box(void **state)
{
    const uint32_t codes[] = {0, 0x1f, 0x7f, 0x80, 0x9f, 0x100, 0x20ac, 0xfffd, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        assert_ptr_equal(font_glyph(codes[i]), font_glyph(0xfffd));
}

static void text_is_counted_in_cells(void **state)
{
    (void)state;
    assert_int_equal(font_cells(""), 0);
    assert_int_equal(font_cells("abc"), 3);
    assert_int_equal(font_cells("\xc3\xa9t\xc3\xa9"), 3);
    assert_int_equal(font_cells("\xe2\x82\xac"), 1);
    assert_int_equal(font_cells("\xf0\x9f\x98\x80!"), 3);
    assert_int_equal(font_cells("\xff\xc3"), 2);
    assert_int_equal(font_cells("\xe2\x82"), 2);
}

static void gray_pixels_follow_the_glyph(void **state)
{
    static uint8_t pixels[40 * 60];
    const struct font_plane plane = {pixels, 60, 50, 40};

    (void)state;
    memset(pixels, 9, sizeof pixels);
    font_draw_gray(&plane, 5, 2, 3, 200, "\xc3\x85");
    for (int y = 0; y < 40; y++) {
        for (int x = 0; x < 60; x++) {
            int col = x < 5 ? -1 : (x - 5) / 3, row = y < 2 ? -1 : (y - 2) / 3;
            int ink = col >= 0 && col < 8 && row >= 0 && row < 12 &&
                      (font_glyph(0xc5)[row] >> (7 - col) & 1);

            assert_int_equal(pixels[y * 60 + x], ink ? 200 : 9);
        }
    }
}

/* Guarded all round; gray and XRGB must agree pixel by pixel. */
static void nothing_is_drawn_outside(void **state)
{
    (void)state;
    for (int y = -40; y <= 40; y += 8) {
        for (int x = -90; x <= 90; x += 7) {
            uint8_t *gray = calloc(31, 33);
            uint32_t *xrgb = calloc(31 * 33, 4);
            const struct font_plane g = {gray, 33, 30, 31};
            const struct surface c = {xrgb, 33 * 4, 30, 31, SURFACE_XRGB8888};

            font_draw_gray(&g, x, y, 4, 1, "W@\xff#");
            font_draw(&c, NULL, x, y, 4, 1, "W@\xff#");
            for (size_t i = 0; i < 31 * 33; i++) {
                assert_int_equal(gray[i], xrgb[i]);
                assert_true(i % 33 < 30 || gray[i] == 0);
            }
            free(gray);
            free(xrgb);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_two_glyphs_are_alike),
        cmocka_unit_test(letters_stand_apart),
        cmocka_unit_test(unknown_is_a_box),
        cmocka_unit_test(text_is_counted_in_cells),
        cmocka_unit_test(gray_pixels_follow_the_glyph),
        cmocka_unit_test(nothing_is_drawn_outside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
