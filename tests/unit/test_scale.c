#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "video/scale.h"

struct canvas {
    struct surface s;
    uint8_t *memory;
    size_t bytes;
};

/* A surface with a margin of 64 bytes of 0xa5 before, after and right of it. */
static struct canvas canvas_make(unsigned width, unsigned height, unsigned odd)
{
    struct canvas c = {.s = {.width = width, .height = height, .format = SURFACE_XRGB8888}};

    c.s.pitch = (size_t)width * 4 + 4 * (size_t)odd;
    c.bytes = c.s.pitch * height + 128;
    c.memory = malloc(c.bytes);
    assert_non_null(c.memory);
    memset(c.memory, 0xa5, c.bytes);
    c.s.pixels = c.memory + 64;
    return c;
}

static uint32_t canvas_at(const struct canvas *c, unsigned x, unsigned y)
{
    uint32_t v;

    memcpy(&v, (const uint8_t *)c->s.pixels + y * c->s.pitch + (size_t)x * 4, 4);
    return v;
}

static void canvas_set(struct canvas *c, unsigned x, unsigned y, uint32_t v)
{
    memcpy((uint8_t *)c->s.pixels + y * c->s.pitch + (size_t)x * 4, &v, 4);
}

static void canvas_fill_random(struct canvas *c, unsigned seed)
{
    for (unsigned y = 0; y < c->s.height; y++) {
        for (unsigned x = 0; x < c->s.width; x++) {
            seed = seed * 1664525 + 1013904223;
            canvas_set(c, x, y, seed >> 8);
        }
    }
}

/* Nothing outside the pixels was written. */
static void canvas_check_margins(const struct canvas *c)
{
    for (size_t i = 0; i < 64; i++) {
        assert_int_equal(c->memory[i], 0xa5);
        assert_int_equal(c->memory[c->bytes - 1 - i], 0xa5);
    }
    for (unsigned y = 0; y < c->s.height; y++) {
        const uint8_t *line = (const uint8_t *)c->s.pixels + y * c->s.pitch;
        for (size_t i = (size_t)c->s.width * 4; i < c->s.pitch; i++)
            assert_int_equal(line[i], 0xa5);
    }
}

static double clamp(double v, double most)
{
    return v < 0 ? 0 : v > most ? most : v;
}

/* One channel by the book: the middle of an output pixel, between four source pixels. */
static double naive(const struct canvas *from, const struct scale_rect *r, unsigned x, unsigned y,
                    unsigned shift)
{
    double fx = clamp((x + 0.5) * from->s.width / r->width - 0.5, from->s.width - 1);
    double fy = clamp((y + 0.5) * from->s.height / r->height - 0.5, from->s.height - 1);
    unsigned x0 = (unsigned)fx, y0 = (unsigned)fy;
    unsigned x1 = x0 + 1 < from->s.width ? x0 + 1 : x0;
    unsigned y1 = y0 + 1 < from->s.height ? y0 + 1 : y0;
    double v[2][2] = {
        {canvas_at(from, x0, y0) >> shift & 255, canvas_at(from, x1, y0) >> shift & 255},
        {canvas_at(from, x0, y1) >> shift & 255, canvas_at(from, x1, y1) >> shift & 255}};
    double top = v[0][0] + (v[0][1] - v[0][0]) * (fx - x0);
    double bottom = v[1][0] + (v[1][1] - v[1][0]) * (fx - x0);

    return top + (bottom - top) * (fy - y0);
}

static void check_draw(struct scale *s, const struct canvas *from, struct canvas *to,
                       const struct scale_rect *r)
{
    assert_int_equal(scale_draw(s, &from->s, &to->s, r), ERR_OK);
    canvas_check_margins(to);
    for (unsigned y = 0; y < to->s.height; y++) {
        for (unsigned x = 0; x < to->s.width; x++) {
            uint32_t got = canvas_at(to, x, y);
            if (x < r->x || y < r->y || x >= r->x + r->width || y >= r->y + r->height) {
                assert_int_equal(got, 0);
                continue;
            }
            for (unsigned shift = 0; shift < 24; shift += 8) {
                double want = naive(from, r, x - r->x, y - r->y, shift);
                /* Weights have 8 bits and each of the two passes rounds down. */
                assert_true(fabs((double)(got >> shift & 255) - want) < 4.0);
            }
        }
    }
}

