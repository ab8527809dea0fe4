#include "client/bell.h"

#include <string.h>

#define GAP_NS (LIMIT_RING_GAP_SECONDS * INT64_C(1000000000))

/* The key's own place, or that of the one which rang least. */
static struct bell_key *place_of(struct bell *b, const uint8_t *fingerprint)
{
    struct bell_key *least = &b->keys[0];

    for (size_t i = 0; i < BELL_KEYS; i++) {
        struct bell_key *k = &b->keys[i];

        if (memcmp(k->fingerprint, fingerprint, sizeof k->fingerprint) == 0)
            return k;
        if (k->rested < least->rested)
            least = k;
    }
    *least = (struct bell_key){0};
    memcpy(least->fingerprint, fingerprint, sizeof least->fingerprint);
    return least;
}

bool bell_ring(struct bell *b, const uint8_t fingerprint[static SIZE_FINGERPRINT], int64_t now)
{
    struct bell_key *k = place_of(b, fingerprint);
    int64_t rested = (k->rested > now ? k->rested : now) + GAP_NS;

    if (rested - now > LIMIT_RINGS * GAP_NS)
        return false;
    k->rested = rested;
    return true;
}
