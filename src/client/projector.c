#include "client/projector.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "client/client.h"
#include "platform/now.h"

#define EVENTS_A_TURN 64

void projector_grant(struct client *c)
{
    struct cinema *k = &c->cinema;
    struct player_buffered held;
    struct wire_credit m = {.stream = k->stream};
    struct buf out;

    if (k->player == NULL || k->over || k->away.on || k->stream == 0 || c->kiosk.asked)
        return;
    if (c->live.on && k->paused) /* what came meanwhile would be old */
        return;
    buf_init(&out, 1024);
    held = player_buffered(k->player);
    tuning_look(c, &held, now_ns());
    m.bytes = (uint32_t)credit_grant(&k->credit, held.bytes, held.ns, now_ns());
    m.wanted = player_wanted(k->player);
    m.wanted = m.wanted > k->first ? m.wanted - k->first : 0;
    m.wanted = m.wanted < k->frames ? m.wanted : k->frames;
    if (m.bytes > 0) {
        wire_put_credit(&out, &m);
        client_send(c, &out);
    }
    buf_free(&out);
}

void projector_seek(struct client *c, uint32_t frame)
{
    struct cinema *k = &c->cinema;
    struct wire_seek m = {.stream = k->stream, .frame = frame};
    struct buf out;

    if (m.frame >= k->frames)
        m.frame = k->frames - 1;
    reel_drop(&k->reel);
    tuning_rest(&k->tuning, now_ns());
    player_seek(k->player, m.frame);
    if (k->away.on)
        return;
    k->stream = m.as = cinema_number(k);
    buf_init(&out, 1024);
    wire_put_seek(&out, &m);
    client_send(c, &out);
    /* Enough may have been held, and nothing been granted: nothing would come, and so nobody ask. */
    projector_grant(c);
}

/* Once a second of the clip, where there is no picture to look at. */
static void tell_progress(struct client *c, const struct player_event *e, uint32_t frames)
{
    struct cinema *k = &c->cinema;
    uint32_t each = k->fps_num / k->fps_den > 0 ? k->fps_num / k->fps_den : 1;
    struct player_counts n;

    if (!k->blind || c->config->json || c->live.on || (e->number + 1) % each != 0)
        return;
    n = player_counts(k->player);
    report_note(&c->report,
                "frame %" PRIu32 " of %" PRIu32 " (%" PRIu32 "p): %" PRIu64 " shown, %" PRIu64
                " late, %" PRIu64 " dropped, %" PRIu64 " skipped",
                e->number + 1, frames, e->height, n.shown, n.late, n.dropped, n.skipped);
}

/* text: as in PLAYER_EVENT_OPENED. */
static void tell_display(struct client *c, const char *text)
{
    char name[32];

    snprintf(name, sizeof name, "%.*s", (int)strcspn(text, ";"), text);
    if (c->hooks.showing != NULL)
        c->hooks.showing(c->hooks.owner, name);
    c->cinema.shown = true;
}

static void on_frame(struct client *c, struct player_event *e)
{
    uint32_t frames = c->cinema.frames;
    bool last = kiosk_on(c) && kiosk_frame(c, e, &frames);

    if (c->live.on) { /* it has no time of its own */
        e->pts_ns = e->shown_ns = -1;
        e->number = e->outcome == PLAYER_SKIPPED ? e->number : e->source_number;
    }
    report_frame(&c->report, e);
    tuning_outcome(&c->cinema.tuning, e, now_ns());
    tell_progress(c, e, frames);
    if (e->reason != ERR_OK && kiosk_on(c))
        kiosk_damaged(c);
    else if (e->reason != ERR_OK)
        report_error(&c->report, "broken-frame", "a frame of the clip is damaged", 0);
    if (last)
        kiosk_shown(c);
}

static void fail(struct client *c)
{
    if (c->exit_code == CLIENT_EXIT_GOOD)
        c->exit_code = CLIENT_EXIT_FAILED;
    cinema_stop(c, "failed");
    if (kiosk_on(c))
        client_quit(c, CLIENT_EXIT_FAILED);
}

