/* What was received before: per sender, the highest ids that came. An envelope that the server, or
 * anybody, sends again is not shown again (PROTOCOL.md 9.3). */
#ifndef DEN_CLIENT_REPLAY_H
#define DEN_CLIENT_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"

#define REPLAY_KEPT 384 /* ids of one sender */
#define REPLAY_OWED 100 /* of more at a time the oldest are forgotten */
#define LIMIT_REPLAY_SENDERS 20000

struct replay_sender {
    uint8_t fingerprint[SIZE_FINGERPRINT];
    uint64_t *ids;              /* owned; the highest that came, rising */
    uint32_t count, cap;        /* REPLAY_KEPT at most */
    uint64_t owed[REPLAY_OWED]; /* for which a receipt is to be sent, the oldest first */
    uint32_t owing;             /* so many */
    uint32_t slot;              /* where received.h keeps it; 0: nowhere */
};

struct replay {
    struct replay_sender **senders; /* owned, sorted by fingerprint */
    size_t count, cap;
};

/* ERR_REPLAY if the id was there before or is too old to know. */
enum err replay_look(const struct replay *r, const uint8_t fingerprint[static SIZE_FINGERPRINT],
                     uint64_t id);
/* The same, and records it. ERR_LIMIT, ERR_MEMORY. */
enum err replay_check(struct replay *r, const uint8_t fingerprint[static SIZE_FINGERPRINT],
                      uint64_t id);
/* The sender with that key, made if need be; NULL: ERR_LIMIT or ERR_MEMORY is in *e. */
struct replay_sender *
replay_sender(struct replay *r, const uint8_t fingerprint[static SIZE_FINGERPRINT], enum err *e);
void replay_free(struct replay *r);

#endif
