/* Fixed trip counts and restrict let gcc vectorise at -O2; 16-bit arithmetic gives a vector twice the
 * samples of 32-bit. Only whole blocks are worked on: a remainder is the caller's room. */
#include "video/line.h"

#include <stdbool.h>
#include <string.h>

#include "video/pixel.h"

/* The same code a second time for what this processor may have beyond what the build asks for. */
#define LINE_INLINE static inline __attribute__((always_inline))
#if defined __x86_64__ && !defined __AVX2__
#define LINE_MORE __attribute__((target("avx2")))
#define LINE_HAS_MORE __builtin_cpu_supports("avx2")
#else
#define LINE_MORE
#define LINE_HAS_MORE false
#endif

/* What a difference from grey adds, at 128 a step, becomes the result at 32 a step by these 65536ths:
 * 1.402, 1.772, 0.344136 and 0.714136 times 2^14. */
#define LINE_RED_V 22970
#define LINE_BLUE_U 29032
#define LINE_GREEN_U 5638
#define LINE_GREEN_V 11700

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

void line_scale(int16_t *row, const uint32_t *pairs, const struct line_column *columns,
                size_t width, int16_t bias)
{
    for (size_t i = 0; i < width; i++)
        row[i] = (int16_t)((int)(pairs[columns[i].at] * columns[i].shares >> 16) - bias);
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

/* y at 32 for each step and half a step more; the halves of the word are written apart, for a store of
 * two interleaved vectors. */
LINE_INLINE void line_word(uint16_t *out, int16_t y, int16_t u, int16_t v)
{
    int16_t r = line_byte((int16_t)(y + line_times(v, LINE_RED_V)));
    int16_t b = line_byte((int16_t)(y + line_times(u, LINE_BLUE_U)));
    int16_t g =
        line_byte((int16_t)(y - (line_times(u, LINE_GREEN_U) + line_times(v, LINE_GREEN_V))));
    const bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

    out[little ? 0 : 1] = (uint16_t)(b | g << 8);
    out[little ? 1 : 0] = (uint16_t)r;
}

LINE_INLINE int16_t line_blend(int16_t near, int16_t other, int16_t share)
{
    return (int16_t)(near + line_times((int16_t)(other - near), share));
}

LINE_INLINE void line_colour_block(uint16_t *restrict out, const struct line_pair *y,
                                   const struct line_pair *u, const struct line_pair *v, size_t at)
{
    const int16_t *restrict ya = y->near + at, *restrict yb = y->other + at;
    const int16_t *restrict ua = u->near + at, *restrict ub = u->other + at;
    const int16_t *restrict va = v->near + at, *restrict vb = v->other + at;
    int16_t y_share = y->share, u_share = u->share, v_share = v->share;

    for (int i = 0; i < LINE_BLOCK; i++)
        line_word(out + 2 * i, (int16_t)((line_blend(ya[i], yb[i], y_share) >> 2) + 16),
                  line_blend(ua[i], ub[i], u_share), line_blend(va[i], vb[i], v_share));
}

LINE_INLINE void line_plain_block(uint16_t *restrict out, const uint8_t *restrict y,
                                  const struct line_pair *u, const struct line_pair *v, size_t at)
{
    const int16_t *restrict ua = u->near + at, *restrict ub = u->other + at;
    const int16_t *restrict va = v->near + at, *restrict vb = v->other + at;
    int16_t u_share = u->share, v_share = v->share;

    for (int i = 0; i < LINE_BLOCK; i++)
        line_word(out + 2 * i, (int16_t)(y[i] * 32 + 16), line_blend(ua[i], ub[i], u_share),
                  line_blend(va[i], vb[i], v_share));
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

LINE_INLINE void line_565_block(uint16_t *restrict out, const uint32_t *restrict line)
{
    for (int i = 0; i < LINE_BLOCK; i++)
        out[i] =
            (uint16_t)((line[i] >> 8 & 0xf800) | (line[i] >> 5 & 0x07e0) | (line[i] >> 3 & 0x001f));
}

/* Four pixels are three words. */
static void line_three(uint8_t *out, const uint32_t *line, size_t width)
{
    const bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    size_t i = 0;

    for (; little && i + 4 <= width; i += 4, out += 12) {
        uint32_t words[3] = {(line[i] & 0xffffff) | line[i + 1] << 24,
                             (line[i + 1] >> 8 & 0xffff) | line[i + 2] << 16,
                             (line[i + 2] >> 16 & 0xff) | line[i + 3] << 8};
        memcpy(out, words, sizeof words);
    }
    for (; i < width; i++, out += 3)
        memcpy(out, pixel_make(SURFACE_RGB888, line[i]).bytes, 3);
}

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

LINE_BOTH(line_colour,
          (uint32_t * out, const struct line_pair *y, const struct line_pair *u,
           const struct line_pair *v, size_t width),
          k < width, line_colour_block((uint16_t *)(out + k), y, u, v, k))
LINE_BOTH(line_plain,
          (uint32_t * out, const uint8_t *y, const struct line_pair *u, const struct line_pair *v,
           size_t width),
          k < width, line_plain_block((uint16_t *)(out + k), y + k, u, v, k))
LINE_BOTH(line_swap, (uint32_t * line, size_t width), k < width, line_swap_block(line + k))
LINE_BOTH(line_565, (uint16_t * out, const uint32_t *line, size_t width), k + LINE_BLOCK <= width,
          line_565_block(out + k, line + k))

void line_widen(int16_t *row, const uint8_t *samples, size_t width, int16_t bias)
{
    for (size_t k = 0; k < width; k += LINE_BLOCK)
        line_widen_block(row + k, samples + k, bias);
}

void line_double(int16_t *row, const uint8_t *samples, size_t width, int16_t bias)
{
    for (size_t k = 0; k < width; k += LINE_BLOCK)
        line_double_block(row + 2 * k, samples + k, bias);
}

void line_pairs(uint32_t *pairs, const uint8_t *samples, size_t width)
{
    for (size_t k = 0; k < width; k += LINE_BLOCK)
        line_pairs_block(pairs + k, samples + k);
}

void line_colour(uint32_t *out, const struct line_pair *y, const struct line_pair *u,
                 const struct line_pair *v, size_t width)
{
    (LINE_HAS_MORE ? line_colour_more : line_colour_base)(out, y, u, v, width);
}

void line_colour_plain(uint32_t *out, const uint8_t *y, const struct line_pair *u,
                       const struct line_pair *v, size_t width)
{
    (LINE_HAS_MORE ? line_plain_more : line_plain_base)(out, y, u, v, width);
}

static void line_pack_565(uint16_t *out, const uint32_t *line, size_t width)
{
    (LINE_HAS_MORE ? line_565_more : line_565_base)(out, line, width);
    for (size_t i = width / LINE_BLOCK * LINE_BLOCK; i < width; i++)
        memcpy(out + i, pixel_make(SURFACE_RGB565, line[i]).bytes, 2);
}

void line_pack(void *out, enum surface_format format, uint32_t *line, size_t width)
{
    if (format == SURFACE_XBGR8888 || format == SURFACE_BGR888 || format == SURFACE_BGR565)
        (LINE_HAS_MORE ? line_swap_more : line_swap_base)(line, width);
    if (pixel_size(format) == 2)
        line_pack_565(out, line, width);
    else if (pixel_size(format) == 3)
        line_three(out, line, width);
    else
        memcpy(out, line, width * sizeof line[0]);
}
