#include "server/gap.h"

#include <stdlib.h>

#include "server/session.h"
#include "server/stream.h"

struct gap_job {
    struct worker_job job;
    struct stream *stream; /* NULL: nobody wants to know any more */
    struct clips *clips;
    struct shared_clip *shared; /* held */
    struct schedule schedule;
    uint32_t from, at; /* from there on none is whole up to here */
};

/* The first whole frame at or behind i, or end. */
static uint32_t look(const struct clip *c, const struct schedule *s, uint32_t i, uint32_t end)
{
    for (; i < end; i++) {
        int64_t offset;
        size_t length, rendition = schedule_pick(s, c->heights, c->count, c->frames, i);

        if (clip_frame(c, rendition, i, &offset, &length) == ERR_OK)
            break;
    }
    return i;
}

static void run(struct worker_job *job)
{
    struct gap_job *j = (struct gap_job *)job;

    j->at = look(j->shared->clip, &j->schedule, j->at, (uint32_t)j->shared->clip->frames);
}

static void done(struct worker_job *job)
{
    struct gap_job *j = (struct gap_job *)job;
    struct stream *st = j->stream;

    if (st != NULL) {
        st->gap = (struct gap){.from = j->from, .to = j->at};
        st->session->port->kick(st->session->link);
    }
    clips_drop(j->clips, j->shared);
    free(j);
}

static bool submit(struct stream *st, uint32_t from, uint32_t at)
{
    struct gap_job *j = calloc(1, sizeof *j);

    if (j == NULL)
        return false;
    *j = (struct gap_job){.job = {.run = run, .done = done},
                          .stream = st,
                          .clips = st->clips,
                          .shared = st->shared,
                          .schedule = st->schedule,
                          .from = from,
                          .at = at};
    if (!worker_submit(st->clips->worker, &j->job)) {
        free(j);
        return false;
    }
    st->shared->refs++;
    st->gap.job = j;
    return true;
}

bool gap_find(struct stream *st, uint32_t from, uint32_t *found)
{
    const struct gap *g = &st->gap;
    const struct clip *c = st->shared->clip;
    uint32_t frames = (uint32_t)c->frames, at = from, end;

    if (g->job != NULL)
        return false;
    if (at >= g->from && at < g->to)
        at = g->to;
    end = at < frames && frames - at > GAP_MOST ? at + GAP_MOST : frames;
    at = look(c, &st->schedule, at, end);
    if (at == end && end < frames && submit(st, from, at))
        return false;
    /* The worker takes no more now: then here. */
    *found = at == end ? look(c, &st->schedule, at, frames) : at;
    return true;
}

void gap_forget(struct gap *g)
{
    if (g->job != NULL)
        g->job->stream = NULL;
    *g = (struct gap){0};
}
