#include "client/dial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/now.h"
#include "platform/socket.h"

struct dial_job {
    struct worker_job job;
    struct dial *dial; /* NULL: nobody waits */
    uint16_t port;
    size_t count;
    struct address list[DIAL_ADDRESSES];
    char host[ADDRESS_HOST];
    char why[128];
};

static void drop_attempt(struct dial *d)
{
    loop_remove(d->loop, &d->watch);
    if (d->fd >= 0)
        close(d->fd);
    d->fd = -1;
    d->due = INT64_MAX;
}

/* The next address that can be tried at all, or the end with the last reason. */
static void try_next(struct dial *d)
{
    while (d->next < d->count) {
        int fd = socket_connect(&d->list[d->next++]);

        if (fd >= 0 && loop_add(d->loop, &d->watch, fd)) {
            d->fd = fd;
            d->due = now_ns() + DIAL_PATIENCE_NS;
            loop_want(d->loop, &d->watch, false, true);
            return;
        }
        snprintf(d->why, sizeof d->why, "%s", strerror(fd < 0 ? -fd : EMFILE));
        if (fd >= 0)
            close(fd);
    }
    d->done(d->owner, -1, d->why);
}

static void on_writable(struct loop_watch *w, bool readable, bool writable)
{
    struct dial *d = w->owner;
    int error = socket_error(d->fd), fd = d->fd;

    (void)readable;
    (void)writable;
    if (error != 0) {
        snprintf(d->why, sizeof d->why, "%s", strerror(error));
        drop_attempt(d);
        try_next(d);
        return;
    }
    d->fd = -1;
    drop_attempt(d);
    d->done(d->owner, fd, "");
}

static void resolve_run(struct worker_job *job)
{
    struct dial_job *j = (struct dial_job *)job;

    j->count = address_resolve(j->host, j->port, j->list, DIAL_ADDRESSES, j->why);
}

static void resolve_done(struct worker_job *job)
{
    struct dial_job *j = (struct dial_job *)job;
    struct dial *d = j->dial;

    if (d != NULL && !job->cancelled) {
        d->job = NULL;
        d->count = j->count;
        d->next = 0;
        memcpy(d->list, j->list, sizeof d->list);
        memcpy(d->why, j->why, sizeof d->why);
        try_next(d);
    }
    free(j);
}

static void prepare(struct dial *d, struct loop *loop)
{
    d->loop = loop;
    d->watch = (struct loop_watch){.fd = -1, .ready = on_writable, .owner = d};
    d->fd = -1;
    d->due = INT64_MAX;
}

void dial_address(struct dial *d, struct loop *loop, const struct address *at)
{
    prepare(d, loop);
    d->list[0] = *at;
    d->count = 1;
    d->next = 0;
    try_next(d);
}

bool dial_start(struct dial *d, struct loop *loop, struct worker *worker, const char *host,
                uint16_t port)
{
    struct dial_job *j = calloc(1, sizeof *j);

    if (j == NULL)
        return false;
    prepare(d, loop);
    j->job = (struct worker_job){.run = resolve_run, .done = resolve_done};
    j->dial = d;
    j->port = port;
    snprintf(j->host, sizeof j->host, "%s", host);
    if (!worker_submit(worker, &j->job)) {
        free(j);
        return false;
    }
    d->job = j;
    return true;
}

void dial_tick(struct dial *d, int64_t now)
{
    if (d->loop == NULL || d->fd < 0 || now < d->due)
        return;
    drop_attempt(d);
    snprintf(d->why, sizeof d->why, "%s", strerror(ETIMEDOUT));
    try_next(d);
}

void dial_stop(struct dial *d)
{
    if (d->job != NULL)
        d->job->dial = NULL;
    d->job = NULL;
    if (d->loop != NULL)
        drop_attempt(d);
}
