/* The counters that can be shown on the picture. */
#ifndef DEN_PLAYER_OVERLAY_H
#define DEN_PLAYER_OVERLAY_H

#include <stdint.h>

#include "platform/display.h"
#include "player/player.h"

struct overlay {
    uint32_t frame, frames; /* the frame that is shown with it */
    uint32_t height;        /* its rendition */
    struct player_counts counts;
    int64_t rate; /* bits a second, as of late */
    /* for the rate: counts.bytes at that time */
    int64_t sampled_at;
    uint64_t sampled_bytes;
};

/* Takes the counts as they are now, and the rate from them about twice a second. */
void overlay_update(struct overlay *o, const struct player_counts *counts, int64_t now);
/* Draws into the upper left corner, in letters of a size that goes with the surface's. */
void overlay_draw(const struct overlay *o, const struct surface *to);

#endif
