/* A file of records of one size, each written in place: what changes with every message and must
 * outlive a process that is killed.
 *
 * The file: record 0 is the head: magic (8 bytes), version 32 (1), size 32, both little-endian. Every
 * record ends with the CRC-32C of what is before; one of zeros alone is empty. Sizes are powers of two,
 * so no record lies across a page and a kill leaves it old or new. It is not synced: what the machine
 * itself loses when its power fails, is written again by what follows. */
#ifndef DEN_CLIENT_SLOTS_H
#define DEN_CLIENT_SLOTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SLOTS_MOST 4096 /* the largest size */
#define SLOTS_CRC 4     /* of it, at the end, for the checksum */

struct slots {
    int fd; /* -1: in memory alone, nothing is kept */
    size_t size;
    uint32_t count; /* records, the head among them */
    uint32_t limit;
};

/* Opens the file, or makes it (mode 0600), and gives each record that is neither empty nor damaged to
 * take, which may be NULL. path NULL: nothing is kept. magic: 8 bytes. limit: records, the head among
 * them. ERR_IO (errno tells), ERR_VERSION (a newer one: untouched), ERR_BROKEN (another file),
 * ERR_LIMIT. */
enum err slots_open(struct slots *s, const char *path, const char *magic, size_t size,
                    uint32_t limit, void (*take)(void *owner, uint32_t at, const uint8_t *record),
                    void *owner);
/* Idempotent. */
void slots_close(struct slots *s);

/* Writes record `at` (1 and up; at most one behind the last): size bytes, of which the last SLOTS_CRC
 * are filled in here. ERR_IO (errno tells), ERR_LIMIT. */
enum err slots_put(struct slots *s, uint32_t at, uint8_t *record);
/* Makes it empty. */
enum err slots_clear(struct slots *s, uint32_t at);

#endif
