/* Where a clip has no whole frame for long. The loop looks at a bounded number of frames in a turn, and a
 * worker at the rest: a clip may have millions, and a viewer may seek a hundred times a second. */
#ifndef DEN_SERVER_GAP_H
#define DEN_SERVER_GAP_H

#include <stdbool.h>
#include <stdint.h>

#define GAP_MOST 4096 /* frames that are looked at on the loop */

struct stream;
struct gap_job;

/* Zeroed: nothing is known. */
struct gap {
    uint32_t from, to;   /* of these frames, the last one not included, none is whole */
    struct gap_job *job; /* that looks, NULL if none does */
};

/* The first whole frame of the stream from there on, by its schedule; the number of the clip's frames if
 * there is none. False: it is looked for, and the session is kicked when it is known. */
bool gap_find(struct stream *st, uint32_t from, uint32_t *found);
/* What is known holds no more: the schedule has changed, or the stream goes. */
void gap_forget(struct gap *g);

#endif
