/* How often the calls of one key may ring: so nobody is rung to death, by calls that are given up
 * and made again. Pure. */
#ifndef DEN_CLIENT_BELL_H
#define DEN_CLIENT_BELL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"

#define BELL_KEYS 64 /* that are remembered; those that rang most */

struct bell {
    struct bell_key {
        uint8_t fingerprint[SIZE_FINGERPRINT];
        int64_t rested; /* when all that it rang is forgotten */
    } keys[BELL_KEYS];
};

/* May a call of that key ring now? If so it has: LIMIT_RINGS at once, and one more for each
 * LIMIT_RING_GAP_SECONDS without one. */
bool bell_ring(struct bell *b, const uint8_t fingerprint[static SIZE_FINGERPRINT], int64_t now);

#endif
