/* How a framebuffer's mode lies in memory: pure, so that it is tested without one. */
#ifndef DEN_PLATFORM_DISPLAY_FBMODE_H
#define DEN_PLATFORM_DISPLAY_FBMODE_H

#include <linux/fb.h>
#include <stdbool.h>
#include <stddef.h>

#include "platform/display.h"

/* The mode as a surface without pixels. False with a phrase in why: its pixels are of a kind that can't
 * be drawn, or what it says of itself does not fit together. */
bool fbmode_surface(const struct fb_var_screeninfo *mode, const struct fb_fix_screeninfo *fixed,
                    struct surface *out, char why[static DISPLAY_WHY]);
/* Where in the memory the picture stands that begins in that line (of yres_virtual). */
size_t fbmode_place(const struct fb_var_screeninfo *mode, const struct fb_fix_screeninfo *fixed,
                    unsigned line);
/* Whether the memory holds two pictures, one below the other, and the shown one can be moved. */
bool fbmode_doubles(const struct fb_var_screeninfo *mode, const struct fb_fix_screeninfo *fixed);

#endif
