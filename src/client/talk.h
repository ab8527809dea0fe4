/* The conversation with the server: what is typed to it waits for the key, is signed on the worker
 * one line after the other, sealed and sent. What it says is verified and shown.
 *
 * state     what has happened                            goes on when
 * NONE      the server does not talk, or a one-shot      -
 * WAITING   in the hello, or in the room                 SESSION_KEY
 * OPENING   the worker unwraps the key                   it is done
 * OPEN      lines both ways                              CLOSE of either side
 * OVER      keys wiped; what still comes is ignored      - */
#ifndef DEN_CLIENT_TALK_H
#define DEN_CLIENT_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "proto/talk_line.h"

#define LIMIT_TALK_MAIL 256 /* lines that wait to be sent */

struct client;
struct talk_item;

enum talk_state { TALK_NONE, TALK_WAITING, TALK_OPENING, TALK_OPEN, TALK_OVER };

/* Zeroed: NONE. */
struct talk {
    enum talk_state state;
    struct talk_keys keys;
    struct buf early;               /* whole messages that came while OPENING */
    struct talk_item *first, *last; /* that wait; the first is being signed if signing */
    size_t count;
    bool signing;
};

/* HELLO+ACK: what the server understands. */
void talk_expect(struct client *c, uint64_t features);
/* SESSION_KEY, LINE, CLOSE. Another reason than ERR_OK: the server breaks the protocol. */
enum err talk_got_key(struct client *c, struct span payload);
enum err talk_got_line(struct client *c, struct span payload);
enum err talk_got_close(struct client *c, struct span payload);

/* A line for the server, in its turn. Says what is wrong itself. */
enum err talk_write(struct client *c, struct span text);
/* Ends the conversation now, which must be open: CLOSE, and the keys are wiped. */
void talk_hang_up(struct client *c);
/* Ends the conversation once what was written before is sent. */
enum err talk_finish(struct client *c);
/* The link is gone, and the client is not: the conversation is over, and that is said if it was used. */
void talk_lost(struct client *c);
/* Ends it now if it was used; the client is about to leave. */
void talk_leave(struct client *c);
/* Whether there is, or may yet be, a conversation to write into; else says so. */
bool talk_possible(struct client *c);
/* True while lines wait to be sent. */
bool talk_busy(const struct talk *t);
/* Wipes keys and what waits. Idempotent; when the worker is closed. */
void talk_free(struct talk *t);

#endif
