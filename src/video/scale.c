#include "video/scale.h"

#include <stdint.h>

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

struct display_rect scale_fit(unsigned width, unsigned height, unsigned to_width,
                              unsigned to_height)
{
    struct display_rect r = {.width = to_width, .height = to_height};

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

bool scale_near(const struct display_rect *a, const struct display_rect *b)
{
    return scale_close(a->width, b->width) && scale_close(a->height, b->height);
}
