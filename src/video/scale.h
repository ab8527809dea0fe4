/* Pixels of a picture into a surface: where they go, and bilinear scaling on the way. */
#ifndef DEN_VIDEO_SCALE_H
#define DEN_VIDEO_SCALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "platform/display.h"

struct scale_rect {
    unsigned x, y, width, height;
};

/* What scaling to one size needs; kept from picture to picture. Starts as zeros. */
struct scale {
    unsigned from_width, to_width; /* that columns was made for */
    uint32_t *columns;             /* per output column: source column << 9 | weight of the next */
    uint32_t *rows[2];             /* the last source lines, widened to to_width */
    unsigned row[2];               /* which lines these are; UINT_MAX: none */
};

/* The largest rectangle of the picture's shape in the middle of the surface. A picture whose shape
 * is the surface's but for the rounding of its own width or height to even numbers fills it all:
 * 426x240 is meant to be 16:9. Sizes are above 0 and at most 32767. */
struct scale_rect scale_fit(unsigned width, unsigned height, unsigned to_width, unsigned to_height);
/* Whether two rectangles in one surface differ by no more than such rounding. */
bool scale_near(const struct scale_rect *a, const struct scale_rect *b);

/* Draws all of from, scaled, into rect of to, and black around it; every pixel is written once.
 * rect lies within to. ERR_MEMORY leaves to as it was. */
enum err scale_draw(struct scale *s, const struct surface *from, const struct surface *to,
                    const struct scale_rect *rect);
void scale_free(struct scale *s);

#endif
