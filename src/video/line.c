/* Fixed trip counts and restrict let gcc vectorise at -O2; 16-bit arithmetic gives a vector twice the
 * samples of 32-bit. Only whole blocks are worked on: a remainder is the caller's room. */
#include "video/line.h"

#include <stdbool.h>
#include <string.h>

#include "video/line_hand.h"
#include "video/pixel.h"

#define LINE_INLINE static inline __attribute__((always_inline))
/* The same code a second time for what this processor may have beyond what the build asks for.
 * LINE_COMMON leaves that out, for a test. */
#if defined __x86_64__ && !defined __AVX2__ && !defined LINE_COMMON
#define LINE_MORE __attribute__((target("avx2")))
#define LINE_HAS_MORE __builtin_cpu_supports("avx2")
#elif defined __arm__ && !defined __ARM_NEON && !defined __clang__ && !defined LINE_COMMON
#include <asm/hwcap.h>
#include <sys/auxv.h>
#define LINE_MORE __attribute__((target("fpu=neon")))
#define LINE_HAS_MORE ((getauxval(AT_HWCAP) & HWCAP_NEON) != 0)
#else
#define LINE_MORE
#define LINE_HAS_MORE false
#endif
#if defined __has_builtin
#define LINE_SHUFFLES __has_builtin(__builtin_shufflevector)
#else
#define LINE_SHUFFLES 0
#endif

size_t line_room(size_t width)
{
    return (width + LINE_BLOCK - 1) / LINE_BLOCK * LINE_BLOCK;
}

LINE_INLINE void line_widen_block(int16_t *restrict row, const uint8_t *restrict s, int16_t bias)
{
    for (int i = 0; i < LINE_BLOCK; i++)
        row[i] = (int16_t)(s[i] * LINE_ONE - bias);
}

LINE_INLINE void line_double_block(int16_t *restrict row, const uint8_t *restrict s, int16_t bias)
{
    for (int i = 0; i < LINE_BLOCK; i++) {
        int16_t here = (int16_t)(s[i] * (LINE_ONE / 4 * 3) - bias);
        row[2 * i] = (int16_t)(here + s[i - 1] * (LINE_ONE / 4));
        row[2 * i + 1] = (int16_t)(here + s[i + 1] * (LINE_ONE / 4));
    }
}

LINE_INLINE void line_pairs_block(uint32_t *restrict pairs, const uint8_t *restrict samples)
{
    for (int i = 0; i < LINE_BLOCK; i++)
        pairs[i] = (uint32_t)samples[i] | (uint32_t)samples[i + 1] << 16;
}

LINE_INLINE void line_scale_block(int16_t *restrict row, const uint32_t *restrict pairs,
                                  const int32_t *restrict at, const uint32_t *restrict shares,
                                  int16_t bias)
{
    for (int i = 0; i < LINE_BLOCK; i++)
        row[i] = (int16_t)((int16_t)(pairs[at[i]] * shares[i] >> 16) - bias);
}

LINE_INLINE int16_t line_times(int16_t a, int16_t b)
{
    return (int16_t)((int32_t)a * b >> 16);
}

LINE_INLINE int16_t line_byte(int16_t v)
{
    v = (int16_t)(v >> 5);
    v = v < 0 ? 0 : v;
    return v > 255 ? 255 : v;
}

struct line_rgb {
    int16_t r, g, b;
};

/* y at 32 for each step and half a step more. */
LINE_INLINE struct line_rgb line_mix(int16_t y, int16_t u, int16_t v)
{
    int16_t less = (int16_t)(line_times(u, LINE_GREEN_U) + line_times(v, LINE_GREEN_V));

    return (struct line_rgb){line_byte((int16_t)(y + line_times(v, LINE_RED_V))),
                             line_byte((int16_t)(y - less)),
                             line_byte((int16_t)(y + line_times(u, LINE_BLUE_U)))};
}

/* The halves of the word are written apart, for a store of two interleaved vectors. */
LINE_INLINE void line_word(uint16_t *out, struct line_rgb c)
{
    const bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

    out[little ? 0 : 1] = (uint16_t)(c.b | c.g << 8);
    out[little ? 1 : 0] = (uint16_t)c.r;
}

LINE_INLINE uint16_t line_565(struct line_rgb c)
{
    return (uint16_t)((c.r & 0xf8) << 8 | (c.g & 0xfc) << 3 | c.b >> 3);
}

LINE_INLINE int16_t line_blend(int16_t near, int16_t other, int16_t share)
{
    return (int16_t)(near + line_times((int16_t)(other - near), share));
}

