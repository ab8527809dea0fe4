/* A window on a screen of Xvfb, and what the screen shows of it. Only in builds with SDL. */
#ifndef DEN_TESTS_KIT_SHOWN_H
#define DEN_TESTS_KIT_SHOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/display.h"
#include "tests/kit/xvfb.h"

/* 640x360. */
extern const struct display_options shown_window;

/* A screen, and no variable that would choose a driver; skips the test where there is no Xvfb. */
void shown_start(struct xvfb *x, unsigned width, unsigned height, unsigned depth);
/* Lends, fills with 0x00RRGGBB and presents. */
void shown_fill(struct display *d, uint32_t colour);
/* All that the window system has to say. */
void shown_settle(struct display *d);
/* Corners, edges and middle of the window. */
void shown_check(const struct xvfb *x, uint32_t want, unsigned slack);
/* Whether a renderer draws the window. */
bool shown_by_renderer(void);
/* Opens a window with SDL_RENDER_DRIVER set to that, and looks at colours in two sizes of it. */
void shown_check_pixels(unsigned depth, unsigned slack, const char *driver);

#endif
