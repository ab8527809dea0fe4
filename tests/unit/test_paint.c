/* Planes to pixels: against the book's arithmetic, in every format, at odd sizes, up and down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "video/paint.h"
#include "video/pixel.h"

#define GUARD 64
#define FORMATS 6

/* Planes of exactly their size, so that reading on is seen by the sanitizers. */
struct film {
    struct paint_planes planes;
    uint8_t *data[3];
};

struct canvas {
    struct surface s;
    uint8_t *memory;
    size_t bytes;
};

static unsigned film_side(const struct film *f, size_t plane, bool across)
{
    unsigned side = across ? f->planes.width : f->planes.height;
    unsigned every = across ? f->planes.across : f->planes.down;

    return plane == 0 ? side : (side + every - 1) / every;
}

static struct film film_make(unsigned width, unsigned height, unsigned across, unsigned down)
{
    struct film f = {.planes = {.width = width, .height = height, .across = across, .down = down}};

    for (size_t i = 0; i < (across == 0 ? 1 : 3); i++) {
        f.planes.pitch[i] = film_side(&f, i, true) + i;
        /* The last line ends with its last sample. */
        size_t bytes = f.planes.pitch[i] * (film_side(&f, i, false) - 1) + film_side(&f, i, true);
        f.data[i] = malloc(bytes);
        assert_non_null(f.data[i]);
        for (size_t k = 0; k < bytes; k++)
            f.data[i][k] = (uint8_t)(rand() >> 7);
        f.planes.data[i] = f.data[i];
    }
    return f;
}

static void film_free(struct film *f)
{
    for (size_t i = 0; i < 3; i++)
        free(f->data[i]);
}

static struct canvas canvas_make(unsigned width, unsigned height, enum surface_format format,
                                 size_t more)
{
    struct canvas c = {.s = {.width = width, .height = height, .format = format}};

    c.s.pitch = width * pixel_size(format) + more;
    c.bytes = c.s.pitch * height + 2 * GUARD;
    c.memory = malloc(c.bytes);
    assert_non_null(c.memory);
    memset(c.memory, 0xa5, c.bytes);
    c.s.pixels = c.memory + GUARD;
    return c;
}

static const uint8_t *canvas_at(const struct canvas *c, unsigned x, unsigned y)
{
    return (const uint8_t *)c->s.pixels + y * c->s.pitch + x * pixel_size(c->s.format);
}

static uint32_t canvas_xrgb(const struct canvas *c, unsigned x, unsigned y)
{
    uint32_t v;

    memcpy(&v, canvas_at(c, x, y), sizeof v);
    return v;
}

/* Nothing outside the pixels was written. */
static void canvas_check_margins(const struct canvas *c)
{
    for (size_t i = 0; i < GUARD; i++) {
        assert_int_equal(c->memory[i], 0xa5);
        assert_int_equal(c->memory[c->bytes - 1 - i], 0xa5);
    }
    for (unsigned y = 0; y < c->s.height; y++) {
        const uint8_t *end = canvas_at(c, c->s.width, y);
        for (size_t i = 0; i < c->s.pitch - c->s.width * pixel_size(c->s.format); i++)
            assert_int_equal(end[i], 0xa5);
    }
}

static double clamp(double v, double most)
{
    return v < 0 ? 0 : v > most ? most : v;
}

/* The sample at a place given in luma's samples, 0 at the outer edge of the first. */
static double book_sample(const struct film *f, size_t plane, double x, double y)
{
    unsigned w = film_side(f, plane, true), h = film_side(f, plane, false);
    double fx = clamp(x / (plane == 0 ? 1 : f->planes.across) - 0.5, w - 1);
    double fy = clamp(y / (plane == 0 ? 1 : f->planes.down) - 0.5, h - 1);
    unsigned x0 = (unsigned)fx, y0 = (unsigned)fy;
    unsigned x1 = x0 + 1 < w ? x0 + 1 : x0, y1 = y0 + 1 < h ? y0 + 1 : y0;
    const uint8_t *a = f->data[plane] + y0 * f->planes.pitch[plane];
    const uint8_t *b = f->data[plane] + y1 * f->planes.pitch[plane];
    double top = a[x0] + (a[x1] - a[x0]) * (fx - x0);
    double bottom = b[x0] + (b[x1] - b[x0]) * (fx - x0);

    return top + (bottom - top) * (fy - y0);
}

static void book_pixel(const struct film *f, const struct display_rect *r, unsigned x, unsigned y,
                       double rgb[static 3])
{
    double at_x = (x + 0.5) * f->planes.width / r->width;
    double at_y = (y + 0.5) * f->planes.height / r->height;
    double luma = book_sample(f, 0, at_x, at_y), u = 0, v = 0;

    if (f->planes.across != 0) {
        u = book_sample(f, 1, at_x, at_y) - 128;
        v = book_sample(f, 2, at_x, at_y) - 128;
    }
    rgb[0] = clamp(luma + 1.402 * v, 255);
    rgb[1] = clamp(luma - 0.344136 * u - 0.714136 * v, 255);
    rgb[2] = clamp(luma + 1.772 * u, 255);
}

