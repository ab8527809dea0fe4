/* Whether pictures are worth giving to what draws a window: measured, OpenGL done in software costs
 * more than twice what pixels cost that the window system takes from shared memory, and 90 MB. */
#ifndef DEN_PLATFORM_DISPLAY_RENDERER_H
#define DEN_PLATFORM_DISPLAY_RENDERER_H

#include <stdbool.h>

/* What draws, as it says of itself. */
struct renderer {
    bool accelerated;
    const char *driver; /* "opengl", "software" */
    const char *device; /* what OpenGL calls its renderer; NULL: it does not say */
};

/* Whether it is another processor than this one. wished: the driver that the user named, who is taken
 * at the word, or "". */
bool renderer_draws(const struct renderer *r, const char *wished);
/* Whether the kernel knows something in `directory` (/dev/dri) that could be one: asking OpenGL takes
 * long where there is none. */
bool renderer_there(const char *directory);

#endif
