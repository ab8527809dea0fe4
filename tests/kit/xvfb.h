/* An X server without a screen, for tests that look at what a window shows. */
#ifndef DEN_TESTS_KIT_XVFB_H
#define DEN_TESTS_KIT_XVFB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct xvfb {
    pid_t pid;
    char folder[64];
    char display[16]; /* ":99" */
};

/* Starts one with a screen of that size and 16 or 24 bits a pixel, and sets DISPLAY; false if Xvfb
 * is not installed. */
bool xvfb_start(struct xvfb *x, unsigned width, unsigned height, unsigned depth);
/* The screen's pixel as 0x00RRGGBB. Dies (abort) outside. */
uint32_t xvfb_pixel(const struct xvfb *x, unsigned column, unsigned row);
/* Ends it and unsets DISPLAY. Idempotent. */
void xvfb_stop(struct xvfb *x);

#endif
