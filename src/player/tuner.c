#include "player/tuner.h"

#include <string.h>

#define FRAMES_OF_WAIT 4 /* a slow clip's misses take longer to be three */

void tuner_start(struct tuner *t, const int64_t *pixels, size_t count, uint32_t fps_num,
                 uint32_t fps_den, int64_t now)
{
    *t = (struct tuner){.count = count, .fps_num = fps_num, .fps_den = fps_den};
    for (size_t i = 0; i < count; i++)
        t->steps[i].pixels = pixels[i];
    t->started_at = t->changed_at = t->steady_from = now;
}

void tuner_arrived(struct tuner *t, uint32_t number, size_t rendition, size_t bytes)
{
    struct tuner_step *s = &t->steps[rendition];

    t->bytes += t->begun ? 0 : (int64_t)bytes;
    s->bytes = s->bytes == 0 ? (int64_t)bytes : (s->bytes * 7 + (int64_t)bytes) / 8;
    if (rendition == t->at && !t->seen) {
        t->seen = true;
        t->first = number;
    }
}

void tuner_missed(struct tuner *t, uint32_t number, int64_t now)
{
    if (t->seen && number >= t->first)
        t->missed[t->misses++ % TUNER_MISSES] = now;
}

void tuner_rest(struct tuner *t, int64_t now)
{
    t->filled = t->seen = false;
    t->misses = 0;
    t->steady_from = now;
}

/* Bytes of a frame: what came, else by its pixels from the nearest below, else above. */
static int64_t tuner_bytes(const struct tuner *t, size_t i)
{
    size_t k = i;

    while (k > 0 && t->steps[k].bytes == 0)
        k--;
    while (k + 1 < t->count && t->steps[k].bytes == 0)
        k++;
    if (k == i || t->steps[k].pixels == 0)
        return t->steps[k].bytes;
    return (int64_t)((double)t->steps[k].bytes * (double)t->steps[i].pixels /
                     (double)t->steps[k].pixels);
}

/* Whether the rate is enough for the rendition; unknown is. */
static bool tuner_carries(const struct tuner *t, size_t i, int64_t rate)
{
    return rate == 0 || (double)tuner_bytes(t, i) * t->fps_num / t->fps_den <= (double)rate;
}

static bool tuner_trouble(const struct tuner *t, int64_t ahead_ns, int64_t now)
{
    int64_t window = (int64_t)FRAMES_OF_WAIT * 1000000000 / t->fps_num * t->fps_den;

    if (t->filled && ahead_ns < TUNER_LOW_NS)
        return true;
    if (window < TUNER_MISS_NS)
        window = TUNER_MISS_NS;
    return t->misses >= TUNER_MISSES && now - t->missed[t->misses % TUNER_MISSES] <= window;
}

static bool tuner_go(struct tuner *t, size_t to, int64_t now)
{
    t->risen = to > t->at;
    t->at = to;
    t->changed_at = t->steady_from = now;
    t->seen = false;
    t->misses = 0;
    /* Upwards the buffer stays under watch: it drains before the first frame has come. */
    t->filled = t->filled && t->risen;
    return true;
}

static bool tuner_down(struct tuner *t, int64_t rate, int64_t now)
{
    size_t to = t->at;

    t->steady_from = now;
    t->misses = 0;
    t->begun = true;
    if (to == 0) {
        t->filled = false;
        return false;
    }
    if (t->risen && now - t->changed_at < TUNER_PROBATION_NS)
        t->steps[t->at].failed++;
    do
        to--;
    while (to > 0 && !tuner_carries(t, to, rate));
    return tuner_go(t, to, now);
}

/* The first time that enough is buffered. Small frames on a fast link are there before the credit
 * could measure anything: then how long all of it took tells. */
static bool tuner_jump(struct tuner *t, int64_t rate, int64_t now)
{
    int64_t took = (now - t->started_at) / 1000000 + 1;
    size_t to = t->at;

    if (rate < t->bytes * 1000 / took)
        rate = t->bytes * 1000 / took;
    t->begun = true;
    while (rate > 0 && to + 1 < t->count && tuner_carries(t, to + 1, rate))
        to++;
    return to > t->at && tuner_go(t, to, now);
}

/* How long all must have been well below the rendition before it is tried. */
static int64_t tuner_wait(const struct tuner *t, size_t i)
{
    int64_t wait = TUNER_STEADY_NS;

    for (unsigned n = 1; n < t->steps[i].failed && wait < TUNER_WAIT_NS; n++)
        wait *= 2;
    return wait;
}

static bool tuner_may_rise(const struct tuner *t, int64_t rate, int64_t now)
{
    int64_t steady = now - t->steady_from, wait;

    if (t->at + 1 >= t->count)
        return false;
    wait = tuner_wait(t, t->at + 1);
    if (rate > 0 && tuner_bytes(t, t->at + 1) > rate / 2)
        wait *= TUNER_RELUCTANCE;
    return steady >= wait;
}

bool tuner_look(struct tuner *t, int64_t ahead_ns, int64_t rate, int64_t now)
{
    if (ahead_ns >= TUNER_HIGH_NS)
        t->filled = true;
    if (tuner_trouble(t, ahead_ns, now))
        return tuner_down(t, rate, now);
    if (ahead_ns < TUNER_HIGH_NS)
        t->steady_from = now;
    if (t->risen && now - t->changed_at >= TUNER_PROBATION_NS)
        t->steps[t->at].failed = 0;
    if (!t->begun && t->filled)
        return tuner_jump(t, rate, now);
    return tuner_may_rise(t, rate, now) && tuner_go(t, t->at + 1, now);
}
