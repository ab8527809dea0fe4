#include "client/lens.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "platform/now.h"
#include "player/encode.h"

struct lens_job {
    struct worker_job job;
    struct lens *lens; /* NULL: closed meanwhile */
    unsigned width, height;
    int64_t pts_ns;
    uint8_t *jpeg; /* owned */
    size_t len;
    uint8_t pixels[];
};

void lens_close(struct lens *l)
{
    if (l->camera.fd < 0)
        return;
    loop_remove(l->loop, &l->watch);
    camera_close(&l->camera);
    if (l->job != NULL)
        l->job->lens = NULL;
    l->job = NULL;
}

static void job_run(struct worker_job *job)
{
    struct lens_job *j = (struct lens_job *)job;

    encode_yuyv(j->pixels, 2 * (size_t)j->width, j->width, j->height, &j->jpeg, &j->len);
}

static void job_done(struct worker_job *job)
{
    struct lens_job *j = (struct lens_job *)job;
    struct lens *l = j->lens;

    if (l != NULL)
        l->job = NULL;
    if (l != NULL && !job->cancelled && j->jpeg != NULL)
        l->events->frame(l->events->owner, (struct span){j->jpeg, j->len}, j->pts_ns);
    free(j->jpeg);
    free(j);
}

static void encode(struct lens *l, const uint8_t *data, int64_t pts_ns)
{
    const struct camera_mode *m = &l->camera.mode;
    size_t row = 2 * (size_t)m->width;
    struct lens_job *j = l->job != NULL ? NULL : malloc(sizeof *j + row * m->height);

    if (j == NULL)
        return;
    *j = (struct lens_job){.job = {.run = job_run, .done = job_done},
                           .lens = l,
                           .width = m->width,
                           .height = m->height,
                           .pts_ns = pts_ns};
    for (size_t i = 0; i < m->height; i++)
        memcpy(j->pixels + i * row, data + i * m->pitch, row);
    if (worker_submit(l->worker, &j->job))
        l->job = j;
    else
        free(j);
}

/* Some cameras fill up behind the frame. */
static void pass(struct lens *l, struct span data, int64_t pts_ns)
{
    const struct source_events *e = l->events;
    struct scan scan;
    struct scan_frame found;
    size_t used;

    scan_init(&scan);
    if (scan_feed(&scan, data.data, data.len, &used, &found) == SCAN_FRAME)
        e->frame(e->owner, (struct span){data.data + found.offset, found.length}, pts_ns);
    else
        e->broken(e->owner);
}

static void take(struct lens *l, const uint8_t *data, size_t len)
{
    int64_t now = now_ns();

    if (l->started == 0)
        l->started = now;
    if (l->camera.mode.format == CAMERA_YUYV)
        encode(l, data, now - l->started);
    else
        pass(l, (struct span){data, len}, now - l->started);
}

static void on_ready(struct loop_watch *w, bool readable, bool writable)
{
    struct lens *l = w->owner;
    const uint8_t *data;
    size_t len;
    int failed = camera_take(&l->camera, &data, &len);

    (void)readable;
    (void)writable;
    if (failed == 0) {
        take(l, data, len);
        failed = camera_give(&l->camera);
    } else if (failed == -EBADMSG) {
        l->events->broken(l->events->owner);
        failed = 0;
    }
    if (failed == 0 || failed == -EAGAIN)
        return;
    lens_close(l);
    l->events->ended(l->events->owner, strerror(-failed));
}

bool lens_open(struct lens *l, struct loop *loop, struct worker *worker, const char *path,
               const struct camera_mode *wish, const struct source_events *events,
               char why[static CAMERA_WHY])
{
    *l = (struct lens){.events = events,
                       .loop = loop,
                       .worker = worker,
                       .watch = {.fd = -1, .ready = on_ready, .owner = l}};
    if (!camera_open(&l->camera, path, wish, LIMIT_PIXELS, why))
        return false;
    if (loop_add(loop, &l->watch, l->camera.fd)) {
        loop_want(loop, &l->watch, true, false);
        return true;
    }
    snprintf(why, CAMERA_WHY, "%.100s: can't wait for it", path);
    camera_close(&l->camera);
    return false;
}
