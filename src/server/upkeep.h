/* The log's housekeeping on the worker: what is too old or too much is deleted, and the next
 * segment is begun. One at a time. */
#ifndef DEN_SERVER_UPKEEP_H
#define DEN_SERVER_UPKEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/worker.h"
#include "server/shelf.h"

struct upkeep {
    struct worker_job job;
    void (*done)(struct upkeep *u); /* not when the worker was closed before it began */
    const char *dir;                /* borrowed */
    uint8_t log_id[SEGMENT_LOG_ID];
    struct shelf_bounds bounds;
    int64_t now;   /* seconds since 1970; 0: nothing is too old */
    uint64_t more; /* bytes to make room for */
    uint64_t make; /* the number with which a new segment is to begin, 0: none */
    bool running;
    /* What came of it; valid in done. */
    int fd;         /* of the new segment, the caller's; a negative errno if it failed */
    uint64_t first; /* of the oldest segment, 0 if that can't be told */
    uint64_t bytes; /* of all but the newest segment */
};

/* False if the worker has no place. */
bool upkeep_start(struct upkeep *u, struct worker *worker);

#endif
