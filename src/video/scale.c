/* Two passes that stay in the cache: a source line is widened once, when it is first needed, and
 * each output line is the blend of two widened lines. Enlarging 240 lines to 720 so widens 240. */
#include "video/scale.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SCALE_ONE 256u   /* a weight of all */
#define SCALE_BLOCK 16   /* bytes that are blended at a time: one vector */
#define SCALE_ROUNDED 2u /* pixels by which a rendition's width or height may have been rounded */

static unsigned scale_divide(uint64_t a, uint64_t b)
{
    return (unsigned)((a + b / 2) / b);
}

/* The length that goes with the other side: is it `whole` but for what rounding explains? */
static unsigned scale_snap(unsigned length, unsigned whole, unsigned factor_to,
                           unsigned factor_from)
{
    uint64_t slack = ((uint64_t)SCALE_ROUNDED * factor_to + factor_from - 1) / factor_from;

    if (length >= whole || whole - length <= slack)
        return whole;
    return length == 0 ? 1 : length;
}

struct scale_rect scale_fit(unsigned width, unsigned height, unsigned to_width, unsigned to_height)
{
    struct scale_rect r = {.width = to_width, .height = to_height};

    if ((uint64_t)width * to_height <= (uint64_t)height * to_width)
        r.width = scale_snap(scale_divide((uint64_t)width * to_height, height), to_width, to_height,
                             height);
    else
        r.height = scale_snap(scale_divide((uint64_t)height * to_width, width), to_height, to_width,
                              width);
    r.x = (to_width - r.width) / 2;
    r.y = (to_height - r.height) / 2;
    return r;
}

static bool scale_close(unsigned a, unsigned b)
{
    unsigned apart = a > b ? a - b : b - a;

    return apart <= 2 + (a > b ? a : b) / 100;
}

bool scale_near(const struct scale_rect *a, const struct scale_rect *b)
{
    return scale_close(a->width, b->width) && scale_close(a->height, b->height);
}

/* Where the middle of output pixel i of `to` lies among `from`: the pixel at or before it, and in
 * *weight the share of the one after. Never names a pixel after the last. */
static unsigned scale_place(unsigned i, unsigned from, unsigned to, unsigned *weight)
{
    uint64_t middle = ((uint64_t)(2 * i + 1) * from * SCALE_ONE) / (2 * (uint64_t)to);
    unsigned at;

    *weight = 0;
    if (middle <= SCALE_ONE / 2)
        return 0;
    middle -= SCALE_ONE / 2;
    at = (unsigned)(middle / SCALE_ONE);
    if (at >= from - 1)
        return from - 1;
    *weight = (unsigned)(middle % SCALE_ONE);
    return at;
}

void scale_free(struct scale *s)
{
    free(s->columns);
    free(s->rows[0]);
    free(s->rows[1]);
    *s = (struct scale){0};
}

static size_t scale_row_bytes(unsigned width)
{
    return ((size_t)width * 4 + SCALE_BLOCK - 1) / SCALE_BLOCK * SCALE_BLOCK;
}

static enum err scale_prepare(struct scale *s, unsigned from_width, unsigned to_width)
{
    if (s->from_width == from_width && s->to_width == to_width)
        return ERR_OK;
    scale_free(s);
    s->columns = malloc((size_t)to_width * sizeof s->columns[0]);
    s->rows[0] = malloc(scale_row_bytes(to_width));
    s->rows[1] = malloc(scale_row_bytes(to_width));
    if (s->columns == NULL || s->rows[0] == NULL || s->rows[1] == NULL) {
        scale_free(s);
        return ERR_MEMORY;
    }
    for (unsigned i = 0; i < to_width; i++) {
        unsigned weight;
        unsigned at = scale_place(i, from_width, to_width, &weight);
        s->columns[i] = at << 9 | weight;
    }
    s->from_width = from_width;
    s->to_width = to_width;
    return ERR_OK;
}

