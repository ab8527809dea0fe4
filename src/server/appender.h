/* A file that only grows, made durable off the loop, many at a time (group commit).
 *
 * What is added while one write and sync runs on the worker waits and goes with the next, in one
 * write and one sync for all. Failure is for all that wait: the file is cut back to what was
 * durable, and whoever waited is told.
 *
 *     appender_add      worker                    worker_collect
 *     pending      ->   writing (job runs)   ->   events.durable or events.failed */
#ifndef DEN_SERVER_APPENDER_H
#define DEN_SERVER_APPENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "platform/worker.h"

struct appender_events {
    /* All that was added up to and including ticket is on disk. */
    void (*durable)(void *owner, uint64_t ticket);
    /* All that was added after the last durable ticket is not, and is forgotten. */
    void (*failed)(void *owner, int error);
};

struct appender {
    struct worker_job job;
    struct worker *worker; /* borrowed */
    const struct appender_events *events;
    void *owner;
    int fd;       /* owned */
    int64_t size; /* of the durable part */
    struct buf pending, writing;
    uint64_t added; /* the last ticket given out */
    uint64_t aimed; /* the last one in `writing` */
    bool running;
    bool held; /* what is added waits for appender_switch or appender_release */
    bool lazy; /* or for appender_go_on, so that more goes at once; set by the owner */
    bool torn; /* bytes of a write that failed may stand behind size */
    int error; /* of the job */
};

/* Takes the descriptor over; writing goes on at offset size. limit: bytes that may wait. */
void appender_open(struct appender *a, struct worker *worker, int fd, int64_t size, size_t limit,
                   const struct appender_events *events, void *owner);
/* Call it when the worker is closed, or nothing runs. Idempotent. */
void appender_close(struct appender *a);

/* Adds bytes and returns their ticket (1, 2, 3, ...), 0 if too much waits already. */
uint64_t appender_add(struct appender *a, const struct buf *bytes);
/* Starts what waits because the worker had no place for it, or this is lazy. */
void appender_go_on(struct appender *a);
/* Would that start something? */
bool appender_waits(const struct appender *a);
/* True while something is not durable yet. */
bool appender_busy(const struct appender *a);
/* From inside events.durable, or while not busy: writes nothing more until it goes on, in another
 * file, which it takes over, or in the same one. */
void appender_hold(struct appender *a);
void appender_switch(struct appender *a, int fd, int64_t size);
void appender_release(struct appender *a);

#endif
