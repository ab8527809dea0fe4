/* Lines of samples and pixels: the inner loops of paint.c, in C that compilers turn into vector code.
 * They work in blocks: buffers have room for whole ones (line_room), and what lies in a last block
 * behind the line may be anything. */
#ifndef DEN_VIDEO_LINE_H
#define DEN_VIDEO_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "platform/display.h"

#define LINE_BLOCK 32
#define LINE_ALIGN 32
#define LINE_ONE 128 /* a sample of 1 in a row: rows hold 0 to 255 * LINE_ONE */

/* What a difference from grey adds, at 128 a step, becomes the result at 32 a step by these 65536ths:
 * 1.402, 1.772, 0.344136 and 0.714136 times 2^14. */
#define LINE_RED_V 22970
#define LINE_BLUE_U 29032
#define LINE_GREEN_U 5638
#define LINE_GREEN_V 11700

/* Where output samples are taken from, with room for whole blocks. */
struct line_columns {
    int32_t *at; /* the pair of samples at, at + 1 */
    uint32_t
        *shares; /* of LINE_ONE: of the second in the low half, of the first in the high half */
};

/* Two rows of one plane, and the share of the second: 0 to 32767 of 65536. */
struct line_pair {
    const int16_t *near, *other;
    int16_t share;
};

/* What a line of pixels is made of. */
struct line_source {
    const uint8_t *plain;     /* luma as it is; NULL: y's */
    struct line_pair y, u, v; /* u and v are rows less 128 * LINE_ONE */
};

enum line_kind {
    LINE_32,      /* XRGB8888 */
    LINE_32_PAST, /* the same, to an address of LINE_ALIGN, past the caches where that is possible:
                   * quicker for what is larger than they are and not read again by us */
    LINE_565,     /* RGB565 */
};

size_t line_room(size_t width);
/* Samples to a row, each once, less `bias`. */
void line_widen(int16_t *row, const uint8_t *samples, size_t width, int16_t bias);
/* Twice as many, each between two; samples[-1] and samples[width] must be there. */
void line_double(int16_t *row, const uint8_t *samples, size_t width, int16_t bias);
/* pairs[i] gets samples i and i + 1, in the low and the high half. */
void line_pairs(uint32_t *pairs, const uint8_t *samples, size_t width);
void line_scale(int16_t *row, const uint32_t *pairs, const struct line_columns *columns,
                size_t width, int16_t bias);
/* JFIF's full-range BT.601 to pixels. */
void line_colour(void *out, enum line_kind kind, const struct line_source *s, size_t width);
/* After LINE_32_PAST, before anybody else reads the pixels. */
void line_passed(void);
/* XRGB8888 to another format, width pixels and not one more; line is used up. */
void line_pack(void *out, enum surface_format format, uint32_t *line, size_t width);

#endif
