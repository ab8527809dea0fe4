/* What went through the room while we were away: asked for on the way in, shown in order, and how far
 * we are is recorded (design 5; wire/PROTOCOL.md 9.5).
 *
 * What comes live overtakes what is from before. So that a sender's messages are shown in their
 * order, it is held until the past is through; when there is too much of it, it is let go, and the
 * room is entered again, which makes it the past. */
#ifndef DEN_CLIENT_CATCHUP_H
#define DEN_CLIENT_CATCHUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "client/marks.h"
#include "wire/room.h"

#define LIMIT_HELD (8 * 1024 * 1024) /* bytes of what came live */

struct client;

struct catchup {
    bool open;       /* client.received is */
    bool under_way;  /* RESUME was sent: until PAST_END */
    bool too_much;   /* some of what came live was let go */
    bool complained; /* that it can't be recorded */
    unsigned log;    /* rises with each new log: numbers mean nothing in another one */
    uint8_t log_id[SIZE_LOG_ID];
    uint64_t arrived; /* all up to this number came */
    uint64_t own;     /* the highest of our own that was accepted meanwhile */
    struct buf held;  /* payloads of SEALED, sized32 each */
    struct marks marks;
};

/* The room is entered: asks for what was missed. */
void catchup_enter(struct client *c);
/* The link is lost. */
void catchup_lost(struct client *c);
/* SEALED, or the number that one of our own got. */
enum err catchup_live(struct client *c, struct span payload);
void catchup_own(struct client *c, uint64_t number);
/* PAST, PAST_END. */
enum err catchup_past(struct client *c, struct span payload);
enum err catchup_end(struct client *c, struct span payload);
/* What had that number in that log was shown, or needs not be. */
void catchup_dealt(struct client *c, unsigned log, uint64_t number);
/* Something can't be recorded: says so, once. */
void catchup_unrecorded(struct client *c);
void catchup_free(struct client *c);

#endif
