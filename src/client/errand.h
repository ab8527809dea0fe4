/* What one-shots do: den msg, play, cast, send, receive. What is told of files goes to standard output with
 * --json, else a receiver's paths do; at a terminal the progress stands on standard error. */
#ifndef DEN_CLIENT_ERRAND_H
#define DEN_CLIENT_ERRAND_H

#include <stdbool.h>
#include <stddef.h>

#include "client/options.h"
#include "client/parcels.h"

/* In the room: what the verb came for. Who is not there, or can't be reached, ends it with its exit code.
 * text: of den msg. */
void errand_begin(struct client *c, struct options *o, const struct buf *text);
/* A file is over, as client_hooks.parcel_over. once: the first one that we receive ends it. */
void errand_over(struct client *c, const struct parcel *p, bool once);
/* Nothing goes on any more: for a one-shot, what is not over is a failure, which the exit code tells. */
void errand_done(struct client *c);
/* After a turn of the loop: the progress as one line that is written over, "" when there is none. */
void errand_progress(struct parcels_line *p, const struct client *c);

#endif