static void test_draw_agrees_with_the_book(void **state)
{
    static const unsigned sizes[][4] = {
        {7, 5, 7, 5},   {7, 5, 14, 10},    {14, 10, 7, 5},   {1, 1, 9, 6},     {2, 1, 5, 5},
        {1, 3, 4, 9},   {42, 24, 128, 72}, {50, 40, 33, 29}, {16, 9, 100, 40}, {9, 16, 100, 40},
        {64, 4, 64, 9}, {9, 7, 31, 7},     {5, 5, 1, 1},     {100, 100, 3, 2},
    };
    struct scale s = {0};

    (void)state;
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct canvas from = canvas_make(sizes[i][0], sizes[i][1], i % 3);
        struct canvas to = canvas_make(sizes[i][2], sizes[i][3], (i + 1) % 3);
        struct scale_rect fit = scale_fit(from.s.width, from.s.height, to.s.width, to.s.height);
        struct scale_rect all = {.width = to.s.width, .height = to.s.height};
        canvas_fill_random(&from, i);
        check_draw(&s, &from, &to, &fit);
        check_draw(&s, &from, &to, &all);
        free(from.memory);
        free(to.memory);
    }
    scale_free(&s);
    scale_free(&s);
}

static void test_equal_size_is_exact(void **state)
{
    struct canvas from = canvas_make(33, 17, 1), to = canvas_make(33, 17, 2);
    struct scale_rect r = scale_fit(33, 17, 33, 17);
    struct scale s = {0};

    (void)state;
    canvas_fill_random(&from, 5);
    assert_int_equal(scale_draw(&s, &from.s, &to.s, &r), ERR_OK);
    for (unsigned y = 0; y < 17; y++) {
        for (unsigned x = 0; x < 33; x++)
            assert_int_equal(canvas_at(&to, x, y), canvas_at(&from, x, y));
    }
    scale_free(&s);
    free(from.memory);
    free(to.memory);
}

static void check_fit(unsigned w, unsigned h, unsigned tw, unsigned th, struct scale_rect want)
{
    struct scale_rect r = scale_fit(w, h, tw, th);

    assert_int_equal(r.x, want.x);
    assert_int_equal(r.y, want.y);
    assert_int_equal(r.width, want.width);
    assert_int_equal(r.height, want.height);
}

static void test_fit(void **state)
{
    (void)state;
    check_fit(1280, 720, 1280, 720, (struct scale_rect){0, 0, 1280, 720});
    check_fit(2560, 1440, 1280, 720, (struct scale_rect){0, 0, 1280, 720});
    check_fit(1280, 720, 1000, 1000, (struct scale_rect){0, 218, 1000, 563});
    check_fit(1280, 720, 2000, 720, (struct scale_rect){360, 0, 1280, 720});
    check_fit(640, 480, 1280, 720, (struct scale_rect){160, 0, 960, 720});
    /* Widths that were rounded to even numbers, either way, still mean 16:9. */
    check_fit(426, 240, 1280, 720, (struct scale_rect){0, 0, 1280, 720});
    check_fit(428, 240, 1280, 720, (struct scale_rect){0, 0, 1280, 720});
    check_fit(426, 240, 1920, 1080, (struct scale_rect){0, 0, 1920, 1080});
    check_fit(854, 480, 1280, 720, (struct scale_rect){0, 0, 1280, 720});
    check_fit(8192, 1, 10, 10, (struct scale_rect){0, 4, 10, 1});
    check_fit(1, 4320, 10, 10, (struct scale_rect){4, 0, 1, 10});
}

static void test_fit_properties(void **state)
{
    unsigned seed = 1;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        unsigned v[4];
        for (int k = 0; k < 4; k++) {
            seed = seed * 1664525 + 1013904223;
            v[k] = 1 + (seed >> 8) % (i % 2 ? 8192 : 40);
        }
        struct scale_rect r = scale_fit(v[0], v[1], v[2], v[3]);
        assert_true(r.width >= 1 && r.height >= 1);
        assert_true(r.x + r.width <= v[2] && r.y + r.height <= v[3]);
        assert_true(r.width == v[2] || r.height == v[3]);
        assert_true(scale_near(&r, &r));
    }
}

static void test_near(void **state)
{
    struct scale_rect a = {0, 0, 1000, 563}, b = {0, 0, 1000, 562}, c = {0, 0, 1000, 600};

    (void)state;
    assert_true(scale_near(&a, &b));
    assert_false(scale_near(&a, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_draw_agrees_with_the_book),
        cmocka_unit_test(test_equal_size_is_exact),
        cmocka_unit_test(test_fit),
        cmocka_unit_test(test_fit_properties),
        cmocka_unit_test(test_near),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
