/* What whoever runs the server can tell it: one line, one answer. Lines come from the terminal
 * (terminal.h) or the control socket (ctl.h); neither matters here.
 *
 * request    what happens
 * idle       warden_do may be called
 * busy       the answer waits for a worker (the clips) or the disk (a release); then answered() */
#ifndef DEN_SERVER_WARDEN_H
#define DEN_SERVER_WARDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "server/guest.h"
#include "server/room.h"

/* Exit codes of `dend ctl`, too. */
enum warden_result { WARDEN_DONE = 0, WARDEN_FAILED = 1, WARDEN_USAGE = 2 };

/* Zeroed but for the first fields. */
struct warden {
    struct room *room;
    const struct guests *guests;
    const char *place; /* where it listens: ADDRESS:PORT; borrowed */
    int64_t started;
    int usage;                      /* usage_open's, or -1 */
    bool quit;                      /* was asked to stop the server; the owner does it */
    struct warden_request *waiting; /* for the disk */
};

/* Embedded by whoever asks; zeroed but for answered. */
struct warden_request {
    /* Once for each warden_do, perhaps before that returns. text: whole lines, cleaned. */
    void (*answered)(struct warden_request *q, enum warden_result result, const struct buf *text);
    struct warden *warden;
    bool busy;
    struct clips_wait clips;
    char name[LIMIT_NAME + 1]; /* that is being released */
    uint64_t at;               /* by this entry of the binding list */
    struct warden_request *next;
};

/* A line without its end, a slash at its beginning or not. The request must not be busy. */
void warden_do(struct warden *o, struct warden_request *q, const char *line, size_t len);
/* The answer will not come any more. Idempotent. */
void warden_forget(struct warden_request *q);
/* Answers what the disk has decided; call it each turn. */
void warden_tick(struct warden *o);

/* Takes the first whole line out of what was read: its length, without LF or CR LF; line is not
 * terminated. False if there is none. */
bool warden_next_line(struct buf *in, char line[static LIMIT_COMMAND], size_t *len);

#endif
