#include "player/pacer.h"

#define SECOND INT64_C(1000000000)

void pacer_init(struct pacer *p, uint32_t fps_num, uint32_t fps_den)
{
    *p = (struct pacer){.fps_num = fps_num, .fps_den = fps_den};
    p->steady = UINT32_MAX; /* the link is trusted until it fails */
}

/* Whole seconds apart, or hours of a clip would not fit into 64 bits. */
int64_t pacer_pts(const struct pacer *p, uint32_t frame)
{
    uint64_t units = (uint64_t)frame * p->fps_den;

    return (int64_t)(units / p->fps_num) * SECOND +
           (int64_t)(units % p->fps_num * (uint64_t)SECOND / p->fps_num);
}

int64_t pacer_due(const struct pacer *p, uint32_t frame)
{
    return p->base + pacer_pts(p, frame);
}

int64_t pacer_end(const struct pacer *p, uint32_t frame)
{
    return p->base + pacer_pts(p, frame + 1);
}

int64_t pacer_clock(const struct pacer *p, int64_t now)
{
    return (p->paused ? p->paused_at : now) - p->base;
}

void pacer_start(struct pacer *p, uint32_t frame, int64_t now)
{
    p->base = now - pacer_pts(p, frame);
    p->paused_at = now;
    p->shown_at = now;
    p->started = true;
}

void pacer_stop(struct pacer *p)
{
    p->started = false;
}

void pacer_pause(struct pacer *p, bool paused, int64_t now)
{
    if (p->paused == paused)
        return;
    p->paused = paused;
    if (paused) {
        p->paused_at = now;
    } else if (p->started) {
        p->base += now - p->paused_at;
        p->shown_at += now - p->paused_at;
    }
}

int64_t pacer_gap_end(const struct pacer *p)
{
    return p->shown_at + PACER_GAP_NS - p->cost;
}

enum pacer_verdict pacer_judge(const struct pacer *p, uint32_t frame, bool newest, int64_t now)
{
    if (!p->started || p->paused || now + p->cost < pacer_end(p, frame))
        return PACER_DECODE;
    if (!newest)
        return PACER_DROP;
    return now >= pacer_gap_end(p) ? PACER_DECODE : PACER_HOLD;
}

static bool pacer_steady(const struct pacer *p)
{
    return (uint64_t)p->steady * p->fps_den >= p->fps_num;
}

bool pacer_resume(struct pacer *p, uint32_t frame, int64_t now)
{
    if (!p->started || p->paused || !pacer_steady(p) || now - pacer_due(p, frame) < PACER_STALL_NS)
        return false;
    p->base = now - pacer_pts(p, frame);
    p->steady = 0;
    return true;
}

uint32_t pacer_wanted(const struct pacer *p, uint32_t next, int64_t now)
{
    uint64_t place, frame;

    if (!p->started || p->paused || pacer_steady(p) || now + p->cost <= pacer_end(p, next))
        return next;
    place = (uint64_t)(now + p->cost - p->base);
    frame = place / (uint64_t)SECOND * p->fps_num / p->fps_den;
    /* The fraction of a second that was left out is at most this many frames: step over them. */
    while (frame < UINT32_MAX - 1 && now + p->cost >= pacer_end(p, (uint32_t)frame))
        frame++;
    return frame > next ? (uint32_t)frame : next;
}

bool pacer_shown(struct pacer *p, uint32_t frame, int64_t now)
{
    bool in_time = now < pacer_end(p, frame);

    p->shown_at = now;
    if (!in_time)
        p->steady = 0;
    else if (p->steady < UINT32_MAX)
        p->steady++;
    return in_time;
}

void pacer_missed(struct pacer *p)
{
    p->steady = 0;
}

void pacer_decoded(struct pacer *p, int64_t cost)
{
    p->cost = p->cost == 0 ? cost : (p->cost * 7 + cost) / 8;
}
