/* Whom a message is for: their keys, as they are when it is written. */
#ifndef DEN_CLIENT_RECEIVERS_H
#define DEN_CLIENT_RECEIVERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "crypto/public_key.h"

struct client;

struct receivers {
    char to[LIMIT_NAME + 1];         /* the one's name, or "all" */
    uint8_t first[SIZE_FINGERPRINT]; /* of the one; zeros: everyone */
    size_t count;
    struct public_key *keys; /* owned */
    struct buf names;        /* each with its NUL */
};

void receivers_init(struct receivers *r, const char *to);
/* Idempotent. */
void receivers_free(struct receivers *r);

/* Each says itself what is wrong. Everyone else who is here, but for keys that have changed:
 * ERR_UNKNOWN if nobody is, ERR_LIMIT, ERR_MEMORY. */
enum err receivers_all(struct client *c, struct receivers *r);
/* That member, or who was met before and is away: ERR_UNKNOWN, ERR_KEY if the key is in doubt,
 * ERR_MEMORY. */
enum err receivers_one(struct client *c, struct receivers *r, const char *to);
/* That key. ERR_MEMORY. */
enum err receivers_key(struct client *c, struct receivers *r, const struct public_key *key);

#endif
