#include "video/pixel.h"

#include <string.h>

size_t pixel_size(enum surface_format format)
{
    switch (format) {
    case SURFACE_RGB888:
    case SURFACE_BGR888:
        return 3;
    case SURFACE_RGB565:
    case SURFACE_BGR565:
        return 2;
    default:
        return 4;
    }
}

static uint32_t pixel_swap(uint32_t rgb)
{
    return (rgb & 0xff) << 16 | (rgb & 0xff00) | (rgb >> 16 & 0xff);
}

static struct pixel pixel_565(uint32_t rgb)
{
    uint16_t word = (uint16_t)((rgb >> 8 & 0xf800) | (rgb >> 5 & 0x07e0) | (rgb >> 3 & 0x001f));
    struct pixel p = {.size = 2};

    memcpy(p.bytes, &word, sizeof word);
    return p;
}

static struct pixel pixel_word(uint32_t rgb)
{
    struct pixel p = {.size = 4};

    rgb &= 0xffffff;
    memcpy(p.bytes, &rgb, sizeof rgb);
    return p;
}

static struct pixel pixel_three(uint32_t rgb)
{
    return (struct pixel){{(uint8_t)rgb, (uint8_t)(rgb >> 8), (uint8_t)(rgb >> 16)}, 3};
}

struct pixel pixel_make(enum surface_format format, uint32_t rgb)
{
    switch (format) {
    case SURFACE_XBGR8888:
        return pixel_word(pixel_swap(rgb));
    case SURFACE_RGB888:
        return pixel_three(rgb);
    case SURFACE_BGR888:
        return pixel_three(pixel_swap(rgb));
    case SURFACE_RGB565:
        return pixel_565(rgb);
    case SURFACE_BGR565:
        return pixel_565(pixel_swap(rgb));
    default:
        return pixel_word(rgb);
    }
}

void pixel_fill(const struct surface *to, unsigned x, unsigned y, unsigned width, unsigned height,
                uint32_t rgb)
{
    struct pixel p = pixel_make(to->format, rgb);

    for (unsigned row = y; row < y + height; row++) {
        uint8_t *line = (uint8_t *)to->pixels + row * to->pitch + x * p.size;

        if ((rgb & 0xffffff) == 0)
            memset(line, 0, width * p.size);
        for (unsigned i = 0; (rgb & 0xffffff) != 0 && i < width; i++)
            memcpy(line + i * p.size, p.bytes, p.size);
    }
}