static void on_player_event(struct client *c, struct player_event *e)
{
    struct cinema *k = &c->cinema;

    switch (e->kind) {
    case PLAYER_EVENT_OPENED:
        k->blind = strncmp(e->text, "headless", 8) == 0;
        tell_display(c, e->text);
        report_note(&c->report, "Showing on %s", e->text);
        /* A one-shot prints no notes, but who sees no window must not wait for one. */
        if (c->report.terse && !c->report.json && strchr(e->text, ';') != NULL)
            log_note("showing on %s", e->text);
        return;
    case PLAYER_EVENT_FRAME:
        on_frame(c, e);
        return;
    case PLAYER_EVENT_PAUSED:
        k->paused = e->paused;
        tuning_rest(&k->tuning, now_ns());
        report_note(&c->report, e->paused ? "Paused." : "Going on.");
        return;
    case PLAYER_EVENT_SEEK:
        if (!kiosk_on(c) && !c->live.on)
            projector_seek(c, e->number);
        return;
    case PLAYER_EVENT_STOP:
        cinema_stop(c, "stopped");
        if (kiosk_on(c))
            client_quit(c, CLIENT_EXIT_GOOD);
        return;
    case PLAYER_EVENT_ENDED:
        if (!kiosk_on(c)) /* there the last picture stays until the next clip's first */
            cinema_stop(c, "done");
        return;
    case PLAYER_EVENT_FAILED:
        report_error(&c->report, "display", e->text, 0);
        fail(c);
        return;
    }
}

static void on_player(struct loop_watch *w, bool readable, bool writable)
{
    struct client *c = w->owner;
    struct player_event e;

    (void)readable;
    (void)writable;
    /* What is left has the loop come back at once: one message can skip millions of frames. */
    for (unsigned i = 0; i < EVENTS_A_TURN; i++) {
        if (c->cinema.over || !player_next(c->cinema.player, &e))
            break;
        on_player_event(c, &e);
    }
    projector_grant(c);
}

static void note_clip(struct cinema *k, const struct wire_stream *m)
{
    k->frames = m->clip.frames;
    k->fps_num = m->clip.fps_num;
    k->fps_den = m->clip.fps_den;
}

enum err projector_append(struct client *c, const struct wire_stream *m)
{
    struct cinema *k = &c->cinema;
    enum err e = player_append(k->player, m->clip.fps_num, m->clip.fps_den, m->clip.frames);

    if (e != ERR_OK)
        return e;
    k->first += k->frames;
    note_clip(k, m);
    return ERR_OK;
}

enum err projector_open(struct client *c, const struct wire_stream *m)
{
    struct cinema *k = &c->cinema;
    struct buf title;
    struct player_options options = {
        .display = c->config->display,
        .fps_num = m->clip.fps_num,
        .fps_den = m->clip.fps_den,
        .frames = m->clip.frames,
        .digest = c->config->json,
        .panes = c->config->panes,
        .seize = kiosk_on(c),
        .live = c->live.on,
    };
    enum err e;

    buf_init(&title, 1024);
    text_clean(&title, m->clip.title.data, m->clip.title.len, false);
    options.title = buf_text(&title);
    e = player_open(&options, &k->player);
    buf_free(&title);
    if (e != ERR_OK)
        return e;
    k->first = 0;
    note_clip(k, m);
    k->paused = false;
    k->watch = (struct loop_watch){.fd = -1, .ready = on_player, .owner = c};
    if (!loop_add(c->loop, &k->watch, player_fd(k->player)))
        return ERR_LIMIT;
    loop_want(c->loop, &k->watch, true, false);
    return ERR_OK;
}

void projector_close(struct client *c)
{
    struct cinema *k = &c->cinema;

    if (k->player != NULL)
        loop_remove(c->loop, &k->watch);
    player_close(k->player);
    k->player = NULL;
    if (k->shown && c->hooks.showing != NULL)
        c->hooks.showing(c->hooks.owner, NULL);
    k->shown = false;
}
