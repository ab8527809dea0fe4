/* The console's font, from what the kernel would give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/console_font.h"

#define ROWS 32 /* of a glyph, as the kernel hands it out */

/* Glyph g's byte b of row r. */
static uint8_t mark(unsigned g, unsigned r, unsigned b)
{
    return (uint8_t)(g * 31 + r * 7 + b + 1);
}

static uint8_t *bits_make(unsigned glyphs, unsigned height, unsigned stride)
{
    uint8_t *bits = calloc((size_t)glyphs * ROWS, stride);

    assert_non_null(bits);
    for (unsigned g = 0; g < glyphs; g++) {
        for (unsigned r = 0; r < height; r++) {
            for (unsigned b = 0; b < stride; b++)
                bits[(g * ROWS + r) * stride + b] = mark(g, r, b);
        }
    }
    return bits;
}

static void check_glyph(const struct console_face *f, uint32_t code, unsigned glyph)
{
    const uint8_t *rows = console_font_find(f, code);

    assert_non_null(rows);
    for (unsigned r = 0; r < f->height; r++) {
        for (unsigned b = 0; b < f->stride; b++)
            assert_int_equal(rows[r * f->stride + b], mark(glyph, r, b));
    }
}

static void every_size_is_cut_from_its_rows(void **state)
{
    static const unsigned sizes[][2] = {{8, 16}, {8, 8}, {12, 24}, {16, 32}, {32, 32}, {1, 1}};
    static const struct console_letter letters[] = {
        {0x44f, 2}, {'A', 0}, {0x20ac, 3}, {0x3b1, 1}, {'B', 0}, {'X', 4}, {'Y', UINT32_MAX}};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct console_face f;
        uint8_t *bits = bits_make(4, sizes[i][1], (sizes[i][0] + 7) / 8);
        assert_true(console_font_make(&f, sizes[i][0], sizes[i][1], 4, bits, letters, 7));
        free(bits);
        assert_int_equal(f.stride, (sizes[i][0] + 7) / 8);
        check_glyph(&f, 'A', 0);
        check_glyph(&f, 'B', 0);
        check_glyph(&f, 0x3b1, 1);
        check_glyph(&f, 0x44f, 2);
        check_glyph(&f, 0x20ac, 3);
        /* Letters of glyphs that are not there, and letters that are not there. */
        assert_null(console_font_find(&f, 'X'));
        assert_null(console_font_find(&f, 'Y'));
        assert_null(console_font_find(&f, 'a'));
        assert_null(console_font_find(&f, 0));
        console_font_free(&f);
        console_font_free(&f);
    }
}

static void a_font_without_letters_finds_none(void **state)
{
    uint8_t *bits = bits_make(1, 8, 1);
    struct console_face f;

    (void)state;
    assert_true(console_font_make(&f, 8, 8, 1, bits, NULL, 0));
    assert_null(console_font_find(&f, 'A'));
    console_font_free(&f);
    free(bits);
}

static void what_is_no_font_is_refused(void **state)
{
    static const unsigned bad[][3] = {{0, 16, 256}, {33, 16, 256}, {8, 0, 256},
                                      {8, 33, 256}, {8, 16, 0},    {8, 16, 513}};
    struct console_face f;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        errno = 0;
        assert_false(console_font_make(&f, bad[i][0], bad[i][1], bad[i][2], NULL, NULL, 0));
        assert_int_equal(errno, EINVAL);
        console_font_free(&f);
    }
}

static void what_is_no_console_says_so(void **state)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    struct console_face f;

    (void)state;
    errno = 0;
    assert_false(console_font_read(null, &f));
    assert_int_not_equal(errno, 0);
    assert_null(f.rows);
    assert_false(console_font_read(-1, &f));
    console_font_free(&f);
    close(null);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_is_cut_from_its_rows),
        cmocka_unit_test(a_font_without_letters_finds_none),
        cmocka_unit_test(what_is_no_font_is_refused),
        cmocka_unit_test(what_is_no_console_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