/* Four channels at once, two in each half of the word. */
static uint32_t scale_mix(uint32_t a, uint32_t b, uint32_t weight)
{
    const uint32_t mask = 0x00ff00ff;
    uint32_t low = (a & mask) * (SCALE_ONE - weight) + (b & mask) * weight;
    uint32_t high = (a >> 8 & mask) * (SCALE_ONE - weight) + (b >> 8 & mask) * weight;

    return (low >> 8 & mask) | (high & ~mask);
}

static void scale_widen(const struct scale *s, uint32_t *restrict to, const uint32_t *restrict from)
{
    for (unsigned i = 0; i < s->to_width; i++) {
        uint32_t weight = s->columns[i] & 511;
        const uint32_t *at = from + (s->columns[i] >> 9);
        /* A weight of 0 may stand on the last pixel: nothing lies after it. */
        to[i] = weight == 0 ? at[0] : scale_mix(at[0], at[1], weight);
    }
}

/* Source line `row`, widened; the other one of the pair is kept. */
static const uint32_t *scale_row(struct scale *s, const struct surface *from, unsigned row,
                                 unsigned kept)
{
    const uint8_t *line = (const uint8_t *)from->pixels + row * from->pitch;
    unsigned i;

    if (s->from_width == s->to_width)
        return (const uint32_t *)(const void *)line;
    for (i = 0; i < 2; i++) {
        if (s->row[i] == row)
            return s->rows[i];
    }
    i = s->row[0] == kept ? 1 : 0;
    scale_widen(s, s->rows[i], (const uint32_t *)(const void *)line);
    s->row[i] = row;
    return s->rows[i];
}

static void scale_blend(uint8_t *restrict to, const uint8_t *restrict a, const uint8_t *restrict b,
                        size_t len, unsigned weight)
{
    uint16_t share_b = (uint16_t)weight, share_a = (uint16_t)(SCALE_ONE - weight);
    size_t i = 0;

    for (; i + SCALE_BLOCK <= len; i += SCALE_BLOCK) {
        for (size_t k = i; k < i + SCALE_BLOCK; k++)
            to[k] = (uint8_t)((uint16_t)(a[k] * share_a + b[k] * share_b) >> 8);
    }
    for (; i < len; i++)
        to[i] = (uint8_t)((uint16_t)(a[i] * share_a + b[i] * share_b) >> 8);
}

static void scale_lines(struct scale *s, const struct surface *from, const struct surface *to,
                        const struct scale_rect *rect)
{
    size_t len = (size_t)rect->width * 4;

    s->row[0] = s->row[1] = UINT_MAX;
    for (unsigned y = 0; y < rect->height; y++) {
        uint8_t *out = (uint8_t *)to->pixels + (rect->y + y) * to->pitch + (size_t)rect->x * 4;
        unsigned weight;
        unsigned at = scale_place(y, from->height, rect->height, &weight);
        const uint32_t *a = scale_row(s, from, at, UINT_MAX - 1);
        if (weight == 0) {
            memcpy(out, a, len);
            continue;
        }
        const uint32_t *b = scale_row(s, from, at + 1, at);
        scale_blend(out, (const uint8_t *)a, (const uint8_t *)b, len, weight);
    }
}

static void scale_black(const struct surface *to, unsigned x, unsigned y, unsigned width,
                        unsigned height)
{
    for (unsigned i = 0; i < height && width > 0; i++)
        memset((uint8_t *)to->pixels + (y + i) * to->pitch + (size_t)x * 4, 0, (size_t)width * 4);
}

enum err scale_draw(struct scale *s, const struct surface *from, const struct surface *to,
                    const struct scale_rect *r)
{
    enum err err = scale_prepare(s, from->width, r->width);

    if (err != ERR_OK)
        return err;
    scale_black(to, 0, 0, to->width, r->y);
    scale_black(to, 0, r->y, r->x, r->height);
    scale_lines(s, from, to, r);
    scale_black(to, r->x + r->width, r->y, to->width - r->x - r->width, r->height);
    scale_black(to, 0, r->y + r->height, to->width, to->height - r->y - r->height);
    return ERR_OK;
}