LINE_INLINE void line_colour_block(uint16_t *restrict out, bool narrow, const struct line_source *s,
                                   size_t at)
{
    const int16_t *restrict ya = s->y.near + at, *restrict yb = s->y.other + at;
    const int16_t *restrict ua = s->u.near + at, *restrict ub = s->u.other + at;
    const int16_t *restrict va = s->v.near + at, *restrict vb = s->v.other + at;
    int16_t y_share = s->y.share, u_share = s->u.share, v_share = s->v.share;

    for (int i = 0; i < LINE_BLOCK; i++) {
        struct line_rgb c =
            line_mix((int16_t)((line_blend(ya[i], yb[i], y_share) >> 2) + 16),
                     line_blend(ua[i], ub[i], u_share), line_blend(va[i], vb[i], v_share));
        if (narrow)
            out[i] = line_565(c);
        else
            line_word(out + 2 * i, c);
    }
}

LINE_INLINE void line_plain_block(uint16_t *restrict out, bool narrow, const struct line_source *s,
                                  size_t at)
{
    const uint8_t *restrict y = s->plain + at;
    const int16_t *restrict ua = s->u.near + at, *restrict ub = s->u.other + at;
    const int16_t *restrict va = s->v.near + at, *restrict vb = s->v.other + at;
    int16_t u_share = s->u.share, v_share = s->v.share;

    for (int i = 0; i < LINE_BLOCK; i++) {
        struct line_rgb c = line_mix((int16_t)(y[i] * 32 + 16), line_blend(ua[i], ub[i], u_share),
                                     line_blend(va[i], vb[i], v_share));
        if (narrow)
            out[i] = line_565(c);
        else
            line_word(out + 2 * i, c);
    }
}

LINE_INLINE uint32_t line_swapped(uint32_t v)
{
    return (v & 0xff00) | (v >> 16 & 0xff) | (v & 0xff) << 16;
}

LINE_INLINE void line_swap_block(uint32_t *line)
{
    for (int i = 0; i < LINE_BLOCK; i++)
        line[i] = line_swapped(line[i]);
}

LINE_INLINE void line_narrow_block(uint16_t *restrict out, const uint32_t *restrict line)
{
    for (int i = 0; i < LINE_BLOCK; i++)
        out[i] =
            (uint16_t)((line[i] >> 8 & 0xf800) | (line[i] >> 5 & 0x07e0) | (line[i] >> 3 & 0x001f));
}

/* Four pixels are three words, on a machine whose words begin with their low byte. */
LINE_INLINE void line_three_four(uint8_t *out, const uint32_t *line)
{
    uint32_t first = (line[0] & 0xffffff) | line[1] << 24;
    uint32_t second = (line[1] >> 8 & 0xffff) | line[2] << 16;
    uint32_t third = (line[2] >> 16 & 0xff) | line[3] << 8;

    memcpy(out, &first, sizeof first);
    memcpy(out + 4, &second, sizeof second);
    memcpy(out + 8, &third, sizeof third);
}

LINE_INLINE void line_three_words(uint8_t *restrict out, const uint32_t *restrict line)
{
    for (int i = 0; i < LINE_BLOCK; i += 4)
        line_three_four(out + 3 * i, line + i);
}

#if LINE_SHUFFLES
/* Four pixels in one vector, moved together; what they leave at its end the next ones overwrite. */
LINE_INLINE void line_three_vector(uint8_t *out, const uint32_t *line)
{
    uint8_t four __attribute__((vector_size(16)));

    memcpy(&four, line, sizeof four);
    four =
        __builtin_shufflevector(four, four, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15);
    memcpy(out, &four, sizeof four);
}

/* Written out, for at -O2 gcc does not. */
LINE_INLINE void line_three_vectors(uint8_t *restrict out, const uint32_t *restrict line)
{
    line_three_vector(out, line);
    line_three_vector(out + 12, line + 4);
    line_three_vector(out + 24, line + 8);
    line_three_vector(out + 36, line + 12);
    line_three_vector(out + 48, line + 16);
    line_three_vector(out + 60, line + 20);
    line_three_vector(out + 72, line + 24);
    line_three_four(out + 3 * (LINE_BLOCK - 4), line + LINE_BLOCK - 4);
}
#else
#define line_three_vectors line_three_words
#endif

/* Each of these a second time, for LINE_MORE: block by block of a line. */
#define LINE_BOTH(name, arguments, whole, block)   \
    static void name##_base arguments              \
    {                                              \
        for (size_t k = 0; whole; k += LINE_BLOCK) \
            block;                                 \
    }                                              \
    LINE_MORE static void name##_more arguments    \
    {                                              \
        for (size_t k = 0; whole; k += LINE_BLOCK) \
            block;                                 \
    }

LINE_BOTH(line_do_colour, (uint32_t * out, const struct line_source *s, size_t width), k < width,
          line_colour_block((uint16_t *)(out + k), false, s, k))
LINE_BOTH(line_do_colour_565, (uint16_t * out, const struct line_source *s, size_t width),
          k < width, line_colour_block(out + k, true, s, k))
