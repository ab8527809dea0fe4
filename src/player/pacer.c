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

uint32_t pacer_frame(const struct pacer *p, int64_t place)
{
    uint64_t seconds, rest, frame;

    if (place <= 0)
        return 0;
    seconds = (uint64_t)place / (uint64_t)SECOND;
    rest = (uint64_t)place % (uint64_t)SECOND;
    frame = (seconds * p->fps_num + rest * p->fps_num / (uint64_t)SECOND) / p->fps_den;
    if (frame >= UINT32_MAX - 1)
        return UINT32_MAX - 1;
    /* pts are rounded down, so a frame's own pts may seem to lie in the one before. */
    return (uint32_t)frame + (place >= pacer_pts(p, (uint32_t)frame + 1));
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

static int64_t pacer_cost(const struct pacer *p)
{
    return p->decoding + p->drawing;
}

int64_t pacer_gap_end(const struct pacer *p)
{
    return p->shown_at + PACER_GAP_NS - pacer_cost(p);
}

enum pacer_verdict pacer_judge(const struct pacer *p, uint32_t frame, bool newest, int64_t now)
{
    if (!p->started || p->paused || now + pacer_cost(p) < pacer_end(p, frame))
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
    uint32_t frame;

    if (!p->started || p->paused || pacer_steady(p))
        return next;
    frame = pacer_frame(p, now + pacer_cost(p) - p->base);
    return frame > next ? frame : next;
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

/* From nothing, and by parts: the first frame finds everything cold and says little. */
static int64_t pacer_smooth(int64_t before, int64_t cost)
{
    return cost > before ? (before * 3 + cost) / 4 : (before * 7 + cost) / 8;
}

void pacer_decoded(struct pacer *p, int64_t cost)
{
    p->decoding = pacer_smooth(p->decoding, cost);
}

void pacer_drew(struct pacer *p, int64_t cost)
{
    p->drawing = pacer_smooth(p->drawing, cost);
}
