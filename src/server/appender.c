#include "server/appender.h"

#include <errno.h>
#include <unistd.h>

void appender_open(struct appender *a, struct worker *worker, int fd, int64_t size, size_t limit,
                   const struct appender_events *events, void *owner)
{
    *a = (struct appender){
        .worker = worker, .events = events, .owner = owner, .fd = fd, .size = size};
    buf_init(&a->pending, limit);
    buf_init(&a->writing, limit);
}

void appender_close(struct appender *a)
{
    if (a->fd >= 0)
        close(a->fd);
    a->fd = -1;
    buf_free(&a->pending);
    buf_free(&a->writing);
}

static int write_all(int fd, const struct buf *b, int64_t offset)
{
    size_t done = 0;

    while (done < b->len) {
        ssize_t n = pwrite(fd, b->data + done, b->len - done, offset + (int64_t)done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? errno : EIO;
        done += (size_t)n;
    }
    return 0;
}

/* What a failed write left must not stay: behind a shorter one it would pass for more. */
static int cut(struct appender *a)
{
    if (ftruncate(a->fd, a->size) != 0)
        return errno;
    a->torn = false;
    return 0;
}

/* On the worker. */
static void run(struct worker_job *job)
{
    struct appender *a = (struct appender *)job;

    a->error = a->torn ? cut(a) : 0;
    if (a->error != 0)
        return;
    a->error = write_all(a->fd, &a->writing, a->size);
    if (a->error == 0 && fdatasync(a->fd) != 0)
        a->error = errno;
    if (a->error != 0) {
        a->torn = true;
        cut(a);
    }
}

static void done(struct worker_job *job)
{
    struct appender *a = (struct appender *)job;
    uint64_t aimed = a->aimed;

    a->running = false;
    if (job->cancelled)
        a->error = ECANCELED;
    if (a->error != 0) {
        a->added = aimed;
        buf_clear(&a->pending);
        buf_clear(&a->writing);
        a->events->failed(a->owner, a->error);
        return;
    }
    a->size += (int64_t)a->writing.len;
    buf_clear(&a->writing);
    a->events->durable(a->owner, aimed);
    if (!a->lazy)
        appender_go_on(a);
}

static void swap(struct appender *a)
{
    struct buf other = a->writing;

    a->writing = a->pending;
    a->pending = other;
}

bool appender_waits(const struct appender *a)
{
    return !a->running && !a->held && a->pending.len > 0;
}

void appender_go_on(struct appender *a)
{
    if (!appender_waits(a))
        return;
    swap(a);
    a->aimed = a->added;
    a->job = (struct worker_job){.run = run, .done = done};
    a->running = worker_submit(a->worker, &a->job);
    if (!a->running)
        swap(a); /* the pool is full */
}

uint64_t appender_add(struct appender *a, const struct buf *bytes)
{
    size_t before = a->pending.len;

    if (bytes->failed)
        return 0;
    buf_add(&a->pending, bytes->data, bytes->len);
    if (a->pending.failed) {
        a->pending.failed = false;
        a->pending.len = before;
        return 0;
    }
    a->added++;
    if (!a->lazy)
        appender_go_on(a);
    return a->added;
}

bool appender_busy(const struct appender *a)
{
    return a->running || a->pending.len > 0;
}

void appender_hold(struct appender *a)
{
    a->held = true;
}

void appender_switch(struct appender *a, int fd, int64_t size)
{
    close(a->fd);
    a->fd = fd;
    a->size = size;
    a->torn = false;
    appender_release(a);
}

void appender_release(struct appender *a)
{
    a->held = false;
    appender_go_on(a);
}
