/* What is written on the picture is read back out of its pixels, in every format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "player/caption.h"
#include "video/font.h"
#include "video/pixel.h"

#define FORMATS 6
#define PICTURE 0x4080c0 /* what the picture is full of */
#define MARGIN 16        /* bytes behind each line */

struct page {
    struct surface s;
    unsigned scale;
};

static struct page page_make(unsigned width, unsigned height, enum surface_format format,
                             unsigned scale)
{
    struct page p = {
        {NULL, width * pixel_size(format) + MARGIN, width, height, format, false, false}, scale};

    p.s.pixels = malloc(p.s.pitch * height);
    assert_non_null(p.s.pixels);
    memset(p.s.pixels, 0xa5, p.s.pitch * height);
    pixel_fill(&p.s, 0, 0, width, height, PICTURE);
    return p;
}

static void page_free(struct page *p)
{
    for (unsigned y = 0; y < p->s.height; y++) {
        for (size_t i = 0; i < MARGIN; i++)
            assert_int_equal(((uint8_t *)p->s.pixels)[(y + 1) * p->s.pitch - MARGIN + i], 0xa5);
    }
    free(p->s.pixels);
}

static bool page_is(const struct page *p, unsigned x, unsigned y, uint32_t rgb)
{
    struct pixel want = pixel_make(p->s.format, rgb);

    assert_true(x < p->s.width && y < p->s.height);
    return memcmp((uint8_t *)p->s.pixels + y * p->s.pitch + x * want.size, want.bytes, want.size) ==
           0;
}

/* The top of row `up` from the bottom, 0 the lowest. */
static unsigned page_top(const struct page *p, unsigned up)
{
    return p->s.height - (up + 1) * FONT_HEIGHT * p->scale;
}

/* Whether the cell shows that letter; every pixel of it must be ink or paper. */
static bool page_shows(const struct page *p, unsigned column, unsigned up, uint32_t code,
                       bool cursor)
{
    const uint8_t *rows = font_glyph(code);

    for (unsigned y = 0; y < FONT_HEIGHT * p->scale; y++) {
        for (unsigned x = 0; x < FONT_WIDTH * p->scale; x++) {
            bool bit = rows[y / p->scale] >> (7 - x / p->scale) & 1;
            if (!page_is(p, column * FONT_WIDTH * p->scale + x, page_top(p, up) + y,
                         bit != cursor ? CAPTION_INK : CAPTION_PAPER))
                return false;
        }
    }
    return true;
}

static void page_check(const struct page *p, unsigned up, const char *text)
{
    for (unsigned column = 0; *text != 0; column++)
        assert_true(page_shows(p, column, up, font_next(&text), false));
}

static void draw(struct page *p, const struct player_text *text, const struct console_face *face)
{
    struct caption c = {0};

    caption_set(&c, text);
    caption_draw(&c, &p->s, face);
}

static const struct player_text talk = {
    .shown = true,
    .edited = "> na\xc3\xafve \xd0\x96\xd1\x83\xd0\xba",
    .cursor = 4,
    .lines = {"ana: \xce\xb3\xce\xb5\xce\xb9\xce\xac", "bob: \xc5\xbb\xc3\xb3\xc5\x82w & \xc4\x9f"},
};

static void letters_stand_on_every_format(void **state)
{
    (void)state;
    for (unsigned format = 0; format < FORMATS; format++) {
        for (unsigned scale = 1; scale <= 3; scale++) {
            struct page p = page_make(320 * scale + 5, 360 * scale, format, scale);
            draw(&p, &talk, NULL);
            page_check(&p, 2, talk.lines[0]);
            page_check(&p, 1, talk.lines[1]);
            page_check(&p, 0, "> na");
            /* The cursor's letter is turned round, what follows is not. */
            assert_true(page_shows(&p, 4, 0, 0xef, true));
            assert_true(page_shows(&p, 5, 0, 'v', false));
            assert_true(page_shows(&p, 8, 0, 0x416, false));
            assert_true(page_shows(&p, 10, 0, 0x43a, false));
            /* Above stands the picture. */
            for (unsigned x = 0; x < p.s.width; x++) {
                assert_true(page_is(&p, x, page_top(&p, 2) - 1, PICTURE));
                assert_true(page_is(&p, x, page_top(&p, 2), CAPTION_PAPER) ||
                            page_is(&p, x, page_top(&p, 2), CAPTION_INK));
            }
            page_free(&p);
        }
    }
}

static void what_is_not_shown_leaves_the_picture(void **state)
{
    struct player_text hidden = talk;
    struct page p = page_make(320, 360, SURFACE_RGB565, 1);

    (void)state;
    hidden.shown = false;
    draw(&p, &hidden, NULL);
    draw(&p, &(struct player_text){.shown = true}, NULL);
    for (unsigned y = 0; y < 360; y++) {
        for (unsigned x = 0; x < 320; x++)
            assert_true(page_is(&p, x, y, PICTURE));
    }
    page_free(&p);
}

