/* The link is lost while a clip plays. The player stays open: what it holds is shown, then it rests
 * on its last picture; pausing and seeking work. Back in the room the clip is asked for again, from
 * the first frame that the player has not got, and nothing else is said of it (nor credit granted)
 * until STREAM shows that it is the same clip. What the user did meanwhile is said then.
 *
 * state           on     stream  player
 * away            true   0       open, or NULL if STREAM had not come yet
 * asked again     true   PLAY sent: waiting for STREAM or REFUSED    open
 * busy            true   0: the server was, and is asked once more   open */
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
    unsigned tries;                                     /* for which the server was too busy */
    int64_t again; /* when to ask once more; 0: not waiting for that */
};

/* The link is lost: from ROOM, or again on the way back. */
void intermission_begin(struct client *c);
/* The room is entered again. */
void intermission_enter(struct client *c);
/* REFUSED came for what was asked again, and the server is busy: true if it is asked once more later. Not
 * for ever: who looks at a picture that rests wants to know. */
bool intermission_busy(struct client *c);
/* In the room: when intermission_tick has something to do, INT64_MAX if never. */
int64_t intermission_due(const struct client *c);
void intermission_tick(struct client *c, int64_t now);
/* STREAM came for what was asked again. */
void intermission_stream(struct client *c, const struct wire_stream *m);

#endif
