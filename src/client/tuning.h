/* The schedule auto on the viewer's side: a stream's frames and outcomes told to the tuner, and what
 * it decides told to the server and the user. With another schedule nothing happens here. */
#ifndef DEN_CLIENT_TUNING_H
#define DEN_CLIENT_TUNING_H

#include <stdbool.h>
#include <stdint.h>

#include "player/player.h"
#include "player/tuner.h"
#include "wire/video.h"

struct client;

struct tuning {
    bool on;
    uint16_t heights[LIMIT_RENDITIONS];
    struct tuner tuner;
};

/* At STREAM, whose clip has at least one rendition. */
void tuning_start(struct tuning *t, const struct wire_stream *m, int64_t now);
/* Whether m tells of the same renditions as the STREAM before. */
bool tuning_fits(const struct tuning *t, const struct wire_stream *m);
/* For a stream that is new to the server: asks for the rendition that is wanted. */
void tuning_repeat(struct client *c);
/* A frame came whole. */
void tuning_arrived(struct tuning *t, const struct player_frame *frame);
/* What became of one: PLAYER_EVENT_FRAME. */
void tuning_outcome(struct tuning *t, const struct player_event *e, int64_t now);
/* A seek or a pause. */
void tuning_rest(struct tuning *t, int64_t now);
/* Decides, and asks the server for another rendition of c's stream where that is better. Not when
 * all frames came already. */
void tuning_look(struct client *c, const struct player_buffered *held, int64_t now);

#endif
