/* What a member missed, on its way to it: pieces are read on a worker, and the next one only when
 * nothing waits to be sent, so that a slow link holds up nobody and the room's life overtakes.
 *
 * state     what goes on                       what ends it
 * idle      a piece is being sent              past_fill: all of it is out
 * reading   the worker has it (running)        the piece is queued; after the last one PAST_END,
 *                                              and it frees itself
 * orphaned  reading, session NULL              it frees itself */
#ifndef DEN_SERVER_PAST_H
#define DEN_SERVER_PAST_H

#include "base/err.h"
#include "wire/past.h"

struct session;
struct past;

/* What the client asked for; it is s->past until PAST_END. ERR_STATE: one is under way. */
enum err past_open(struct session *s, const struct wire_resume *m);
/* Nothing waits to be sent. */
void past_fill(struct past *p);
/* The session goes. NULL is fine. */
void past_close(struct past *p);

#endif
