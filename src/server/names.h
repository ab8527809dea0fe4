/* Which key has which name, across restarts: the binding list (proto/bindings.h) in a file.
 *
 * names.bin: magic "DENNAMES", version 32 (2), the server's fingerprint, the log's id (16 bytes),
 * CRC-32C of all that, then per entry: length 8, the entry's bytes and its mark 64, CRC-32C of
 * those two. The mark is the number of the newest envelope in the log when the entry was made: who
 * got the name there is given nothing up to it. With a new log all marks are 0. Version 1 had
 * neither id nor marks. Names of ephemeral identities are not in it: they are taken only while
 * somebody is here with them (room.h), or every visit would lengthen the list for ever. */
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

/* The log that the marks are about. */
struct names_log {
    const uint8_t *id; /* SEGMENT_LOG_ID bytes */
    uint64_t last;     /* the number of its newest entry, for what has no mark yet */
};

struct names {
    struct bindings list;
    uint64_t *marks; /* owned; of entry i + 1 */
    size_t cap;      /* of marks */
    struct appender file;
    const struct names_events *events;
    void *owner;
    uint64_t durable; /* entries that are on disk */
};

/* Reads or makes the file. A torn end is cut off, and one of version 1 or with another log's id is
 * written anew; otherwise a file is left untouched: ERR_IO (errno tells), ERR_VERSION (a newer
 * one), ERR_BROKEN (damaged before its end), ERR_KEY (another server's), ERR_MEMORY. */
enum err names_open(struct names *n, const char *path,
                    const uint8_t server[static SIZE_FINGERPRINT], const struct names_log *log,
                    struct random *random, struct worker *worker, const struct names_events *events,
                    void *owner);
void names_close(struct names *n);

/* Binds the name to the key, with that mark, or finds it so. *at: the number of entries that must
 * be durable before it counts. ERR_EXISTS if it belongs to another key; ERR_LIMIT. */
enum err names_claim(struct names *n, const char *name,
                     const uint8_t fingerprint[static SIZE_FINGERPRINT], uint64_t mark,
                     uint64_t *at);
/* The mark of the entry that bound the name; UINT64_MAX if it is free. */
uint64_t names_mark(const struct names *n, const char *name);
enum err names_release(struct names *n, const char *name);

#endif
