/* What we cast: frames from a source to the server, as fast as it takes them. Of a frame that can't be
 * sent yet only the newest is kept, so what is sent is never old.
 *
 * state      what has happened                                goes on when
 * WAITING    there is no room, or the name is still taken     the room is entered / `again`
 * ASKED      CAST sent                                        CASTING (or REFUSED)
 * OPEN       frames go as GRANT allows; who watches is        UNCAST sent: gone
 *            given the key (keyring.h)                                                        */
#ifndef DEN_CLIENT_CASTER_H
#define DEN_CLIENT_CASTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "client/keyring.h"
#include "client/lens.h"
#include "client/policy.h"
#include "client/source.h"
#include "wire/live.h"

struct client;

/* What the user wants to cast. Borrowed. */
struct caster_wish {
    const char *name;
    const char *source;     /* a file, a pipe, or "-"; NULL: the camera */
    const char *camera;     /* a device */
    unsigned width, height; /* of it; 0: as it likes */
    struct fraction
        fps; /* of a file or the camera; {0, 0}: as source_open says, or the camera likes */
    const char *viewers; /* a policy; NULL: all */
    bool plain;          /* the server may see it */
};

enum casting_state { CASTING_WAITING, CASTING_ASKED, CASTING_OPEN };

struct caster_frame {
    uint8_t *data; /* owned; with room for a tag; NULL: none */
    uint32_t length, sent;
    uint32_t epoch;
    uint64_t number;
    int64_t pts_ns;
};

struct casting {
    struct casting *next;
    struct client *client;
    enum casting_state state;
    char name[LIMIT_CLIP + 1];
    char viewers[POLICY_TEXT];
    bool plain;
    bool opened; /* it was OPEN before */
    bool ending; /* the source has ended: as soon as the last frame is sent, or at `again` */
    bool told_broken;
    int64_t again; /* WAITING: when to try again; 0: not by time */
    unsigned tries;
    uint32_t number; /* by which the server knows it; another each time */
    uint8_t id[SIZE_CAST_ID];
    uint32_t granted;
    struct source source;
    struct lens lens;
    struct source_events events;
    struct caster_frame newest, sending;
    struct keyring keys;
    uint64_t frames; /* that came; also the number of the next one */
    uint64_t sent, dropped, broken;
};

/* Says itself what is wrong; false then. */
bool caster_begin(struct client *c, const struct caster_wish *w);
/* The cast of that name, NULL if we have none. */
struct casting *caster_find(const struct client *c, const char *name);
struct casting *caster_of(const struct client *c, uint32_t number);
/* It is over; reason: for the user. */
void caster_end(struct casting *k, const char *reason);
/* Another policy: who is not admitted any more is put out at once. */
void caster_admit(struct casting *k, const char *viewers);
bool caster_busy(const struct client *c);

/* CASTING, UNCAST, GRANT, ASKED, UNWATCHED. What they return ends the session if it is not ERR_OK. */
enum err caster_open(struct client *c, struct span payload);
enum err caster_ended(struct client *c, struct span payload);
enum err caster_granted(struct client *c, struct span payload);
enum err caster_asked(struct client *c, struct span payload);
enum err caster_unwatched(struct client *c, struct span payload);
/* False if it is about none of ours. */
bool caster_refused(struct client *c, uint64_t about, uint16_t code, struct span why);

/* Frees a frame; idempotent. */
void caster_forget(struct caster_frame *f);
/* As link_events.fill. */
size_t caster_fill(struct client *c, uint8_t *out, size_t room);

/* The link is lost / the room is entered again. */
void caster_lost(struct client *c);
void caster_enter(struct client *c);
int64_t caster_due(const struct client *c);
void caster_tick(struct client *c, int64_t now);
/* Without a word; for the end of the client. */
void caster_close(struct client *c);

#endif
