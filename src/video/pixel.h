/* One colour in a surface's format. */
#ifndef DEN_VIDEO_PIXEL_H
#define DEN_VIDEO_PIXEL_H

#include <stddef.h>
#include <stdint.h>

#include "platform/display.h"

struct pixel {
    uint8_t bytes[4]; /* as they lie in memory */
    size_t size;      /* how many of them */
};

/* Bytes of a pixel: 2, 3 or 4. */
size_t pixel_size(enum surface_format format);
/* From 0x00RRGGBB; what the format does not hold is cut off. */
struct pixel pixel_make(enum surface_format format, uint32_t rgb);
/* Fills a rectangle, which must lie within the surface. */
void pixel_fill(const struct surface *to, unsigned x, unsigned y, unsigned width, unsigned height,
                uint32_t rgb);

#endif
