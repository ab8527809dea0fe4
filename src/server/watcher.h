/* One viewer of one cast: the newest frame goes to it in pieces, as far as its credit goes; a frame
 * that was begun is sent to its end, and what came and went meanwhile is never sent. */
#ifndef DEN_SERVER_WATCHER_H
#define DEN_SERVER_WATCHER_H

#include <stddef.h>
#include <stdint.h>

#include "server/casts.h"
#include "wire/video.h"

struct watcher {
    struct watcher *next; /* of the same cast */
    struct live_cast *cast;
    struct session *session;
    uint32_t stream; /* its number for the viewer, and */
    uint32_t viewer; /* for the caster */
    uint32_t credit;
    struct shot *shot; /* that is being sent; held */
    uint32_t sent;
    uint64_t last; /* the number of the frame that was begun last, + 1 */
    bool asked;    /* the caster knows of it */
};

/* The watcher of that stream number, NULL if there is none. */
struct watcher *watcher_find(const struct session *s, uint32_t stream);
/* How many casts it watches. */
size_t watcher_count(const struct session *s);
/* Of that cast, with that number; NULL if there is none. */
struct watcher *watcher_of(const struct live_cast *c, uint32_t viewer);

/* PLAY of a cast. There must be a place free in s->watchers. */
enum err watcher_open(struct session *s, struct live_cast *c, const struct wire_play *m);
/* Ends it with STREAM_END and tells the caster. The number is free then. */
void watcher_end(struct watcher *w, enum wire_end reason, const char *text);
/* As stream_credit. */
enum err watcher_credit(struct watcher *w, const struct wire_credit *m);
/* As stream_fill. */
size_t watcher_fill(struct watcher *w, uint8_t *out, size_t room);
/* A new frame is there for all who watch. */
void watcher_wake(const struct live_cast *c);
/* Gives up the oldest frame that somebody is still being sent and that is not the newest of its cast: who
 * watches gets another instead. False if there is none. */
bool watcher_give_up(struct room *r);
/* The session watches nothing any more; nobody is told but the casters. Idempotent. */
void watcher_forget(struct session *s);

#endif
