/* The directory that holds the log's segments, one file each, named by its first number.
 *
 * Nothing here is shared: all of it may be called on a worker, and beside the one that deletes. */
#ifndef DEN_SERVER_SHELF_H
#define DEN_SERVER_SHELF_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "server/segment.h"

struct shelf_segment {
    uint64_t first; /* number */
    uint64_t bytes;
    int64_t changed; /* seconds since 1970: when the last entry was written */
};

struct shelf {
    struct shelf_segment *list; /* owned; rising */
    size_t count;
    uint64_t bytes; /* of all */
};

/* What the log may grow to. */
struct shelf_bounds {
    uint64_t bytes;
    int64_t seconds; /* that the newest entry of a segment may be old; 0: any age */
};

/* ERR_IO (errno tells), ERR_MEMORY; the list is empty then. */
enum err shelf_list(struct shelf *s, const char *dir);
void shelf_free(struct shelf *s);
/* Removes what a crash left of segments that were being made. */
void shelf_tidy(const char *dir);

/* The segment's descriptor, or a negative errno. */
int shelf_open(const char *dir, uint64_t first, int flags);
/* Makes an empty one, durable; its descriptor, or a negative errno, and then it is not there. */
int shelf_make(const char *dir, const uint8_t log_id[static SEGMENT_LOG_ID], uint64_t first);
/* True when it is gone. */
bool shelf_remove(const char *dir, uint64_t first);

/* Deletes the oldest until `more` bytes fit in and none is too old; never the newest. Entries were
 * written in the order of their numbers, so a segment's time that does not fit in between its
 * neighbours', or lies after now, was made by a wrong clock: then the neighbours' counts. */
void shelf_expire(struct shelf *s, const char *dir, const struct shelf_bounds *bounds,
                  uint64_t more, int64_t now);

#endif
