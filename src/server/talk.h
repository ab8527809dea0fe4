/* The conversation with each member that understands it: a key of its own, lines both ways, shown
 * to whoever runs the server. What is said is wiped as soon as it is shown or sent.
 *
 * state    what has happened                  what ends it well
 * NONE     the client does not talk           -
 * WAITING  in the room, in talks' queue       talk_serve: the key is made and sent
 * OPEN     lines both ways                    CLOSE of either side, the link's end
 * OVER     the key is wiped; what still       -
 *          comes is ignored */
#ifndef DEN_SERVER_TALK_H
#define DEN_SERVER_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "crypto/random.h"
#include "proto/talk_line.h"

struct room;
struct session;

enum talk_state { TALK_NONE, TALK_WAITING, TALK_OPEN, TALK_OVER };

/* In each session; zeroed: NONE. */
struct talk {
    enum talk_state state;
    struct session *next; /* in the queue */
    struct talk_keys keys;
};

/* In the room. The first three are set by the owner; show may be NULL. */
struct talks {
    struct random *random;
    void (*show)(void *owner, const char *text, size_t len); /* whole lines, cleaned */
    void *owner;
    struct session *first, *last; /* who waits for a key */
    uint64_t said;                /* the highest id of a line to all */
};

/* The session has entered the room: it gets a key in its turn. */
void talk_want(struct session *s);
/* Does somebody wait for a key? Then the loop must not sleep. */
bool talk_waiting(const struct room *r);
/* Makes and sends the key of the first one: one private-key step. */
void talk_serve(struct room *r);
/* Out of the room: out of the queue, keys wiped. Idempotent. */
void talk_forget(struct session *s);

/* LINE, CLOSE. Another reason than ERR_OK: the client breaks the protocol. */
enum err talk_take(struct session *s, struct span payload);
enum err talk_closed(struct session *s, struct span payload);

/* A line to one: a private-key step. ERR_STATE: no conversation; ERR_LIMIT: the text's length. */
enum err talk_tell(struct session *s, struct span text);
/* One to all members, signed once; those that have no conversation are counted in *without. */
enum err talk_say(struct room *r, struct span text, size_t *with, size_t *without);
/* Ends it. ERR_STATE: there is none. */
enum err talk_end(struct session *s);

#endif
