#include "net/pool.h"

#include <errno.h>

static void on_finished(struct loop_watch *w, bool readable, bool writable)
{
    struct pool *p = w->owner;

    (void)readable;
    (void)writable;
    worker_collect(p->worker);
}

bool pool_open(struct pool *p, struct loop *loop, unsigned threads, unsigned jobs)
{
    *p = (struct pool){.loop = loop, .watch = {.fd = -1, .ready = on_finished, .owner = p}};
    p->worker = worker_open(threads, jobs);
    if (p->worker == NULL)
        return false;
    if (!loop_add(loop, &p->watch, worker_fd(p->worker))) {
        pool_close(p);
        errno = EMFILE;
        return false;
    }
    loop_want(loop, &p->watch, true, false);
    return true;
}

void pool_close(struct pool *p)
{
    if (p->worker == NULL)
        return;
    loop_remove(p->loop, &p->watch);
    worker_close(p->worker);
    *p = (struct pool){0};
}
