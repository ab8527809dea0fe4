#include "video/line_hand.h"

#if LINE_NEON

#include <arm_neon.h>

#define LINE_STEP static inline __attribute__((always_inline))

/* At 32 a step. */
struct line_mixed {
    int16x8_t r, g, b;
};

struct line_bytes {
    uint8x8_t r, g, b;
};

/* v * share / 65536: the instruction doubles before it divides. */
LINE_STEP int16x8_t line_times(int16x8_t v, int16_t share)
{
    return vshrq_n_s16(vqdmulhq_n_s16(v, share), 1);
}

_Static_assert((LINE_RED_V | LINE_BLUE_U | LINE_GREEN_U | LINE_GREEN_V) % 2 == 0, "even shares");

/* The same for an even share. */
LINE_STEP int16x8_t line_times_even(int16x8_t v, int16_t share)
{
    return vqdmulhq_n_s16(v, (int16_t)(share / 2));
}

LINE_STEP struct line_mixed line_mix(int16x8_t y, int16x8_t u, int16x8_t v)
{
    int16x8_t less = vaddq_s16(line_times_even(u, LINE_GREEN_U), line_times_even(v, LINE_GREEN_V));

    return (struct line_mixed){
        .r = vaddq_s16(y, line_times_even(v, LINE_RED_V)),
        .g = vsubq_s16(y, less),
        .b = vaddq_s16(y, line_times_even(u, LINE_BLUE_U)),
    };
}

LINE_STEP int16x8_t line_blend(const struct line_pair *pair, size_t at)
{
    int16x8_t near = vld1q_s16(pair->near + at);
    int16x8_t more = vsubq_s16(vld1q_s16(pair->other + at), near);

    return vaddq_s16(near, line_times(more, pair->share));
}

/* 32 a step and half a step more. */
LINE_STEP int16x8_t line_luma(const struct line_pair *y, const uint8_t *plain, size_t at)
{
    int16x8_t it = plain != NULL ? vreinterpretq_s16_u16(vshll_n_u8(vld1_u8(plain + at), 5))
                                 : vshrq_n_s16(line_blend(y, at), 2);

    return vaddq_s16(it, vdupq_n_s16(16));
}

/* Kept within 0 to 255. */
LINE_STEP struct line_bytes line_some(const struct line_pair *y, const uint8_t *plain,
                                      const struct line_pair *u, const struct line_pair *v,
                                      size_t at)
{
    struct line_mixed m = line_mix(line_luma(y, plain, at), line_blend(u, at), line_blend(v, at));

    return (struct line_bytes){
        .r = vqshrun_n_s16(m.r, 5),
        .g = vqshrun_n_s16(m.g, 5),
        .b = vqshrun_n_s16(m.b, 5),
    };
}

LINE_STEP void line_put_two(uint8_t *out, struct line_bytes x, struct line_bytes y)
{
    uint8x16x4_t all = {
        {vcombine_u8(x.b, y.b), vcombine_u8(x.g, y.g), vcombine_u8(x.r, y.r), vdupq_n_u8(0)}};

    vst4q_u8(out, all);
}

LINE_STEP uint16x8_t line_high(uint8x8_t v)
{
    return vshlq_n_u16(vmovl_u8(v), 8);
}

/* Red's upper bits stay where they are, green's are put behind them, and blue's behind those. */
LINE_STEP void line_put_565(uint16_t *out, struct line_bytes c)
{
    uint16x8_t two = vsriq_n_u16(line_high(c.r), line_high(c.g), 5);

    vst1q_u16(out, vsriq_n_u16(two, line_high(c.b), 11));
}

LINE_STEP void line_run(void *out, bool narrow, const struct line_pair *y, const uint8_t *plain,
                        const struct line_pair *u, const struct line_pair *v, size_t width)
{
    const size_t end = line_room(width);

    for (size_t i = 0; i < end; i += 16) {
        struct line_bytes first = line_some(y, plain, u, v, i);
        struct line_bytes second = line_some(y, plain, u, v, i + 8);

        if (narrow) {
            line_put_565((uint16_t *)out + i, first);
            line_put_565((uint16_t *)out + i + 8, second);
        } else {
            line_put_two((uint8_t *)out + 4 * i, first, second);
        }
    }
}

/* Four loops, none of which asks again. */
void line_hand_colour(void *out, enum line_kind kind, const struct line_source *s, size_t width)
{
    const struct line_source own = *s;

    if (own.plain != NULL && kind == LINE_565)
        line_run(out, true, NULL, own.plain, &own.u, &own.v, width);
    else if (own.plain != NULL)
        line_run(out, false, NULL, own.plain, &own.u, &own.v, width);
    else if (kind == LINE_565)
        line_run(out, true, &own.y, NULL, &own.u, &own.v, width);
    else
        line_run(out, false, &own.y, NULL, &own.u, &own.v, width);
}

void line_hand_passed(void)
{
}

void line_hand_double(int16_t *row, const uint8_t *samples, size_t width, int16_t bias)
{
    const uint8x8_t most = vdup_n_u8(LINE_ONE / 4 * 3);
    const size_t end = line_room(width);

    for (size_t i = 0; i < end; i += 8) {
        const uint8_t *s = samples + i;
        uint16x8_t here = vsubq_u16(vmull_u8(vld1_u8(s), most), vdupq_n_u16((uint16_t)bias));
        uint16x8_t before = vaddq_u16(here, vshll_n_u8(vld1_u8(s - 1), 5));
        uint16x8_t after = vaddq_u16(here, vshll_n_u8(vld1_u8(s + 1), 5));
        int16x8x2_t both = {{vreinterpretq_s16_u16(before), vreinterpretq_s16_u16(after)}};

        vst2q_s16(row + 2 * i, both);
    }
}

void line_hand_three(uint8_t *out, const uint32_t *line, size_t width)
{
    for (size_t i = 0; i < width / LINE_BLOCK * LINE_BLOCK; i += 16) {
        uint8x16x4_t four = vld4q_u8((const uint8_t *)(line + i));
        uint8x16x3_t three = {{four.val[0], four.val[1], four.val[2]}};

        vst3q_u8(out + 3 * i, three);
    }
}

#endif
