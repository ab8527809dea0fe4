/* The way of a SEND to the log, at the room's rate: everybody must try to open each envelope, so all
 * senders together get so many a second (limits.h), in turns.
 *
 * Who has sent little has some left in its own bucket: it goes first, and may use what the others must
 * leave for it. So a line that somebody types overtakes a flood, and those who flood share what is
 * left. What must wait is held, and its sender is not read while much is (session_balance). */
#ifndef DEN_SERVER_INTAKE_H
#define DEN_SERVER_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/bucket.h"
#include "wire/live.h"
#include "wire/room.h"

struct room;
struct session;
struct intake_held;

/* In the room. */
struct intake {
    struct bucket all;
    int64_t reserve;         /* billionths of it that are for those who have sent little */
    struct session *waiting; /* those that hold something, the one served longest ago first */
    size_t bytes;            /* that all of them hold, at most LIMIT_WAITING */
};

/* In each session. */
struct intake_lane {
    struct bucket own;
    struct intake_held *first, *last;
    size_t count, bytes;
    struct session *next; /* in room->intake.waiting */
};

/* Once the room's limits and its time are set. */
void intake_open(struct room *r);
void intake_start(struct session *s);
/* To the log, or held until it is its turn; or refused. */
void intake_take(struct session *s, const struct wire_send *m);
/* The same of one with a key of a cast, ASK or GIVE: it goes by casts_pass. m: number, viewer, envelope. */
void intake_pass(struct session *s, uint8_t type, const struct wire_pass *m);
/* Does so much wait here that the session must not be read? */
bool intake_full(const struct session *s);
/* When intake_tick has something to do; INT64_MAX if never. */
int64_t intake_due(const struct room *r);
void intake_tick(struct room *r);
/* The session goes: what it holds was accepted by nobody, and goes with it. Idempotent. */
void intake_forget(struct session *s);

#endif
