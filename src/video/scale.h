/* Where a picture goes in a surface. */
#ifndef DEN_VIDEO_SCALE_H
#define DEN_VIDEO_SCALE_H

#include <stdbool.h>

#include "platform/display.h"

/* The largest rectangle of the picture's shape in the middle of the surface. A picture whose shape
 * is the surface's but for the rounding of its own width or height to even numbers fills it all:
 * 426x240 is meant to be 16:9. Sizes are above 0 and at most 32767. */
struct display_rect scale_fit(unsigned width, unsigned height, unsigned to_width,
                              unsigned to_height);
/* Whether two rectangles in one surface differ by no more than such rounding. */
bool scale_near(const struct display_rect *a, const struct display_rect *b);

#endif
