/* The numbers of our envelopes: rising, never used twice, also after a crash or when a key was
 * restored elsewhere (design 5). */
#ifndef DEN_CLIENT_IDS_H
#define DEN_CLIENT_IDS_H

#include <stdint.h>

#include "base/err.h"

/* Numbers reserved on disk at once: few at first, for what sends one message; twice as many each
 * time, up to what a minute takes, so that who sends many does not wait for the disk each time. */
#define IDS_BLOCK 1024
#define IDS_BLOCK_MOST (UINT64_C(60000) << 20)

struct ids {
    char *path;         /* owned; NULL: in memory alone, for an ephemeral identity */
    uint64_t next, end; /* of the block that is reserved */
    uint64_t block;     /* how large the next one is */
};

/* path is copied; NULL for none. */
enum err ids_open(struct ids *ids, const char *path);
void ids_close(struct ids *ids);

/* The next number: above all before it, and at least wall_ms << 20. Reserves a block in the file
 * first when the last one is used up; other processes with the same file get other blocks. ERR_IO
 * (errno tells), ERR_BROKEN if the file holds no number. */
enum err ids_next(struct ids *ids, uint64_t wall_ms, uint64_t *out);

#endif
