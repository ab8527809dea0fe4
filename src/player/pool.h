/* The threads that decode: each has one decompressor, and takes what core_pick says. */
#ifndef DEN_PLAYER_POOL_H
#define DEN_PLAYER_POOL_H

#include "base/err.h"
#include "player/core.h"
#include "player/decode.h"

/* Decodes one frame that core_pick gives; false: there is nothing to do, or no picture free to decode
 * into (one will be when the next is shown). With the lock held, which is released meanwhile. */
bool pool_step(struct core *c, struct decode *d);
/* Starts that many threads (c->threads counts those that run, also on failure). */
enum err pool_start(struct core *c, unsigned threads);
/* c->closing is set and told: waits for all. Idempotent. */
void pool_join(struct core *c);

#endif
