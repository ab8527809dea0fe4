#include "client/intermission.h"

#include "client/backoff.h"
#include "client/client.h"
#include "client/projector.h"
#include "platform/now.h"

#define BUSY_TRIES 8 /* a minute and a half */

void intermission_begin(struct client *c)
{
    struct cinema *k = &c->cinema;

    if (!cinema_busy(k) || k->over)
        return;
    k->away.on = true;
    k->away.tries = 0;
    k->away.again = 0;
    k->stream = 0;
    reel_drop(&k->reel);
    if (k->player == NULL)
        return;
    tuning_rest(&k->tuning, now_ns());
    player_interrupted(k->player);
    report_stream_away(&c->report, player_expected(k->player) - k->first);
}

void intermission_enter(struct client *c)
{
    struct cinema *k = &c->cinema;

    if (!k->away.on || k->over)
        return;
    if (k->player == NULL) {
        k->away.on = false;
        cinema_ask(c, 0);
        return;
    }
    if (c->kiosk.asked) { /* for another than the one that is shown */
        k->away.on = false;
        cinema_ask(c, 0);
        return;
    }
    k->away.from = player_expected(k->player) - k->first;
    cinema_ask(c, k->away.from);
}

bool intermission_busy(struct client *c)
{
    struct cinema *k = &c->cinema;
    struct intermission *away = &k->away;

    if (!away->on || k->player == NULL || kiosk_on(c) || away->tries >= BUSY_TRIES)
        return false;
    if (away->tries == 0)
        report_note(&c->report, "The server is busy: the clip waits for it.");
    k->stream = 0;
    away->again = now_ns() + backoff_wait(away->tries++, &c->random);
    return true;
}

int64_t intermission_due(const struct client *c)
{
    const struct intermission *away = &c->cinema.away;

    return away->on && away->again != 0 ? away->again : INT64_MAX;
}

void intermission_tick(struct client *c, int64_t now)
{
    if (now < intermission_due(c))
        return;
    c->cinema.away.again = 0;
    intermission_enter(c);
}

/* Frames of another film must not follow those of this one. */
static bool same_clip(const struct cinema *k, const struct wire_stream *m)
{
    return m->clip.frames == k->frames && m->clip.fps_num == k->fps_num &&
           m->clip.fps_den == k->fps_den && tuning_fits(&k->tuning, m);
}

void intermission_stream(struct client *c, const struct wire_stream *m)
{
    struct cinema *k = &c->cinema;

    if (!same_clip(k, m)) {
        cinema_broken(c, "the clip was changed while the link was lost");
        return;
    }
    k->away.on = false;
    report_stream_back(&c->report, player_expected(k->player) - k->first);
    if (player_expected(k->player) - k->first != k->away.from)
        projector_seek(c, player_expected(k->player));
    tuning_repeat(c);
    projector_grant(c);
}
