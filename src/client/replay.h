/* What was received before: per sender, the highest id and which of the 1,024 below it came. An
 * envelope that the server, or anybody, sends again is not shown again (design 5). */
#ifndef DEN_CLIENT_REPLAY_H
#define DEN_CLIENT_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"

#define REPLAY_WINDOW 1024
#define LIMIT_REPLAY_SENDERS 20000

struct replay_sender {
    uint8_t fingerprint[SIZE_FINGERPRINT];
    uint64_t highest;
    uint64_t seen[REPLAY_WINDOW / 64]; /* bit i: the id `highest - i` */
};

struct replay {
    struct replay_sender **senders; /* owned, sorted by fingerprint */
    size_t count, cap;
};

/* Records the id. ERR_REPLAY if it was there before or is too old to know; ERR_LIMIT, ERR_MEMORY. */
enum err replay_check(struct replay *r, const uint8_t fingerprint[static SIZE_FINGERPRINT],
                      uint64_t id);
void replay_free(struct replay *r);

#endif
