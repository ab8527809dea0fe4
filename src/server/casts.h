/* Live pictures in the room: who casts, who watches, and the newest frame of each cast.
 *
 * A frame comes from its caster chunk by chunk into `coming`, and when it is whole it is `newest` and
 * the one before is forgotten. A watcher that has sent all of a frame goes on with the newest, if that
 * is another: so nothing waits in a row for a slow one, and it is no later than one frame. What the
 * caster may send is granted to it, and nothing while nobody watches.
 *
 * cast       open    what has happened                        what ends it well
 * asked      false   CAST; is there a clip of that name?      no: CASTING
 * open       true    frames come while somebody watches       UNCAST, or the caster goes */
#ifndef DEN_SERVER_CASTS_H
#define DEN_SERVER_CASTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "server/clips.h"
#include "wire/live.h"

struct room;
struct session;
struct watcher;

/* A frame; held by its cast and by those to whom it is being sent. */
struct shot {
    size_t refs;
    uint64_t number;
    uint32_t epoch;
    int64_t pts_ns;
    uint32_t length;
    uint32_t got; /* bytes that are there */
    uint8_t data[];
};

struct live_cast {
    struct live_cast *next; /* in room->casts.first */
    struct session *caster;
    uint32_t number; /* the caster's */
    uint8_t flags;
    bool open;
    bool lost;    /* there was no memory for the frame that comes */
    bool starved; /* there is somebody to send for, and the caster is over its rate */
    uint8_t id[SIZE_CAST_ID];
    char name[LIMIT_CLIP + 1];
    char title[LIMIT_TITLE + 1];
    struct clips_wait wait; /* until it is known whether there is a clip of that name */
    struct shot *coming, *newest;
    uint64_t last; /* the highest number that came, + 1; 0: none */
    uint32_t granted;
    struct watcher *watchers;
    size_t watching;
    uint32_t last_viewer;
};

/* In the room. */
struct casts {
    struct live_cast *first;
    size_t count;
    size_t bytes; /* of all frames */
};

/* The open cast of that name, NULL if there is none. */
struct live_cast *casts_find(const struct room *r, const char *name);
/* The caster's cast of that number, NULL if there is none. */
struct live_cast *casts_of(const struct session *s, uint32_t number);
/* Tells the session which casts there are. */
void casts_list(struct session *s);

/* CAST, UNCAST, SHOT, GIVE, OUST of a caster, ASK of who watches. Another reason than ERR_OK: the
 * client breaks the protocol, or memory is out. */
enum err casts_begin(struct session *s, struct span payload);
enum err casts_uncast(struct session *s, struct span payload);
enum err casts_shot(struct session *s, struct span payload);
enum err casts_give(struct session *s, struct span payload);
enum err casts_oust(struct session *s, struct span payload);
enum err casts_ask(struct session *s, struct span payload);

/* An envelope whose turn it is: to the caster, or to who watches. type: MESSAGE_ASK or MESSAGE_GIVE. */
void casts_pass(struct session *s, uint8_t type, const struct wire_pass *m);

/* Grants the caster what it may have now. */
void casts_grant(struct live_cast *c);
/* Frees a hold of it; NULL is fine. */
void casts_drop_shot(struct room *r, struct shot *shot);

/* When casts_tick has something to do; INT64_MAX if never. */
int64_t casts_due(const struct room *r);
void casts_tick(struct room *r);
/* The session leaves the room, well: by QUIT. Its casts are over, and whoever watches hears of it at once.
 * Idempotent. */
void casts_forget(struct session *s, bool well);

#endif
