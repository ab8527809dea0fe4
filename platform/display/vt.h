/* The virtual console while a whole screen is a display's: graphics mode, so that the kernel draws no
 * text over it, text mode again on every way out, and other consoles in between.
 *
 * A process of its own, the keeper (keeper.h), holds the console: it outlives this one, however that
 * ends, by the moment it takes to give the console back. */
#ifndef DEN_PLATFORM_DISPLAY_VT_H
#define DEN_PLATFORM_DISPLAY_VT_H

#include <stdbool.h>
#include <sys/types.h>

#include "platform/console_font.h"
#include "platform/display.h"

struct vt {
    int tty;      /* the console, -1: none is held */
    int line;     /* to the keeper; readable when vt_next has something; -1: there is none */
    pid_t keeper; /* 0: none */
    bool away;    /* another console is shown: nothing may be drawn */
    struct console_face font; /* the console's, as far as it could be read */
};

enum vt_change {
    VT_STAYS,   /* nothing new */
    VT_LEAVES,  /* another console is wanted: stop drawing, then call vt_leave */
    VT_RETURNS, /* this one is shown again: draw everything */
};

/* Whether this process was started at a virtual console. */
bool vt_here(void);
/* Holds the console of this process or else, where that is allowed, the one that is shown. True also
 * where there is none to hold. False with a phrase in why: the process's own console can't be held. */
bool vt_hold(struct vt *v, char why[static DISPLAY_WHY]);
/* What the keeper says next; never waits. */
enum vt_change vt_next(struct vt *v);
void vt_leave(struct vt *v);
/* The console is in text mode when this returns. Idempotent. */
void vt_release(struct vt *v);

#endif