LINE_BOTH(line_do_plain, (uint32_t * out, const struct line_source *s, size_t width), k < width,
          line_plain_block((uint16_t *)(out + k), false, s, k))
LINE_BOTH(line_do_plain_565, (uint16_t * out, const struct line_source *s, size_t width), k < width,
          line_plain_block(out + k, true, s, k))
LINE_BOTH(line_do_widen, (int16_t * row, const uint8_t *s, size_t width, int16_t bias), k < width,
          line_widen_block(row + k, s + k, bias))
LINE_BOTH(line_do_double, (int16_t * row, const uint8_t *s, size_t width, int16_t bias), k < width,
          line_double_block(row + 2 * k, s + k, bias))
LINE_BOTH(line_do_pairs, (uint32_t * pairs, const uint8_t *s, size_t width), k < width,
          line_pairs_block(pairs + k, s + k))
LINE_BOTH(line_do_scale,
          (int16_t * row, const uint32_t *pairs, const struct line_columns *c, size_t width,
           int16_t bias),
          k < width, line_scale_block(row + k, pairs, c->at + k, c->shares + k, bias))
LINE_BOTH(line_do_swap, (uint32_t * line, size_t width), k < width, line_swap_block(line + k))
LINE_BOTH(line_do_narrow, (uint16_t * out, const uint32_t *line, size_t width),
          k + LINE_BLOCK <= width, line_narrow_block(out + k, line + k))

static void line_do_three_base(uint8_t *out, const uint32_t *line, size_t width)
{
    for (size_t k = 0; k + LINE_BLOCK <= width; k += LINE_BLOCK)
        line_three_words(out + 3 * k, line + k);
}

LINE_MORE static void line_do_three_more(uint8_t *out, const uint32_t *line, size_t width)
{
    for (size_t k = 0; k + LINE_BLOCK <= width; k += LINE_BLOCK)
        line_three_vectors(out + 3 * k, line + k);
}

/* Calls the one that this processor can do. */
#define LINE_DO(name, ...) (LINE_HAS_MORE ? name##_more : name##_base)(__VA_ARGS__)

void line_widen(int16_t *row, const uint8_t *samples, size_t width, int16_t bias)
{
    LINE_DO(line_do_widen, row, samples, width, bias);
}

void line_double(int16_t *row, const uint8_t *samples, size_t width, int16_t bias)
{
    if (LINE_HAND)
        line_hand_double(row, samples, width, bias);
    else
        LINE_DO(line_do_double, row, samples, width, bias);
}

void line_pairs(uint32_t *pairs, const uint8_t *samples, size_t width)
{
    LINE_DO(line_do_pairs, pairs, samples, width);
}

void line_scale(int16_t *row, const uint32_t *pairs, const struct line_columns *columns,
                size_t width, int16_t bias)
{
    LINE_DO(line_do_scale, row, pairs, columns, width, bias);
}

void line_colour(void *out, enum line_kind kind, const struct line_source *s, size_t width)
{
    if (LINE_HAND)
        line_hand_colour(out, kind, s, width);
    else if (s->plain != NULL && kind == LINE_565)
        LINE_DO(line_do_plain_565, out, s, width);
    else if (s->plain != NULL)
        LINE_DO(line_do_plain, out, s, width);
    else if (kind == LINE_565)
        LINE_DO(line_do_colour_565, out, s, width);
    else
        LINE_DO(line_do_colour, out, s, width);
}

void line_passed(void)
{
    if (LINE_HAND)
        line_hand_passed();
}

static bool line_aligned(const void *p, size_t size)
{
    return (uintptr_t)p % size == 0;
}

/* Whole blocks by vectors, where they can be; the rest pixel by pixel. */
void line_pack(void *out, enum surface_format format, uint32_t *line, size_t width)
{
    size_t size = pixel_size(format), done = 0;
    enum surface_format ordered = size == 2   ? SURFACE_RGB565
                                  : size == 3 ? SURFACE_RGB888
                                              : SURFACE_XRGB8888;

    if (format != ordered)
        LINE_DO(line_do_swap, line, width);
    if (size == 4) {
        memcpy(out, line, width * sizeof line[0]);
        return;
    }
    if (size == 2 && line_aligned(out, sizeof(uint16_t))) {
        LINE_DO(line_do_narrow, out, line, width);
        done = width / LINE_BLOCK * LINE_BLOCK;
    } else if (size == 3 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) {
        if (LINE_HAND)
            line_hand_three(out, line, width);
        else
            LINE_DO(line_do_three, out, line, width);
        done = width / LINE_BLOCK * LINE_BLOCK;
    }
    for (size_t i = done; i < width; i++)
        memcpy((uint8_t *)out + i * size, pixel_make(ordered, line[i]).bytes, size);
}
