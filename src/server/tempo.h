/* How fast one session may write: messages and bytes a second (limits.h), with a burst of two seconds.
 * What was read is taken, on credit; while there is a debt the session rests: it is not read, and TCP
 * slows its other end down. What costs the server much counts as many messages. Who owes far more than
 * one who is not read can come to by honest means, is ended. */
#ifndef DEN_SERVER_TEMPO_H
#define DEN_SERVER_TEMPO_H

#include <stdbool.h>
#include <stdint.h>

#include "server/bucket.h"
#include "wire/message.h"

struct room;
struct session;

/* In each session. */
struct tempo {
    struct bucket messages, bytes;
    bool resting;
    struct session *next; /* in room->resting, while it is */
};

void tempo_start(struct session *s);
/* One message came. False: far too much, the session is to be ended. */
bool tempo_count(struct session *s, const struct message *m);
/* When tempo_tick has something to do; INT64_MAX if never. */
int64_t tempo_due(const struct room *r);
/* Those who have rested enough are read again. */
void tempo_tick(struct room *r);
/* The session goes. Idempotent. */
void tempo_forget(struct session *s);

#endif