static bool within(const struct display_rect *r, unsigned x, unsigned y)
{
    return x >= r->x && y >= r->y && x < r->x + r->width && y < r->y + r->height;
}

/* Weights have 7 bits across: a step of 255 may so be off by one, and colours take that times 1.772. */
static void check_book(const struct film *f, const struct canvas *c, const struct display_rect *r,
                       double most)
{
    for (unsigned y = 0; y < c->s.height; y++) {
        for (unsigned x = 0; x < c->s.width; x++) {
            uint32_t got = canvas_xrgb(c, x, y);
            double want[3] = {0};
            if (within(r, x, y))
                book_pixel(f, r, x - r->x, y - r->y, want);
            assert_int_equal(got >> 24, 0);
            for (unsigned i = 0; i < 3; i++) {
                double channel = got >> (16 - 8 * i) & 255;
                assert_true(fabs(channel - want[i]) <= most);
            }
        }
    }
}

/* The other formats hold the same pixels, cut to what they can. */
static void check_formats(struct paint *p, const struct film *f, const struct canvas *first,
                          const struct display_rect *r)
{
    for (unsigned format = 0; format < FORMATS; format++) {
        struct canvas c = canvas_make(first->s.width, first->s.height, format, format * 5 % 7);
        assert_int_equal(paint_draw(p, &f->planes, &c.s, r), ERR_OK);
        canvas_check_margins(&c);
        for (unsigned y = 0; y < c.s.height; y++) {
            for (unsigned x = 0; x < c.s.width; x++) {
                struct pixel want = pixel_make(format, canvas_xrgb(first, x, y));
                assert_memory_equal(canvas_at(&c, x, y), want.bytes, want.size);
            }
        }
        free(c.memory);
    }
}

static void check_size(struct paint *p, const struct film *f, unsigned width, unsigned height)
{
    struct display_rect fit = scale_fit(f->planes.width, f->planes.height, width, height);
    struct canvas c = canvas_make(width, height, SURFACE_XRGB8888, 12);
    bool scaled = fit.width != f->planes.width || fit.height != f->planes.height;

    assert_int_equal(paint_draw(p, &f->planes, &c.s, &fit), ERR_OK);
    canvas_check_margins(&c);
    check_book(f, &c, &fit, scaled || f->planes.across > 2 ? 3.5 : 1.5);
    check_formats(p, f, &c, &fit);
    free(c.memory);
}

static const unsigned samplings[][2] = {{1, 1}, {2, 1}, {2, 2}, {1, 2}, {4, 1}, {0, 0}};

#define SAMPLINGS (sizeof samplings / sizeof samplings[0])

static void agrees_with_the_book(void **state)
{
    static const unsigned sizes[][4] = {
        {1, 1, 1, 1},      {1, 1, 7, 5},      {2, 2, 2, 2},     {3, 3, 3, 3},     {7, 5, 7, 5},
        {7, 5, 14, 10},    {14, 10, 7, 5},    {33, 17, 33, 17}, {64, 36, 64, 36}, {65, 37, 65, 37},
        {31, 9, 100, 40},  {9, 31, 100, 40},  {64, 4, 64, 9},   {97, 55, 50, 29}, {50, 40, 3, 2},
        {96, 54, 144, 81}, {144, 81, 96, 54},
    };
    struct paint p = {0};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (size_t k = 0; k < SAMPLINGS; k++) {
            struct film f = film_make(sizes[i][0], sizes[i][1], samplings[k][0], samplings[k][1]);
            check_size(&p, &f, sizes[i][2], sizes[i][3]);
            film_free(&f);
        }
    }
    paint_free(&p);
    paint_free(&p);
}

/* One colour, whatever the size: exactly one colour, and the right one. */
static void constant_planes_give_one_colour(void **state)
{
    static const uint8_t colours[][3] = {{0, 128, 128}, {255, 128, 128}, {76, 85, 255},
                                         {150, 44, 21}, {29, 255, 107},  {128, 0, 255}};
    struct paint p = {0};

    (void)state;
    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++) {
        struct film f = film_make(37, 23, 2, 2);
        for (unsigned to = 1; to < 130; to += 32) {
            struct canvas c = canvas_make(to, to, SURFACE_XRGB8888, 0);
            const struct display_rect all = {.width = to, .height = to};
            double want[3];
            for (size_t k = 0; k < 3; k++) {
                unsigned lines = film_side(&f, k, false) - 1, width = film_side(&f, k, true);
                memset(f.data[k], colours[i][k], lines * f.planes.pitch[k] + width);
            }
            assert_int_equal(paint_draw(&p, &f.planes, &c.s, &all), ERR_OK);
            book_pixel(&f, &all, 0, 0, want);
            for (unsigned k = 0; k < to * to; k++)
                assert_int_equal(canvas_xrgb(&c, k % to, k / to), canvas_xrgb(&c, 0, 0));
            check_book(&f, &c, &all, 1.0);
            free(c.memory);
        }
        film_free(&f);
    }
    paint_free(&p);
}

