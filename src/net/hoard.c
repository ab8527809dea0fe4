#include "net/hoard.h"

#include "base/limits.h"
#include "net/pump.h"

/* What every link may hold is not counted: a chunk of a frame, a list. */
#define SMALL (2 * LIMIT_CHUNK)

void hoard_forget(struct link *l)
{
    row_leave(l, ROW_HOARD);
    l->hub->hoarded -= l->hoarded;
    l->hoarded = 0;
}

static void count(struct link *l, size_t held)
{
    row_join(l, ROW_HOARD);
    l->hub->hoarded += held - l->hoarded;
    l->hoarded = held;
}

static void drop(struct link *l)
{
    hoard_forget(l);
    framer_drop(&l->framer);
    if (l->state != STATE_OPEN)
        return;
    l->events->broken(l, "too many large messages come at once: try again");
    link_finish(l);
}

void hoard_look(struct link *l)
{
    size_t held = framer_settle(&l->framer);

    if (held <= SMALL) {
        hoard_forget(l);
        return;
    }
    count(l, held);
    while (l->hub->hoarded > LIMIT_HOARD)
        drop(l->hub->rows[ROW_HOARD].first);
}
