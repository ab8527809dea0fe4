/* A picture as a terminal's cells: what is written, and that it is no more than what changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/display/cells.h"
#include "platform/kept.h"

enum { COLUMNS = 4, ROWS = 3 };

struct board {
    struct cells cells;
    uint32_t pixels[2 * ROWS * COLUMNS];
    struct surface surface;
};

static void begin(struct board *b, bool few)
{
    memset(b, 0, sizeof *b);
    b->cells.few = few;
    b->surface = (struct surface){
        .pixels = b->pixels, .pitch = COLUMNS * 4, .width = COLUMNS, .height = 2 * ROWS};
    assert_true(cells_resize(&b->cells, COLUMNS, ROWS));
}

/* Draws, and compares what lies between head and tail. */
static void expect(struct board *b, const char *text)
{
    static const char head[] = "\0337\033[?2026h", tail[] = "\033[m\033[?2026l\0338";
    char *got;
    size_t body;

    cells_draw(&b->cells, &b->surface);
    if (*text == '\0') {
        assert_int_equal(b->cells.len, 0);
        return;
    }
    assert_true(b->cells.len > sizeof head + sizeof tail - 2);
    body = b->cells.len - (sizeof head - 1) - (sizeof tail - 1);
    assert_memory_equal(b->cells.bytes, head, sizeof head - 1);
    assert_memory_equal(b->cells.bytes + b->cells.len - (sizeof tail - 1), tail, sizeof tail - 1);
    assert_int_equal(b->cells.ends[ROWS - 1], b->cells.len - (sizeof tail - 1));
    got = strndup(b->cells.bytes + sizeof head - 1, body);
    assert_non_null(got);
    assert_string_equal(got, text);
    free(got);
}

static void test_only_what_changed(void **state)
{
    struct board b;

    (void)state;
    begin(&b, false);
    expect(&b, "\033[1;1H\033[38;2;0;0;0;48;2;0;0;0m    \033[2;1H\033[38;2;0;0;0;48;2;0;0;0m    "
               "\033[3;1H\033[38;2;0;0;0;48;2;0;0;0m    ");
    expect(&b, "");
    b.pixels[COLUMNS * 2 + 1] = 0xff0a0b0c; /* the highest byte means nothing */
    expect(&b, "\033[2;2H\033[38;2;10;11;12;48;2;0;0;0m\342\226\200");
    b.pixels[COLUMNS * 4 + 0] = b.pixels[COLUMNS * 4 + 1] = 0xff0000;
    b.pixels[COLUMNS * 5 + 1] = 0x0000ff;
    b.pixels[COLUMNS * 5 + 3] = 0x0000ff;
    expect(&b, "\033[3;1H\033[38;2;255;0;0;48;2;0;0;0m\342\226\200\033[48;2;0;0;255m\342\226\200"
               "\033[3;4H\033[38;2;0;0;0m\342\226\200");
    expect(&b, "");
    cells_forget(&b.cells, 2);
    expect(&b, "\033[3;1H\033[38;2;255;0;0;48;2;0;0;0m\342\226\200\033[48;2;0;0;255m\342\226\200"
               "\033[38;2;0;0;0;48;2;0;0;0m \033[48;2;0;0;255m\342\226\200");
    cells_free(&b.cells);
}

static unsigned level(unsigned n)
{
    return n == 0 ? 0 : 55 + 40 * n;
}

static uint32_t table(unsigned n)
{
    unsigned grey = 8 + 10 * (n - 232);

    if (n >= 232)
        return grey << 16 | grey << 8 | grey;
    n -= 16;
    return level(n / 36) << 16 | level(n / 6 % 6) << 8 | level(n % 6);
}

/* Every colour of the table has its own number, or that of an equal one. */
static void test_256_colours(void **state)
{
    struct board b;

    (void)state;
    begin(&b, true);
    for (unsigned n = 16; n < 256; n++) {
        char *at;

        cells_forget(&b.cells, 0);
        b.pixels[0] = table(n);
        cells_draw(&b.cells, &b.surface);
        at = strstr(b.cells.bytes, "38;5;");
        assert_non_null(at);
        assert_int_equal(table((unsigned)strtoul(at + 5, NULL, 10)), table(n));
    }
    b.pixels[0] = 0x585a58; /* between two of the cube's, near a grey */
    b.pixels[COLUMNS] = 0xfa0402;
    cells_forget(&b.cells, 0);
    cells_draw(&b.cells, &b.surface);
    assert_non_null(strstr(b.cells.bytes, "\033[1;1H\033[38;5;240;48;5;196m\342\226\200"));
    cells_free(&b.cells);
}

/* The worst picture fits the memory that is set apart. */
static void test_noise(void **state)
{
    struct board b;
    uint32_t seed = 1;

    (void)state;
    begin(&b, false);
    for (int turn = 0; turn < 1000; turn++) {
        for (size_t i = 0; i < sizeof b.pixels / sizeof *b.pixels; i++)
            b.pixels[i] = ((seed = seed * 1664525 + 1013904223) >> 8 | 0x808080) & 0xffffff;
        cells_draw(&b.cells, &b.surface);
        assert_true(b.cells.len <= COLUMNS * ROWS * 64 + 64);
        for (int row = 1; row < ROWS; row++)
            assert_true(b.cells.ends[row] >= b.cells.ends[row - 1]);
    }
    cells_free(&b.cells);
}

static void kept_is(struct kept *k, size_t lines, const char *text)
{
    size_t len;
    const char *got = kept_last(k, lines, &len);

    assert_int_equal(len, strlen(text));
    assert_memory_equal(got, text, len);
}

static void test_kept_lines(void **state)
{
    struct kept k = {0};
    size_t len;

    (void)state;
    kept_is(&k, 3, "");
    kept_add(&k, "one\ntwo\n", 8, false);
    kept_add(&k, "\n", 1, false);
    kept_is(&k, 0, "");
    kept_is(&k, 1, "\n");
    kept_is(&k, 2, "two\n\n");
    kept_is(&k, 9, "one\ntwo\n\n");
    kept_mark(&k);
    kept_add(&k, "three\n", 6, true);
    assert_memory_equal(kept_marked(&k, &len), "three\n", 6);
    assert_int_equal(len, 6);
    kept_free(&k);
}

static void test_kept_is_bounded(void **state)
{
    struct kept k = {0};
    char line[32];
    size_t len, first;

    (void)state;
    kept_add(&k, "before\n", 7, false);
    kept_mark(&k);
    for (unsigned i = 0; i < 20000; i++) {
        snprintf(line, sizeof line, "line %u\n", i);
        kept_add(&k, line, strlen(line), i >= 1000);
        assert_true(k.len <= (i >= 1000 ? KEPT_MOST : KEPT_LEAST) && k.mark <= k.len);
    }
    kept_is(&k, 2, "line 19998\nline 19999\n");
    first = strtoul(kept_marked(&k, &len) + 5, NULL, 10);
    assert_true(len > KEPT_MOST - 16 && first > 10000 && first < 19000);
    assert_memory_equal(kept_marked(&k, &len), "line ", 5);
    kept_add(&k, "a line\n", 7, false);
    assert_true(k.len <= KEPT_LEAST);
    kept_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_what_changed),
        cmocka_unit_test(test_256_colours),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_kept_lines),
        cmocka_unit_test(test_kept_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
