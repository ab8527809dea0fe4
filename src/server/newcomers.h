/* How many new names each address may bind: names are kept for ever, so nobody may take them all.
 * An address is an IPv4 address or an IPv6 /64 (address_group). */
#ifndef DEN_SERVER_NEWCOMERS_H
#define DEN_SERVER_NEWCOMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/bucket.h"

/* Addresses that are remembered; then the one with the most left is forgotten. */
#define NEWCOMERS_PLACES 1024

/* Zeroed: nobody came. */
struct newcomers {
    struct newcomers_place {
        uint8_t group[16];
        struct bucket left;
    } places[NEWCOMERS_PLACES];
    size_t count;
};

/* One more new name from there: `most` at once, a quarter of them again each hour; 0: any number.
 * False: too many. */
bool newcomers_take(struct newcomers *n, const uint8_t group[static 16], int64_t most, int64_t now);

#endif
