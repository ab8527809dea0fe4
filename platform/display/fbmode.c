#include "platform/display/fbmode.h"

#include <stdio.h>

static const struct {
    unsigned bits;
    struct {
        unsigned offset, length;
    } red, green, blue;
    enum surface_format format;
} fbmode_formats[] = {
    {32, {16, 8}, {8, 8}, {0, 8}, SURFACE_XRGB8888},
    {32, {0, 8}, {8, 8}, {16, 8}, SURFACE_XBGR8888},
    {24, {16, 8}, {8, 8}, {0, 8}, SURFACE_RGB888},
    {24, {0, 8}, {8, 8}, {16, 8}, SURFACE_BGR888},
    {16, {11, 5}, {5, 6}, {0, 5}, SURFACE_RGB565},
    {16, {0, 5}, {5, 6}, {11, 5}, SURFACE_BGR565},
};

#define FORMATS (sizeof fbmode_formats / sizeof fbmode_formats[0])

static bool fbmode_is(const struct fb_bitfield *field, unsigned offset, unsigned length)
{
    return field->offset == offset && field->length == length && field->msb_right == 0;
}

static bool fbmode_format(const struct fb_var_screeninfo *mode, enum surface_format *out)
{
    for (size_t i = 0; i < FORMATS; i++) {
        if (fbmode_formats[i].bits != mode->bits_per_pixel ||
            !fbmode_is(&mode->red, fbmode_formats[i].red.offset, fbmode_formats[i].red.length) ||
            !fbmode_is(&mode->green, fbmode_formats[i].green.offset,
                       fbmode_formats[i].green.length) ||
            !fbmode_is(&mode->blue, fbmode_formats[i].blue.offset, fbmode_formats[i].blue.length))
            continue;
        *out = fbmode_formats[i].format;
        return true;
    }
    return false;
}

size_t fbmode_place(const struct fb_var_screeninfo *mode, const struct fb_fix_screeninfo *fixed,
                    unsigned line)
{
    return (size_t)line * fixed->line_length + (size_t)mode->xoffset * mode->bits_per_pixel / 8;
}

static bool fbmode_holds(const struct fb_var_screeninfo *mode,
                         const struct fb_fix_screeninfo *fixed, unsigned line)
{
    uint64_t end = ((uint64_t)line + mode->yres) * fixed->line_length;
    uint64_t wide = ((uint64_t)mode->xoffset + mode->xres) * (mode->bits_per_pixel / 8);

    return wide <= fixed->line_length && end <= fixed->smem_len;
}

bool fbmode_surface(const struct fb_var_screeninfo *mode, const struct fb_fix_screeninfo *fixed,
                    struct surface *out, char why[static DISPLAY_WHY])
{
    bool plain = fixed->type == FB_TYPE_PACKED_PIXELS && mode->grayscale == 0 &&
                 (fixed->visual == FB_VISUAL_TRUECOLOR || fixed->visual == FB_VISUAL_DIRECTCOLOR);

    *out = (struct surface){.pitch = fixed->line_length, .width = mode->xres, .height = mode->yres};
    if (!plain || !fbmode_format(mode, &out->format)) {
        snprintf(
            why, DISPLAY_WHY,
            "%u bits a pixel (red %u at bit %u, green %u at %u, blue %u at %u)%s can't be drawn",
            mode->bits_per_pixel, mode->red.length, mode->red.offset, mode->green.length,
            mode->green.offset, mode->blue.length, mode->blue.offset,
            plain ? "" : " of no direct colours");
        return false;
    }
    if (mode->xres == 0 || mode->yres == 0 || mode->xres > DISPLAY_SIDE ||
        mode->yres > DISPLAY_SIDE || !fbmode_holds(mode, fixed, mode->yoffset)) {
        snprintf(why, DISPLAY_WHY, "%ux%u with %u bytes a line do not fit into its %u bytes",
                 mode->xres, mode->yres, fixed->line_length, fixed->smem_len);
        return false;
    }
    return true;
}

bool fbmode_doubles(const struct fb_var_screeninfo *mode, const struct fb_fix_screeninfo *fixed)
{
    return fixed->ypanstep != 0 && mode->yres % fixed->ypanstep == 0 &&
           mode->yres_virtual / 2 >= mode->yres && fbmode_holds(mode, fixed, mode->yres);
}
