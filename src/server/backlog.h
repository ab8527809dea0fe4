/* Reading the log back for one member, a piece at a time, as the PAST messages that it gets. For a
 * worker: touches nothing but its own fields and the files. What is read may expire meanwhile; no
 * descriptor is held between pieces. */
#ifndef DEN_SERVER_BACKLOG_H
#define DEN_SERVER_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

struct backlog {
    const char *dir; /* borrowed */
    uint8_t receiver[SIZE_FINGERPRINT];
    uint64_t next, last; /* the numbers that are still wanted; over when next > last */
    uint64_t lost;       /* numbers passed over because they are not there */
    /* Where it stands; segment 0: in none. */
    uint64_t segment; /* its first number */
    uint64_t beyond;  /* the first number of the segment behind it */
    int64_t at;       /* offset */
};

/* From `next` to `last`, both included. */
void backlog_start(struct backlog *b, const char *dir,
                   const uint8_t receiver[static SIZE_FINGERPRINT], uint64_t next, uint64_t last);
/* Appends whole messages until there are `enough` bytes or all is read. ERR_MEMORY, ERR_IO: no more
 * could be read now; what was appended is right. */
enum err backlog_read(struct backlog *b, size_t enough, struct buf *out);

#endif
