/* The log: every sealed envelope that the server accepted, numbered without gaps, in segments in a
 * directory. An entry is on disk before anybody hears of it (appender.h). */
#ifndef DEN_SERVER_SEALED_LOG_H
#define DEN_SERVER_SEALED_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/random.h"
#include "server/appender.h"
#include "server/segment.h"

struct sealed_log_events {
    void (*durable)(void *owner, uint64_t number); /* all up to number are on disk */
    void (*failed)(void *owner, uint64_t number);  /* all above number are not, and never were */
};

struct sealed_log {
    struct appender file;
    const struct sealed_log_events *events;
    void *owner;
    char *dir; /* owned */
    uint8_t log_id[SEGMENT_LOG_ID];
    uint64_t last;    /* the number of the newest entry, also if it is not on disk yet */
    uint64_t durable; /* the newest one on disk */
    uint64_t limit;   /* bytes of all segments; the oldest go first */
    int64_t segment;  /* bytes after which the next one begins; set by open, may be changed */
};

/* Opens or makes the directory's log; a torn end is cut off. Otherwise it is left untouched: ERR_IO
 * (errno tells), ERR_VERSION (a newer one), ERR_BROKEN (damaged before its end), ERR_MEMORY. */
enum err sealed_log_open(struct sealed_log *log, const char *dir, uint64_t limit,
                         struct random *random, struct worker *worker,
                         const struct sealed_log_events *events, void *owner);
void sealed_log_close(struct sealed_log *log);
/* Of all its segments. Looks at the directory. */
uint64_t sealed_log_bytes(const struct sealed_log *log);

/* Gives the entry its number and starts to write it; entry->number is set. ERR_LIMIT: too much
 * waits. */
enum err sealed_log_add(struct sealed_log *log, struct segment_entry *entry);

#endif
