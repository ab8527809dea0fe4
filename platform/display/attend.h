/* What a display that takes a whole screen waits for besides the time: wake() and its console. */
#ifndef DEN_PLATFORM_DISPLAY_ATTEND_H
#define DEN_PLATFORM_DISPLAY_ATTEND_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/display.h"
#include "platform/display/vt.h"

struct attend {
    int wake;
    struct vt vt;
    bool redraw; /* to be told by the next wait */
};

/* Holds the console, see vt_hold. False with a phrase in why. */
bool attend_open(struct attend *a, char why[static DISPLAY_WHY]);
/* Idempotent, also on one that attend_open did not open, or that was begun as ATTEND_CLOSED. */
void attend_close(struct attend *a);
#define ATTEND_CLOSED                              \
    {                                              \
        .wake = -1, .vt = {.tty = -1, .line = -1 } \
    }

/* Until that time, a wake-up, news of the console, or until fd (-1: none) is readable. */
void attend_wait(const struct attend *a, int fd, int64_t until_ns);
/* DISPLAY_REDRAW if that is to be told, once; else DISPLAY_NOTHING. */
void attend_tell(struct attend *a, struct display_event *out);
/* The console's font, or NULL. */
const struct console_face *attend_font(const struct attend *a);

#endif
