/* What waits to be sent on one link: a queue of held blobs, the first partly sent. */
#ifndef DEN_NET_OUTBOX_H
#define DEN_NET_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"

struct outbox {
    struct blob **ring; /* owned; cap is a power of two or 0 */
    size_t cap, first, count;
    size_t sent;  /* of the first blob */
    size_t bytes; /* that wait in all */
};

void outbox_init(struct outbox *o);
/* Drops all that waits. Idempotent. */
void outbox_free(struct outbox *o);
bool outbox_empty(const struct outbox *o);
/* Takes a hold of its own. False without memory. */
bool outbox_add(struct outbox *o, struct blob *b);
/* Copies the next bytes, at most room, and drops what is sent whole. */
size_t outbox_take(struct outbox *o, uint8_t *to, size_t room);

#endif