/* Turned by half a circle before or after: the same picture, so nothing is shifted. */
static void scaling_is_centred(void **state)
{
    static const unsigned sizes[][4] = {{32, 18, 96, 54}, {96, 54, 32, 18}, {40, 30, 60, 45}};
    struct paint p = {0};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct film f = film_make(sizes[i][0], sizes[i][1], 2, 2);
        struct canvas a = canvas_make(sizes[i][2], sizes[i][3], SURFACE_XRGB8888, 0);
        struct canvas b = canvas_make(sizes[i][2], sizes[i][3], SURFACE_XRGB8888, 0);
        const struct display_rect all = {.width = a.s.width, .height = a.s.height};
        assert_int_equal(paint_draw(&p, &f.planes, &a.s, &all), ERR_OK);
        for (size_t k = 0; k < 3; k++) {
            unsigned w = film_side(&f, k, true), h = film_side(&f, k, false);
            for (unsigned n = 0; n < w * h / 2; n++) {
                uint8_t *one = f.data[k] + n / w * f.planes.pitch[k] + n % w;
                uint8_t *two = f.data[k] + (h - 1 - n / w) * f.planes.pitch[k] + (w - 1 - n % w);
                uint8_t kept = *one;
                *one = *two;
                *two = kept;
            }
        }
        assert_int_equal(paint_draw(&p, &f.planes, &b.s, &all), ERR_OK);
        for (unsigned y = 0; y < a.s.height; y++) {
            for (unsigned x = 0; x < a.s.width; x++) {
                uint32_t one = canvas_xrgb(&a, x, y);
                uint32_t two = canvas_xrgb(&b, a.s.width - 1 - x, a.s.height - 1 - y);
                for (unsigned shift = 0; shift < 24; shift += 8)
                    assert_true(labs((long)(one >> shift & 255) - (long)(two >> shift & 255)) <= 4);
            }
        }
        film_free(&f);
        free(a.memory);
        free(b.memory);
    }
    paint_free(&p);
}

/* From kind to kind with one struct paint: what it keeps never shows. */
static void what_is_kept_does_not_show(void **state)
{
    struct paint kept = {0};

    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        const unsigned *sampling = samplings[(unsigned)rand() % SAMPLINGS];
        struct film f = film_make(1 + (unsigned)rand() % 50, 1 + (unsigned)rand() % 40, sampling[0],
                                  sampling[1]);
        struct display_rect all = {.width = 1 + (unsigned)rand() % 60,
                                   .height = 1 + (unsigned)rand() % 60};
        struct canvas a = canvas_make(all.width, all.height, SURFACE_XRGB8888, 0);
        struct canvas b = canvas_make(all.width, all.height, SURFACE_XRGB8888, 0);
        struct paint fresh = {0};
        assert_int_equal(paint_draw(&kept, &f.planes, &a.s, &all), ERR_OK);
        assert_int_equal(paint_draw(&fresh, &f.planes, &b.s, &all), ERR_OK);
        assert_memory_equal(a.memory, b.memory, a.bytes);
        paint_free(&fresh);
        film_free(&f);
        free(a.memory);
        free(b.memory);
    }
    paint_free(&kept);
}

/* What a device shows goes past the caches, where it is aligned: the same pixels all the same. */
static void devices_show_the_same(void **state)
{
    struct paint p = {0};

    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        const unsigned *sampling = samplings[i % SAMPLINGS];
        struct film f = film_make(1 + (unsigned)rand() % 90, 20, sampling[0], sampling[1]);
        const struct display_rect r = {
            .x = i % 3 * 4, .y = 1, .width = 64 + (unsigned)rand() % 20, .height = 20};
        struct canvas a = canvas_make(96, 22, SURFACE_XRGB8888, 0);
        uint8_t *memory = aligned_alloc(LINE_ALIGN, a.s.pitch * a.s.height);
        struct surface to = a.s;
        assert_non_null(memory);
        to.pixels = memory;
        to.device = true;
        assert_int_equal(paint_draw(&p, &f.planes, &a.s, &r), ERR_OK);
        assert_int_equal(paint_draw(&p, &f.planes, &to, &r), ERR_OK);
        assert_memory_equal(memory, a.s.pixels, a.s.pitch * a.s.height);
        free(memory);
        free(a.memory);
        film_free(&f);
    }
    paint_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_book),  cmocka_unit_test(constant_planes_give_one_colour),
        cmocka_unit_test(scaling_is_centred),    cmocka_unit_test(what_is_kept_does_not_show),
        cmocka_unit_test(devices_show_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
