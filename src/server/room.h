/* The room: who is in it, what they hear of each other, and the way of sealed envelopes through it.
 */
#ifndef DEN_SERVER_ROOM_H
#define DEN_SERVER_ROOM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/blob.h"
#include "crypto/identity.h"
#include "server/bans.h"
#include "server/casts.h"
#include "server/clips.h"
#include "server/intake.h"
#include "server/invites.h"
#include "server/limits.h"
#include "server/names.h"
#include "server/newcomers.h"
#include "server/notices.h"
#include "server/relay.h"
#include "server/sealed_log.h"
#include "server/session.h"
#include "server/share.h"
#include "server/talk.h"

/* All who are not let in are told the same, so that nobody learns why. */
#define ROOM_NOT_ADMITTED "you are not admitted to this room"

struct room {
    /* Borrowed; set before the first session. */
    const char *name; /* UTF-8, at most LIMIT_ROOM bytes */
    const struct identity *identity;
    struct clips *clips;
    struct names names;
    struct sealed_log log;
    struct worker *reader; /* borrowed; where the log is read back */
    struct bans bans;
    struct invites invites;
    bool by_invitation; /* keys that have no name here need one */
    struct newcomers newcomers;
    struct limits limits;
    struct share share; /* of video, among the sessions that play */
    size_t limit;       /* members: by the limits, and by the descriptors that there are */
    int64_t now;        /* the time of this turn, set by the owner */

    struct session **members; /* listed ones, sorted by name without case; owned array */
    size_t count, cap;
    struct session *visiting; /* one-shot sessions that are in the room: not listed, but counted */
    size_t visitors;
    struct session *joining; /* proven, their bindings not on disk yet */
    struct notices notices;
    struct relay relay;
    struct intake intake;
    struct session *resting; /* not read for a while: they wrote too fast */
    struct talks talks;
    struct casts casts;
};

/* The member of that name, NULL if there is none. */
struct session *room_member(const struct room *r, const char *name);
/* To all listed members but one (which may be NULL). */
void room_broadcast(struct room *r, struct blob *b, const struct session *but);

/* The proof holds: asks the gate (gate.h), claims the name, then entry_welcome at once or when that is
 * on disk, or refuses. invitation: as in ACK. */
void room_admit(struct room *r, struct session *s, struct span invitation);
/* From entry_welcome: lists the session, takes an older one of the same key over, tells the others.
 * False: refused. */
bool room_add(struct room *r, struct session *s);
/* Out of the room, whatever state it was in; the others hear why. Idempotent. */
void room_remove(struct room *r, struct session *s, enum wire_left_reason reason);

/* Is a session of that name there, listed or not, or about to be? */
bool room_uses(const struct room *r, const char *name);
/* Ends all sessions of that name / of that key with the sentence; returns how many. */
size_t room_expel_name(struct room *r, const char *name, const char *text);
size_t room_expel_key(struct room *r, const uint8_t fingerprint[static SIZE_FINGERPRINT],
                      const char *text);

/* Entries of the binding list up to n are on disk / those above n are not. */
void room_names_durable(struct room *r, uint64_t n);
void room_names_failed(struct room *r, uint64_t n);

/* When room_tick has something to do; INT64_MAX if never. */
int64_t room_due(const struct room *r);
void room_tick(struct room *r);
void room_free(struct room *r);

#endif
