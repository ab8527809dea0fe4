#include "player/live.h"

/* One that is shown while the next is decoded, and the next after that. */
#define LIVE_AHEAD 2

struct store_slot *live_plan(struct core *c)
{
    struct store_slot *newest = NULL;

    for (size_t i = 0; i < c->store.count; i++) {
        struct store_slot *slot = store_at(&c->store, i);

        if (slot->settled || slot->state != STORE_WAITING)
            continue;
        if (newest != NULL)
            core_settle(c, newest, PLAYER_DROPPED, ERR_OK, -1);
        newest = slot;
    }
    return newest != NULL && c->ahead < LIVE_AHEAD ? newest : NULL;
}

/* The clock is set to each anew: so it is due now, and what comes next is never late for it. */
struct store_slot *live_choose(struct core *c, uint32_t drawn, int64_t now)
{
    struct store_slot *best = NULL;

    for (size_t i = 0; i < c->store.count; i++) {
        struct store_slot *slot = store_at(&c->store, i);

        if (slot->settled || slot->state != STORE_READY)
            continue;
        best = slot;
        if (slot->number == drawn)
            break;
    }
    if (best != NULL)
        pacer_start(&c->pacer, best->number, now);
    return best;
}
