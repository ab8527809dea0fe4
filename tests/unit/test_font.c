/* The font: every sign there, no two alike, and nothing drawn outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "video/font.h"
#include "video/font_table.h"

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

/* What is drawn alike in two alphabets. */
static bool same_shape(uint32_t a, uint32_t b)
{
    static const uint32_t codes[][2] = {
        {0xd0, 0x110}, {0xb4, 0x384}, {0xb7, 0x387}, {0xb5, 0x3bc}, {0x138, 0x3ba}};

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i][0] == a && codes[i][1] == b)
            return true;
    }
    return (a < 0x370) != (b < 0x370) || (a < 0x400) != (b < 0x400);
}

/* Within an alphabet no two letters are alike, and each that these languages write is there. */
static void other_alphabets_are_whole(void **state)
{
    static const uint32_t ranges[][2] = {{0x100, 0x17f}, {0x388, 0x38a}, {0x38e, 0x3a1},
                                         {0x3a3, 0x3ce}, {0x400, 0x45f}, {0x490, 0x491}};

    (void)state;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        for (uint32_t c = ranges[i][0]; c <= ranges[i][1]; c++) {
            assert_ptr_not_equal(font_glyph(c), font_glyph(0xfffd));
            assert_memory_not_equal(font_glyph(c), font_glyph(' '), FONT_HEIGHT);
        }
    }
    for (size_t a = 0; a < FONT_LETTERS; a++) {
        if (a > 0)
            assert_true(font_letters[a - 1].code < font_letters[a].code);
        for (uint32_t b = 0x21; b < font_letters[a].code && b < 0x500; b++) {
            if (font_glyph(b) != font_glyph(0xfffd) && !same_shape(b, font_letters[a].code))
                assert_memory_not_equal(font_glyph(b), font_letters[a].rows, FONT_HEIGHT);
        }
    }
}

static void marks_and_wide_letters_have_their_cells(void **state)
{
    (void)state;
    assert_int_equal(font_cells("e\xcc\x81!"), 2);
    assert_int_equal(font_cells("\xe6\xbc\xa2\xe5\xad\x97"), 4);
    assert_int_equal(font_cells("\xd0\x96\xce\xa9\xc5\x82"), 3);
    assert_int_equal(font_columns(0x3042), 2);
    assert_int_equal(font_columns(0xfffd), 1);
}

static void unknown_is_a_box(void **state)
{
    const uint32_t codes[] = {0,     0x1f,  0x7f,   0x80,   0x9f,      0x250,
                              0x3a2, 0x460, 0x20ab, 0xfffd, UINT32_MAX};

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
            const struct surface c = {xrgb, 33 * 4, 30, 31, SURFACE_XRGB8888, false, false};

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
        cmocka_unit_test(other_alphabets_are_whole),
        cmocka_unit_test(marks_and_wide_letters_have_their_cells),
        cmocka_unit_test(unknown_is_a_box),
        cmocka_unit_test(text_is_counted_in_cells),
        cmocka_unit_test(gray_pixels_follow_the_glyph),
        cmocka_unit_test(nothing_is_drawn_outside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
