/* Two blocks of a file's bytes, one for the loop and one for the worker, who change over. */
#ifndef DEN_CLIENT_PARCEL_BLOCK_H
#define DEN_CLIENT_PARCEL_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

#define PARCEL_BLOCK (512 * 1024) /* bytes that the worker reads or writes at once */
/* More that may come before a link that is paused is: the rest of a message, and a record. */
#define PARCEL_ROOM (PARCEL_BLOCK + 2 * LIMIT_CHUNK)
/* What is hashed in one go, so that the worker can be had by others and by the end of den. */
#define PARCEL_STEP (4 * 1024 * 1024)

struct parcel_block {
    uint8_t *data; /* owned; PARCEL_ROOM bytes; NULL: none yet */
    size_t len, used;
};

/* What makes it this file, and as it was. */
struct parcel_mark {
    uint64_t device, inode, size;
    uint64_t mtime; /* nanoseconds since 1970 */
};

#endif