/* Wherever it is in however long a line: one cell is turned round, with the right letter in it. */
static void the_cursor_is_always_in_view(void **state)
{
    char line[900];

    (void)state;
    for (size_t i = 0; i < sizeof line - 1; i++)
        line[i] = (char)('a' + i % 26);
    line[sizeof line - 1] = 0;
    for (size_t cursor = 0; cursor < sizeof line; cursor += cursor < 60 ? 1 : 37) {
        const struct player_text text = {.shown = true, .edited = line, .cursor = cursor};
        struct page p = page_make(320, 360, SURFACE_XRGB8888, 1);
        uint32_t code = line[cursor] == 0 ? ' ' : (uint32_t)line[cursor];
        unsigned found = 0;
        draw(&p, &text, NULL);
        for (unsigned column = 0; column < 40; column++) {
            found += page_shows(&p, column, 0, code, true);
            if (column > 0 && cursor > 0 && page_shows(&p, column, 0, code, true))
                assert_true(page_shows(&p, column - 1, 0, (uint32_t)line[cursor - 1], false));
        }
        assert_int_equal(found, 1);
        page_free(&p);
    }
}

static void long_lines_are_wrapped_at_spaces(void **state)
{
    const struct player_text text = {
        .shown = true,
        .lines = {"the first thirty-six letters of this line and then a few more words"}};
    struct page p = page_make(320, 360, SURFACE_BGR888, 1);

    (void)state;
    draw(&p, &text, NULL);
    page_check(&p, 1, "the first thirty-six letters of this ");
    page_check(&p, 0, "line and then a few more words");
    page_free(&p);
}

/* Whatever comes, of the rows the last ones stay, in the lower half of the picture at most. */
static void much_text_is_bounded(void **state)
{
    char line[5000];
    struct player_text text = {.shown = true, .edited = line, .cursor = 4000};

    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        unsigned width = 1 + (unsigned)rand() % 200, height = 1 + (unsigned)rand() % 200;
        struct page p = page_make(width, height, i % FORMATS, 1);
        for (size_t k = 0; k < sizeof line - 1; k++)
            line[k] = (char)(i % 2 == 0 ? rand() % 255 + 1 : "\xe6\xbc\xa2"[k % 3]);
        line[sizeof line - 1] = 0;
        for (size_t k = 0; k < PLAYER_TEXT_LINES; k++)
            text.lines[k] = line + k;
        draw(&p, &text, NULL);
        for (unsigned y = 0; y < (height + 1) / 2; y++)
            assert_true(page_is(&p, width / 2, y, PICTURE));
        page_free(&p);
    }
}

static void wide_letters_take_two_cells(void **state)
{
    const struct player_text text = {.shown = true, .lines = {"a\xe6\xbc\xa2z"}};
    struct page p = page_make(320, 360, SURFACE_XBGR8888, 1);

    (void)state;
    draw(&p, &text, NULL);
    assert_true(page_shows(&p, 0, 0, 'a', false));
    assert_true(page_shows(&p, 3, 0, 'z', false));
    /* A box without a wall between its cells. */
    assert_true(page_is(&p, 8, page_top(&p, 0) + 5, CAPTION_INK));
    assert_true(page_is(&p, 8 + 14, page_top(&p, 0) + 5, CAPTION_INK));
    for (unsigned x = 9; x < 8 + 14; x++)
        assert_true(page_is(&p, x, page_top(&p, 0) + 5, CAPTION_PAPER));
    page_free(&p);
}

/* The console's letters where it has them, ours in the middle of its cell where not. */
static void the_consoles_font_is_taken(void **state)
{
    static const struct console_letter letters[] = {{'A', 1}};
    const struct player_text text = {.shown = true, .lines = {"A\xc5\x82"}};
    struct page p = page_make(640, 480, SURFACE_RGB565, 1);
    uint8_t bits[2 * 32 * 2] = {0};
    struct console_face face;

    (void)state;
    for (unsigned i = 64; i < sizeof bits; i++)
        bits[i] = (uint8_t)(i * 37 + 1);
    assert_true(console_font_make(&face, 10, 16, 2, bits, letters, 1));
    draw(&p, &text, &face);
    for (unsigned y = 0; y < 16; y++) {
        for (unsigned x = 0; x < 20; x++) {
            bool ink = bits[64 + y * 2 + x / 8] >> (7 - x % 8) & 1;
            if (x >= 10)
                ink = x >= 11 && x < 19 && y >= 2 && y < 14 &&
                      font_glyph(0x142)[y - 2] >> (7 - (x - 11)) & 1;
            assert_true(page_is(&p, x, 480 - 16 + y, ink ? CAPTION_INK : CAPTION_PAPER));
        }
    }
    console_font_free(&face);
    page_free(&p);
}

static void only_a_change_is_one(void **state)
{
    struct caption c = {0};
    struct player_text text = talk;

    (void)state;
    assert_true(caption_set(&c, &text));
    assert_false(caption_set(&c, &text));
    text.cursor++;
    assert_true(caption_set(&c, &text));
    text.shown = false;
    assert_true(caption_set(&c, &text));
    text.lines[0] = "unseen";
    assert_false(caption_set(&c, &text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_stand_on_every_format),
        cmocka_unit_test(what_is_not_shown_leaves_the_picture),
        cmocka_unit_test(the_cursor_is_always_in_view),
        cmocka_unit_test(long_lines_are_wrapped_at_spaces),
        cmocka_unit_test(much_text_is_bounded),
        cmocka_unit_test(wide_letters_take_two_cells),
        cmocka_unit_test(the_consoles_font_is_taken),
        cmocka_unit_test(only_a_change_is_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
