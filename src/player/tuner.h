/* Which rendition the link carries, for the schedule auto. Pure: the caller brings the time, and
 * tells what came and what did not. Renditions count from 0, the lowest.
 *
 * The rules:
 * - It begins with the lowest, so that the first picture is there soon. When enough is buffered for
 *   the first time it goes at once as high as the rate until then carries.
 * - Trouble is less than TUNER_LOW_NS buffered after there was TUNER_HIGH_NS, or TUNER_MISSES frames
 *   that missed their time within TUNER_MISS_NS. Then it goes down at once: by one, or as far as the
 *   rate says. Mostly that is before anything is late, for the buffer is a second. What comes
 *   from before the last change does not count.
 * - It goes up by one after TUNER_STEADY_NS without trouble and with TUNER_HIGH_NS buffered. A
 *   rendition that brought trouble within TUNER_PROBATION_NS twice must wait twice as long, after
 *   each further time twice as long again, up to TUNER_WAIT_NS; so a link that is steady sees few changes.
 * - What is not known yet of a rendition is guessed from its pixels, which is too much rather than
 *   too little. One of whose frames a single one would use up half the buffer is tried only after
 *   TUNER_RELUCTANCE times the wait. */
#ifndef DEN_PLAYER_TUNER_H
#define DEN_PLAYER_TUNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

#define TUNER_LOW_NS INT64_C(300000000)
#define TUNER_HIGH_NS INT64_C(700000000)
#define TUNER_MISSES 3
#define TUNER_MISS_NS INT64_C(1000000000)
#define TUNER_STEADY_NS INT64_C(5000000000)
#define TUNER_WAIT_NS INT64_C(40000000000)
#define TUNER_PROBATION_NS INT64_C(60000000000)
#define TUNER_RELUCTANCE 6

struct tuner_step {
    int64_t pixels;
    int64_t bytes;   /* of a frame, a mean of late; 0: none came yet */
    unsigned failed; /* times in a row that it brought trouble soon */
};

struct tuner {
    size_t count, at; /* the rendition that is wanted */
    struct tuner_step steps[LIMIT_RENDITIONS];
    uint32_t fps_num, fps_den;
    bool begun;     /* the jump at the start was made, or had its chance */
    bool filled;    /* TUNER_HIGH_NS was there since the start, a rest or a step down */
    bool risen;     /* the last change was upwards */
    bool seen;      /* frames of the rendition that is wanted come, */
    uint32_t first; /* from this one on */
    int64_t started_at, changed_at, steady_from;
    int64_t bytes;                /* of frames that came until then */
    int64_t missed[TUNER_MISSES]; /* the last ones; a ring */
    size_t misses;
};

/* pixels: of one picture of each rendition; count: 1 to LIMIT_RENDITIONS. Both parts of fps > 0. */
void tuner_start(struct tuner *t, const int64_t *pixels, size_t count, uint32_t fps_num,
                 uint32_t fps_den, int64_t now);
/* A frame came whole; rendition below count. */
void tuner_arrived(struct tuner *t, uint32_t number, size_t rendition, size_t bytes);
/* A frame was shown late, dropped or skipped. */
void tuner_missed(struct tuner *t, uint32_t number, int64_t now);
/* After a seek or a pause: the buffer before it says nothing of the link. */
void tuner_rest(struct tuner *t, int64_t now);
/* Call it whenever something came, was shown or missed, while frames are still to come. ahead_ns:
 * playing time that is buffered; rate: bytes a second of the link, 0 if unknown. True if `at`
 * changed: tell the server. */
bool tuner_look(struct tuner *t, int64_t ahead_ns, int64_t rate, int64_t now);

#endif
