/* Frames of somebody's camera: each is shown as soon as it is decoded, for there is none to wait for.
 *
 * - Of those that wait only the newest is decoded; what came before it is dropped.
 * - A frame that is decoded is shown at once, unless a newer one is decoded too.
 * - While it is paused nothing is shown; after that the newest is. */
#ifndef DEN_PLAYER_LIVE_H
#define DEN_PLAYER_LIVE_H

#include <stdint.h>

#include "player/core.h"

/* As core_plan and core_choose, of a core that is live. What is drawn is shown before anything else, or
 * a display that is slower than the frames would never show one. */
struct store_slot *live_plan(struct core *c);
struct store_slot *live_choose(struct core *c, uint32_t drawn, int64_t now);

#endif
