/* What this processor does by its best instructions is what plain ones do: line.c a second time,
 * without them, beside the one that is linked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "video/line.h"
#include "video/line_hand.h"
#include "video/line_pick.h"
#include "video/pixel.h"

#define LINE_COMMON
#define line_room common_room
#define line_widen common_widen
#define line_double common_double
#define line_pairs common_pairs
#define line_scale common_scale
#define line_colour common_colour
#define line_passed common_passed
#define line_pack common_pack
#include "video/line.c"
#undef line_room
#undef line_widen
#undef line_double
#undef line_pairs
#undef line_scale
#undef line_colour
#undef line_passed
#undef line_pack
/* And by the least of x86-64 alone. */
#ifdef __x86_64__
#undef LINE_X86
#define LINE_X86 1
#define LINE_X86_HAS(what) 0
#define line_hand_colour least_colour
#define line_hand_passed least_passed
#define line_hand_double least_double
#define line_hand_three least_three
#define line_hand_picks least_picks
#define line_hand_pick least_pick
#include "video/line_x86.c"
#endif

#define MOST 160 /* samples of a line here */
#define ROOM (2 * MOST + 4 * LINE_BLOCK)
#define ROUNDS 200

struct lines {
    uint8_t samples[ROOM];
    int16_t rows[6][ROOM];
    int32_t at[ROOM];
    uint32_t shares[ROOM], pixels[ROOM];
    size_t width;
};

static void lines_fill(struct lines *l)
{
    l->width = 1 + (size_t)rand() % MOST;
    for (size_t i = 0; i < ROOM; i++) {
        unsigned share = (unsigned)rand() % (LINE_ONE + 1);
        l->samples[i] = (uint8_t)(rand() >> 5);
        l->at[i] = rand() % MOST;
        l->shares[i] = share | (LINE_ONE - share) << 16;
        l->pixels[i] = (uint32_t)rand() & 0xffffff;
        for (size_t k = 0; k < 6; k++)
            l->rows[k][i] = (int16_t)(rand() % (255 * LINE_ONE + 1) - (k < 2 ? 0 : 128 * LINE_ONE));
    }
}

static void rows_agree(void **state)
{
    static struct lines l;
    static int16_t a[ROOM], b[ROOM];
    static uint32_t pairs[2][ROOM];

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        const struct line_columns columns = {l.at, l.shares};
        lines_fill(&l);
        line_widen(a, l.samples, l.width, 5);
        common_widen(b, l.samples, l.width, 5);
        assert_memory_equal(a, b, l.width * sizeof a[0]);
        line_double(a, l.samples + 1, l.width, 16384);
        common_double(b, l.samples + 1, l.width, 16384);
        assert_memory_equal(a, b, 2 * l.width * sizeof a[0]);
        line_pairs(pairs[0], l.samples, MOST);
        common_pairs(pairs[1], l.samples, MOST);
        assert_memory_equal(pairs[0], pairs[1], MOST * sizeof pairs[0][0]);
        line_scale(a, pairs[0], &columns, l.width, 16384);
        common_scale(b, pairs[0], &columns, l.width, 16384);
        assert_memory_equal(a, b, l.width * sizeof a[0]);
    }
}

/* Columns as scaling makes them: rising by up to two samples, from any place. */
static void lines_rise(struct lines *l, unsigned from)
{
    unsigned step = 1 + (unsigned)rand() % (2 * LINE_ONE),
             place = (unsigned)rand() % (4 * LINE_ONE);

    for (size_t i = 0; i < l->width; i++, place += step) {
        bool last = place / LINE_ONE >= from - 1;
        unsigned share = last ? 0 : place % LINE_ONE;
        l->at[i] = (int32_t)(last ? from - 1 : place / LINE_ONE);
        l->shares[i] = share | (LINE_ONE - share) << 16;
    }
}

