/* The operator's lines from the terminal that the server was started at, answers to the
 * screen. At its end (Ctrl-D) the server goes on. */
#ifndef DEN_SERVER_TERMINAL_H
#define DEN_SERVER_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"
#include "server/screen.h"
#include "server/warden.h"

/* Zeroed: closed. */
struct terminal {
    struct loop *loop;
    struct warden *warden;
    struct screen *screen; /* for answers: it may have been stopped */
    struct loop_watch watch;
    struct warden_request request;
    struct buf in;
    bool skipping; /* the rest of a line that was too long */
    bool ended;
    int64_t again; /* when it is read again, while another program has the terminal */
};

/* Standard input must be a terminal. False if it can't be watched. */
bool terminal_open(struct terminal *t, struct loop *loop, struct warden *warden,
                   struct screen *screen);
/* Idempotent. */
void terminal_close(struct terminal *t);

/* As of ctl.h. */
int64_t terminal_due(const struct terminal *t);
void terminal_tick(struct terminal *t);

#endif
