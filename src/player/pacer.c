#include "player/pacer.h"

#include <string.h>

#define SECOND INT64_C(1000000000)

void pacer_init(struct pacer *p, uint32_t fps_num, uint32_t fps_den)
{
    *p = (struct pacer){.parts = {{.fps_num = fps_num, .fps_den = fps_den}}, .count = 1};
    p->steady = UINT32_MAX; /* the link is trusted until it fails */
}

void pacer_append(struct pacer *p, uint32_t frame, uint32_t fps_num, uint32_t fps_den)
{
    const struct pacer_part part = {
        .first = frame, .pts = pacer_pts(p, frame), .fps_num = fps_num, .fps_den = fps_den};

    if (p->count == PACER_PARTS)
        memmove(p->parts, p->parts + 1, --p->count * sizeof *p->parts);
    p->parts[p->count++] = part;
}

/* Whole seconds apart, or hours of a clip would not fit into 64 bits. */
static int64_t part_pts(const struct pacer_part *part, uint32_t frame)
{
    uint64_t units = (uint64_t)(frame - part->first) * part->fps_den;

    return part->pts + (int64_t)(units / part->fps_num) * SECOND +
           (int64_t)(units % part->fps_num * (uint64_t)SECOND / part->fps_num);
}

int64_t pacer_pts(const struct pacer *p, uint32_t frame)
{
    const struct pacer_part *part = &p->parts[p->count - 1];

    while (part > p->parts && frame < part->first)
        part--;
    return frame < part->first ? part->pts : part_pts(part, frame);
}

static uint32_t part_frame(const struct pacer_part *part, int64_t place)
{
    uint64_t seconds = (uint64_t)place / (uint64_t)SECOND,
             rest = (uint64_t)place % (uint64_t)SECOND;
    uint64_t frame =
        (seconds * part->fps_num + rest * part->fps_num / (uint64_t)SECOND) / part->fps_den;

    if (frame >= UINT32_MAX - 1 - part->first)
        return UINT32_MAX - 1;
    frame += part->first;
    /* pts are rounded down, so a frame's own pts may seem to lie in the one before. */
    return (uint32_t)frame + (part->pts + place >= part_pts(part, (uint32_t)frame + 1));
}

uint32_t pacer_frame(const struct pacer *p, int64_t place)
{
    const struct pacer_part *part = &p->parts[p->count - 1];

    while (part > p->parts && place < part->pts)
        part--;
    return place <= part->pts ? part->first : part_frame(part, place - part->pts);
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
    return (uint64_t)p->steady * p->parts[p->count - 1].fps_den >= p->parts[p->count - 1].fps_num;
}

bool pacer_relaxed(const struct pacer *p)
{
    const struct pacer_part *part = &p->parts[p->count - 1];

    return p->started && !p->paused && pacer_steady(p) &&
           2 * pacer_cost(p) < SECOND * part->fps_den / part->fps_num;
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
