#include "client/tuning.h"

#include <string.h>

#include "client/client.h"

static int64_t count_pixels(const struct wire_stream *m, size_t i)
{
    return (int64_t)m->widths[i] * m->real_heights[i];
}

bool tuning_fits(const struct tuning *t, const struct wire_stream *m)
{
    bool fits = m->clip.count == t->tuner.count;

    for (size_t i = 0; fits && i < t->tuner.count; i++)
        fits =
            m->clip.heights[i] == t->heights[i] && count_pixels(m, i) == t->tuner.steps[i].pixels;
    return fits;
}

void tuning_start(struct tuning *t, const struct wire_stream *m, int64_t now)
{
    int64_t pixels[LIMIT_RENDITIONS];

    *t = (struct tuning){.on = m->schedule.len == 4 && memcmp(m->schedule.data, "auto", 4) == 0};
    for (size_t i = 0; i < m->clip.count; i++) {
        t->heights[i] = m->clip.heights[i];
        pixels[i] = count_pixels(m, i);
    }
    tuner_start(&t->tuner, pixels, m->clip.count, m->clip.fps_num, m->clip.fps_den, now);
}

void tuning_arrived(struct tuning *t, const struct player_frame *frame)
{
    for (size_t i = 0; t->on && i < t->tuner.count; i++) {
        if (t->heights[i] == frame->height)
            tuner_arrived(&t->tuner, frame->number, i, frame->length);
    }
}

/* A damaged frame says nothing of the link. */
void tuning_outcome(struct tuning *t, const struct player_event *e, int64_t now)
{
    if (t->on && e->outcome != PLAYER_SHOWN && e->reason == ERR_OK)
        tuner_missed(&t->tuner, e->number, now);
}

void tuning_rest(struct tuning *t, int64_t now)
{
    if (t->on)
        tuner_rest(&t->tuner, now);
}

static void ask_rendition(struct client *c)
{
    const struct tuning *t = &c->cinema.tuning;
    struct wire_rendition m = {.stream = c->cinema.stream, .height = t->heights[t->tuner.at]};
    struct buf out;

    buf_init(&out, 1024);
    wire_put_rendition(&out, &m);
    client_send(c, &out);
}

void tuning_repeat(struct client *c)
{
    if (c->cinema.tuning.on && c->cinema.tuning.tuner.at != 0)
        ask_rendition(c);
}

void tuning_look(struct client *c, const struct player_buffered *held, int64_t now)
{
    struct cinema *k = &c->cinema;
    struct tuning *t = &k->tuning;
    size_t before = t->tuner.at;

    if (!t->on || k->paused || player_expected(k->player) == k->frames ||
        !tuner_look(&t->tuner, held->ns, k->credit.rate, now))
        return;
    ask_rendition(c);
    report_rendition(&c->report, t->heights[before], t->heights[t->tuner.at]);
}
