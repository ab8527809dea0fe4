/* The log: every sealed envelope that the server accepted, numbered without gaps, in segments in a
 * directory. An entry is on disk before anybody hears of it (appender.h). It is bounded: the oldest
 * segments go. Making and deleting segments happens on the worker, too (upkeep.h).
 *
 * state        what is added                                 until
 * writing      goes to the newest segment                    that is full or old
 * rotating     waits in `file`, which is held                the next segment is there, or can't
 *              (upkeep.running, upkeep.make is not 0)        be made: it goes on in the old one */
#ifndef DEN_SERVER_SEALED_LOG_H
#define DEN_SERVER_SEALED_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/random.h"
#include "server/appender.h"
#include "server/calendar.h"
#include "server/segment.h"
#include "server/upkeep.h"

#define SEALED_LOG_GAP_NS INT64_C(1000000)

struct sealed_log_events {
    void (*durable)(void *owner, uint64_t number); /* all up to number are on disk */
    void (*failed)(void *owner, uint64_t number);  /* all above number are not, and never were */
};

struct sealed_log {
    struct appender file;
    struct upkeep upkeep;
    struct calendar calendar;
    const struct sealed_log_events *events;
    void *owner;
    char *dir; /* owned */
    uint8_t log_id[SEGMENT_LOG_ID];
    uint64_t last;       /* the number of the newest entry, also if it is not on disk yet */
    uint64_t durable;    /* the newest one on disk */
    uint64_t first;      /* with which the oldest segment begins */
    uint64_t older;      /* bytes of all segments but the newest */
    uint64_t began_ms;   /* time of the newest segment's first entry, 0 if it has none */
    int64_t segment;     /* bytes after which the next one begins; set by open, may be changed */
    int64_t rotate_size; /* the same, or more where that failed */
    bool rotate;         /* begin one as soon as can be */
    int64_t due;         /* when its bounds are to be looked after */
    int64_t next;        /* lazy: when what waits may be written */
    bool several;        /* lazy: more than one entry was written the last time */
};

/* Opens or makes the directory's log. The torn end of its newest segment is cut off; if that is
 * damaged before its end it is left as it is, an error is logged, and a new one begun behind the
 * highest number that is whole. Otherwise the log is left untouched: ERR_IO (errno tells),
 * ERR_VERSION (a newer one), ERR_BROKEN, ERR_FORMAT (no segment), ERR_LIMIT, ERR_MEMORY. */
enum err sealed_log_open(struct sealed_log *log, const char *dir, const struct shelf_bounds *bounds,
                         struct random *random, struct worker *worker,
                         const struct sealed_log_events *events, void *owner);
/* When the worker is closed, or nothing runs. */
void sealed_log_close(struct sealed_log *log);
/* Of all its segments. */
uint64_t sealed_log_bytes(const struct sealed_log *log);

/* Gives the entry its number and starts to write it; entry->number is set. ERR_LIMIT: too much
 * waits. */
enum err sealed_log_add(struct sealed_log *log, struct segment_entry *entry);
/* From here on sealed_log_tick writes: the first entry at once, further ones within SEALED_LOG_GAP_NS
 * together, in one sync and to everybody in one record. */
void sealed_log_gather(struct sealed_log *log);
/* When sealed_log_tick has something to do. */
int64_t sealed_log_due(const struct sealed_log *log);
/* Writes what waits, and looks after its bounds when that is due; now as platform/now.h's now_ns. */
void sealed_log_tick(struct sealed_log *log, int64_t now);

#endif