/* Of samples of exactly their size, so that reading outside is seen by the sanitizers. */
static void picking_agrees(void **state)
{
    static struct lines l;
    static struct line_pick picks[ROOM / LINE_PICK];
    static int16_t a[ROOM], b[ROOM];
    static uint32_t pairs[ROOM];
    unsigned worked = 0;

    (void)state;
    for (int i = 0; i < 4 * ROUNDS; i++) {
        const struct line_columns columns = {l.at, l.shares};
        unsigned from = 1 + (unsigned)rand() % MOST;
        uint8_t *samples = malloc(from);
        assert_non_null(samples);
        lines_fill(&l);
        lines_rise(&l, from);
        memcpy(samples, l.samples, from);
        common_pairs(pairs, l.samples, MOST);
        common_scale(b, pairs, &columns, l.width, (int16_t)(i % 2 * 16384));
        if (line_pick_make(picks, &columns, from, l.width)) {
            line_pick_scale(a, samples, picks, l.width, (int16_t)(i % 2 * 16384));
            assert_memory_equal(a, b, l.width * sizeof a[0]);
            worked++;
        }
        free(samples);
    }
#ifdef __x86_64__
    assert_true(!line_hand_picks() || worked > ROUNDS);
#else
    assert_int_equal(worked, 0);
#endif
}

static struct line_source lines_source(const struct lines *l, bool plain)
{
    return (struct line_source){
        .plain = plain ? l->samples : NULL,
        .y = {l->rows[0], l->rows[1], (int16_t)(rand() & 0x7fff)},
        .u = {l->rows[2], l->rows[3], (int16_t)(rand() & 0x7fff)},
        .v = {l->rows[4], l->rows[5], (int16_t)(rand() & 0x7fff)},
    };
}

/* Each kind, with luma as it is and blended; out is aligned as the kind wants it. */
static void check_colours(void (*colour)(void *out, enum line_kind kind,
                                         const struct line_source *s, size_t width))
{
    static alignas(LINE_ALIGN) uint32_t a[ROOM], b[ROOM];
    static struct lines l;

    for (int i = 0; i < ROUNDS; i++) {
        lines_fill(&l);
        for (int kind = LINE_32; kind <= LINE_565; kind++) {
            for (int plain = 0; plain < 2; plain++) {
                struct line_source s = lines_source(&l, plain == 1);
                size_t offset = kind == LINE_32_PAST ? 0 : (size_t)i % 3;
                memset(a, 0xa5, sizeof a);
                memset(b, 0xa5, sizeof b);
                colour(a + offset, (enum line_kind)kind, &s, l.width);
                common_colour(b + offset, (enum line_kind)kind, &s, l.width);
                line_passed();
                assert_memory_equal(a, b, sizeof a);
            }
        }
    }
}

static void colours_agree(void **state)
{
    (void)state;
    check_colours(line_colour);
}

#ifdef __x86_64__
static void the_least_agrees(void **state)
{
    static struct lines l;
    static int16_t a[2 * ROOM], b[2 * ROOM];

    (void)state;
    check_colours(least_colour);
    for (int i = 0; i < ROUNDS; i++) {
        lines_fill(&l);
        least_double(a, l.samples + 1, l.width, 16384);
        common_double(b, l.samples + 1, l.width, 16384);
        assert_memory_equal(a, b, 2 * l.width * sizeof a[0]);
    }
}

static void the_least_packs(void **state)
{
    static struct lines l;
    static uint8_t a[4 * ROOM], b[4 * ROOM];

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        lines_fill(&l);
        memset(a, 0xaa, sizeof a);
        memset(b, 0xaa, sizeof b);
        least_three(a + i % 16, l.pixels, l.width);
        common_pack(b + i % 16, SURFACE_RGB888, l.pixels, l.width / LINE_BLOCK * LINE_BLOCK);
        assert_memory_equal(a, b, sizeof a);
    }
}
#endif

/* Each format, at each offset in memory, and not a byte behind the line. */
static void packing_agrees(void **state)
{
    static struct lines l;
    static uint8_t a[4 * ROOM], b[4 * ROOM];

    (void)state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        enum surface_format format = i % 6;
        size_t offset = i % 7, size = pixel_size(format);
        uint32_t kept[ROOM];
        lines_fill(&l);
        memcpy(kept, l.pixels, sizeof kept);
        memset(a, 0xa5, sizeof a);
        memset(b, 0xa5, sizeof b);
        line_pack(a + offset, format, l.pixels, l.width);
        common_pack(b + offset, format, kept, l.width);
        assert_memory_equal(a, b, sizeof a);
        for (size_t k = offset + l.width * size; k < sizeof a; k++)
            assert_int_equal(a[k], 0xa5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_agree),       cmocka_unit_test(picking_agrees),
        cmocka_unit_test(colours_agree),    cmocka_unit_test(packing_agrees),
#ifdef __x86_64__
        cmocka_unit_test(the_least_agrees), cmocka_unit_test(the_least_packs),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
