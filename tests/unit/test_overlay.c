/* The counters are read back out of the pixels of every format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "player/overlay.h"
#include "video/font.h"
#include "video/pixel.h"

#define FORMATS 6
#define PICTURE 0x306030

static bool is(const struct surface *s, unsigned x, unsigned y, uint32_t rgb)
{
    struct pixel want = pixel_make(s->format, rgb);

    return memcmp((uint8_t *)s->pixels + y * s->pitch + x * want.size, want.bytes, want.size) == 0;
}

/* White letters, black beside them, on the picture. */
static void check_line(const struct surface *s, unsigned size, unsigned row, const char *text)
{
    unsigned left = size * FONT_WIDTH, top = size * FONT_HEIGHT * (row * 5 + 2) / 4;

    for (; *text != 0; left += size * FONT_WIDTH) {
        const uint8_t *glyph = font_glyph(font_next(&text));
        for (unsigned y = 0; y < FONT_HEIGHT * size; y++) {
            for (unsigned x = 0; x < FONT_WIDTH * size; x++) {
                bool ink = glyph[y / size] >> (7 - x / size) & 1;
                assert_int_equal(is(s, left + x, top + y, 0xffffff), ink);
                assert_true(ink || is(s, left + x, top + y, PICTURE) ||
                            is(s, left + x, top + y, 0));
            }
        }
    }
}

static void counters_stand_on_every_format(void **state)
{
    const struct overlay o = {.frame = 71,
                              .frames = 1440,
                              .height = 720,
                              .counts = {.shown = 60, .late = 5, .dropped = 4, .skipped = 3},
                              .rate = 12340000};

    (void)state;
    for (unsigned format = 0; format < FORMATS; format++) {
        for (unsigned size = 1; size <= 3; size++) {
            struct surface s = {.width = 480 * size, .height = size == 1 ? 320 : 360 * size};
            s.format = format;
            s.pitch = s.width * pixel_size(format);
            s.pixels = malloc(s.pitch * s.height);
            assert_non_null(s.pixels);
            pixel_fill(&s, 0, 0, s.width, s.height, PICTURE);
            overlay_draw(&o, &s);
            check_line(&s, size, 0, "frame 71 of 1440   720p");
            check_line(&s, size, 1, "shown 60  late 5  dropped 4  skipped 3");
            check_line(&s, size, 2, "12.3 Mbit/s");
            free(s.pixels);
        }
    }
}

static void the_rate_is_that_of_half_a_second(void **state)
{
    struct overlay o = {0};
    struct player_counts counts = {.bytes = 1000};

    (void)state;
    overlay_update(&o, &counts, 1000000000);
    assert_int_equal(o.rate, 0);
    counts.bytes = 126000;
    overlay_update(&o, &counts, 1400000000);
    assert_int_equal(o.rate, 0);
    overlay_update(&o, &counts, 1500000000);
    assert_int_equal(o.rate, 2000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_stand_on_every_format),
        cmocka_unit_test(the_rate_is_that_of_half_a_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
