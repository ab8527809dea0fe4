/* A frame of a clip, put together from the pieces in which it comes. It is kept in memory alone. */
#ifndef DEN_CLIENT_REEL_H
#define DEN_CLIENT_REEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "player/player.h"
#include "wire/video.h"

struct reel {
    struct player_frame frame; /* the one that is coming; jpeg NULL: none */
    size_t got;                /* bytes of it */
};

/* Nothing is coming. Idempotent. */
void reel_drop(struct reel *r);
bool reel_empty(const struct reel *r);
/* Takes a piece. With the last one *whole is the frame, which passes to the caller; otherwise its
 * jpeg is NULL. ERR_FORMAT: the piece does not belong here; ERR_MEMORY. */
enum err reel_add(struct reel *r, const struct wire_frame *piece, struct player_frame *whole);

#endif
