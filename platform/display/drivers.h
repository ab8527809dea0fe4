/* The drivers of this build; a new one is a file here and a line in display.c's table. */
#ifndef DEN_PLATFORM_DISPLAY_DRIVERS_H
#define DEN_PLATFORM_DISPLAY_DRIVERS_H

#include "platform/display.h"

/* A window under X11 or Wayland. */
extern const struct display_driver sdl_driver;
/* A monitor by the kernel's mode setting: dumb buffers and page flips (DRM). */
extern const struct display_driver kms_driver;
/* The kernel's plain framebuffer. */
extern const struct display_driver fbdev_driver;
/* True-colour half blocks in the upper rows of our terminal. */
extern const struct display_driver tty_driver;
/* Shows nothing, but lends a surface in memory, so that pace, counts and costs are a window's. */
extern const struct display_driver headless_driver;

#endif
