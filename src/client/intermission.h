/* The link is lost while a clip plays. The player stays open: what it holds is shown, then it rests
 * on its last picture; pausing and seeking work. Back in the room the clip is asked for again, from
 * the first frame that the player has not got, and nothing else is said of it (nor credit granted)
 * until STREAM shows that it is the same clip. What the user did meanwhile is said then.
 *
 * state           on     stream  player
 * away            true   0       open, or NULL if STREAM had not come yet
 * asked again     true   PLAY sent: waiting for STREAM or REFUSED    open */
#ifndef DEN_CLIENT_INTERMISSION_H
#define DEN_CLIENT_INTERMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "video/schedule.h"
#include "wire/video.h"

struct client;

struct intermission {
    bool on;
    char clip[LIMIT_CLIP + 1], schedule[SCHEDULE_TEXT]; /* as they were asked for */
    uint32_t from;                                      /* the frame that is asked for */
};

/* The link is lost: from ROOM, or again on the way back. */
void intermission_begin(struct client *c);
/* The room is entered again. */
void intermission_enter(struct client *c);
/* STREAM came for what was asked again. */
void intermission_stream(struct client *c, const struct wire_stream *m);

#endif
