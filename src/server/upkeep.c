#include "server/upkeep.h"

#include <errno.h>

static void expire(struct upkeep *u, uint64_t more)
{
    struct shelf s;

    u->first = u->bytes = 0;
    if (shelf_list(&s, u->dir) == ERR_OK && s.count > 0) {
        shelf_expire(&s, u->dir, &u->bounds, more, u->now);
        u->first = s.list[0].first;
        u->bytes = s.bytes - s.list[s.count - 1].bytes;
    }
    shelf_free(&s);
}

/* The disk may be full, so deleting comes before making; after it there may be one more to delete,
 * which was the newest. */
static void run(struct worker_job *job)
{
    struct upkeep *u = (struct upkeep *)job;

    expire(u, u->more);
    if (u->make == 0)
        return;
    u->fd = shelf_make(u->dir, u->log_id, u->make);
    if (u->fd >= 0)
        expire(u, 0);
}

static void done(struct worker_job *job)
{
    struct upkeep *u = (struct upkeep *)job;

    u->running = false;
    if (!job->cancelled)
        u->done(u);
}

bool upkeep_start(struct upkeep *u, struct worker *worker)
{
    u->job = (struct worker_job){.run = run, .done = done};
    u->fd = -EAGAIN;
    u->running = worker_submit(worker, &u->job);
    return u->running;
}
