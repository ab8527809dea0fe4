/* Which key has which name, across restarts: the binding list (proto/bindings.h) in a file.
 *
 * names.bin: magic "DENNAMES", version 32, the server's fingerprint, then per entry: length 8, the
 * entry's bytes, CRC-32C of those.  Names of ephemeral identities are
 * not in it: they are taken only while somebody is here with them (room.h), or every visit would
 * lengthen the list for ever. */
#ifndef DEN_SERVER_NAMES_H
#define DEN_SERVER_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/random.h"
#include "proto/bindings.h"
#include "server/appender.h"

struct names_events {
    /* Entries up to n are on disk. */
    void (*durable)(void *owner, uint64_t n);
    /* Entries above n could not be written and are taken back. */
    void (*failed)(void *owner, uint64_t n);
};

struct names {
    struct bindings list;
    struct appender file;
    const struct names_events *events;
    void *owner;
    uint64_t durable; /* entries that are on disk */
};

/* Reads or makes the file. A torn end is cut off; otherwise a file is left untouched: ERR_IO (errno
 * tells), ERR_VERSION (a newer one), ERR_BROKEN (damaged before its end), ERR_KEY (another
 * server's), ERR_MEMORY. */
enum err names_open(struct names *n, const char *path,
                    const uint8_t server[static SIZE_FINGERPRINT], struct random *random,
                    struct worker *worker, const struct names_events *events, void *owner);
void names_close(struct names *n);

/* Binds the name to the key, or finds it so. *at: the number of entries that must be durable before
 * it counts. ERR_EXISTS if it belongs to another key; ERR_LIMIT. */
enum err names_claim(struct names *n, const char *name,
                     const uint8_t fingerprint[static SIZE_FINGERPRINT], uint64_t *at);
enum err names_release(struct names *n, const char *name);

#endif
