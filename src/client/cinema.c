#include "client/cinema.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "client/client.h"
#include "platform/now.h"
#include "video/schedule.h"
#include "wire/video.h"

static uint32_t new_stream(struct cinema *k)
{
    k->last_stream = k->last_stream == UINT32_MAX ? 1 : k->last_stream + 1;
    return k->last_stream;
}

static struct buf message(void)
{
    struct buf b;

    buf_init(&b, 1024);
    return b;
}

static void not_played(struct client *c, const char *why)
{
    report_error(&c->report, "not-played", why, 0);
    if (c->exit_code == CLIENT_EXIT_GOOD)
        c->exit_code = CLIENT_EXIT_FAILED;
}

void cinema_play(struct client *c, const char *clip, const char *schedule)
{
    struct cinema *k = &c->cinema;
    struct wire_play m = {
        .clip = {(const uint8_t *)clip, strlen(clip)},
        .schedule = {(const uint8_t *)schedule, strlen(schedule)},
    };
    struct buf out;

    if (m.clip.len > LIMIT_CLIP || m.schedule.len >= SCHEDULE_TEXT) {
        not_played(c, m.clip.len > LIMIT_CLIP
                          ? "no such clip"
                          : "no such schedule (thirds, alternate, auto or a height)");
        return;
    }
    out = message();
    /* What was over already, in this very turn, must also go before its place is taken. */
    cinema_stop(c, "stopped");
    cinema_reap(c);
    credit_start(&k->credit, now_ns());
    k->stream = m.stream = new_stream(k);
    m.credit = (uint32_t)credit_grant(&k->credit, 0, 0, now_ns());
    wire_put_play(&out, &m);
    client_send(c, &out);
}

/* Tells the server to send no more; the player is closed after the turn. */
static void finish(struct client *c, const char *reason)
{
    struct buf out = message();

    wire_put_stop(&out, c->cinema.stream);
    client_send(c, &out);
    c->cinema.over = true;
    c->cinema.reason = reason;
}

bool cinema_stop(struct client *c, const char *reason)
{
    if (!cinema_busy(&c->cinema) || c->cinema.over)
        return false;
    finish(c, reason);
    return true;
}

bool cinema_busy(const struct cinema *k)
{
    return k->stream != 0;
}

bool cinema_pause(struct client *c)
{
    struct cinema *k = &c->cinema;

    if (k->player == NULL || k->over)
        return false;
    k->paused = !k->paused;
    tuning_rest(&k->tuning, now_ns());
    player_pause(k->player, k->paused);
    return true;
}

static void grant(struct client *c)
{
    struct cinema *k = &c->cinema;
    struct player_buffered held;
    struct wire_credit m = {.stream = k->stream};
    struct buf out = message();

    if (k->player == NULL || k->over)
        return;
    held = player_buffered(k->player);
    tuning_look(c, &held, now_ns());
    m.bytes = (uint32_t)credit_grant(&k->credit, held.bytes, held.ns, now_ns());
    m.wanted = player_wanted(k->player);
    if (m.bytes > 0) {
        wire_put_credit(&out, &m);
        client_send(c, &out);
    }
    buf_free(&out);
}

/* The server goes on from that frame under a new number, so what still comes of the old one is
 * told apart. */
static void seek_frame(struct client *c, uint32_t frame)
{
    struct cinema *k = &c->cinema;
    struct wire_seek m = {.stream = k->stream, .frame = frame};
    struct buf out = message();

    if (m.frame >= k->frames)
        m.frame = k->frames - 1;
    k->stream = m.as = new_stream(k);
    reel_drop(&k->reel);
    tuning_rest(&k->tuning, now_ns());
    player_seek(k->player, m.frame);
    wire_put_seek(&out, &m);
    client_send(c, &out);
    /* Enough may have been held, and nothing been granted: nothing would come, and so nobody ask. */
    grant(c);
}

bool cinema_seek(struct client *c, uint32_t seconds)
{
    struct cinema *k = &c->cinema;
    uint64_t frame;

    if (k->player == NULL || k->over)
        return false;
    frame = (uint64_t)seconds * k->fps_num / k->fps_den;
    seek_frame(c, frame < k->frames ? (uint32_t)frame : k->frames - 1);
    return true;
}

/* Once a second of the clip, where there is no picture to look at. */
static void tell_progress(struct client *c, const struct player_event *e)
{
    struct cinema *k = &c->cinema;
    uint32_t each = k->fps_num / k->fps_den > 0 ? k->fps_num / k->fps_den : 1;
    struct player_counts n;

    if (!k->blind || c->config->json || (e->number + 1) % each != 0)
        return;
    n = player_counts(k->player);
    report_note(&c->report,
                "frame %" PRIu32 " of %" PRIu32 " (%" PRIu32 "p): %" PRIu64 " shown, %" PRIu64
                " late, %" PRIu64 " dropped, %" PRIu64 " skipped",
                e->number + 1, k->frames, e->height, n.shown, n.late, n.dropped, n.skipped);
}

static void on_player_event(struct client *c, const struct player_event *e)
{
    struct cinema *k = &c->cinema;

    switch (e->kind) {
    case PLAYER_EVENT_OPENED:
        k->blind = strncmp(e->text, "headless", 8) == 0;
        report_note(&c->report, "Showing on %s", e->text);
        /* A one-shot prints no notes, but who sees no window must not wait for one. */
        if (c->report.terse && !c->report.json && strchr(e->text, ';') != NULL)
            log_note("showing on %s", e->text);
        return;
    case PLAYER_EVENT_FRAME:
        report_frame(&c->report, e);
        tuning_outcome(&k->tuning, e, now_ns());
        tell_progress(c, e);
        if (e->reason != ERR_OK)
            report_error(&c->report, "broken-frame", "a frame of the clip is damaged", 0);
        return;
    case PLAYER_EVENT_PAUSED:
        k->paused = e->paused;
        tuning_rest(&k->tuning, now_ns());
        report_note(&c->report, e->paused ? "Paused." : "Going on.");
        return;
    case PLAYER_EVENT_SEEK:
        seek_frame(c, e->number);
        return;
    case PLAYER_EVENT_STOP:
        cinema_stop(c, "stopped");
        return;
    case PLAYER_EVENT_ENDED:
        cinema_stop(c, "done");
        return;
    case PLAYER_EVENT_FAILED:
        report_error(&c->report, "display", e->text, 0);
        if (c->exit_code == CLIENT_EXIT_GOOD)
            c->exit_code = CLIENT_EXIT_FAILED;
        cinema_stop(c, "failed");
        return;
    }
}

static void on_player(struct loop_watch *w, bool readable, bool writable)
{
    struct client *c = w->owner;
    struct player_event e;

    (void)readable;
    (void)writable;
    while (!c->cinema.over && player_next(c->cinema.player, &e))
        on_player_event(c, &e);
    grant(c);
}

static enum err open_player(struct client *c, const struct wire_stream *m)
{
    struct cinema *k = &c->cinema;
    struct buf title;
    struct player_options options = {
        .display = c->config->display,
        .fps_num = m->clip.fps_num,
        .fps_den = m->clip.fps_den,
        .frames = m->clip.frames,
        .digest = c->config->json,
    };
    enum err e;

    buf_init(&title, 1024);
    text_clean(&title, m->clip.title.data, m->clip.title.len, false);
    options.title = buf_text(&title);
    e = player_open(&options, &k->player);
    buf_free(&title);
    if (e != ERR_OK)
        return e;
    k->frames = m->clip.frames;
    k->fps_num = m->clip.fps_num;
    k->fps_den = m->clip.fps_den;
    k->paused = false;
    k->watch = (struct loop_watch){.fd = -1, .ready = on_player, .owner = c};
    if (!loop_add(c->loop, &k->watch, player_fd(k->player)))
        return ERR_LIMIT;
    loop_want(c->loop, &k->watch, true, false);
    return ERR_OK;
}

enum err cinema_stream(struct client *c, struct span payload)
{
    struct cinema *k = &c->cinema;
    struct wire_stream m;
    enum err e = wire_get_stream(payload, &m);

    if (e != ERR_OK)
        return e;
    if (m.stream != k->stream || k->over)
        return ERR_OK;
    if (k->player != NULL)
        return ERR_STATE;
    if (m.clip.frames == 0 || m.clip.count == 0)
        return ERR_FORMAT;
    report_stream(&c->report, &m);
    tuning_start(&k->tuning, &m, now_ns());
    e = open_player(c, &m);
    if (e != ERR_OK) {
        report_error(&c->report, "display", err_text(e), 0);
        cinema_stop(c, "failed");
    }
    return ERR_OK;
}

/* A frame that the player did not ask for is the server's mistake. */
static enum err add_piece(struct cinema *k, const struct wire_frame *m)
{
    struct player_frame whole;
    enum err e = reel_add(&k->reel, m, &whole);

    if (e != ERR_OK || whole.jpeg == NULL)
        return e;
    tuning_arrived(&k->tuning, &whole);
    e = player_give(k->player, &whole);
    return e == ERR_STATE ? ERR_FORMAT : e;
}

enum err cinema_frame(struct client *c, struct span payload)
{
    struct cinema *k = &c->cinema;
    struct wire_frame m;
    enum err e = wire_get_frame(payload, &m);

    if (e != ERR_OK)
        return e;
    if (cinema_busy(k))
        credit_received(&k->credit, m.data.len, now_ns());
    if (m.stream == k->stream && k->player != NULL && !k->over && m.track == 0)
        e = add_piece(k, &m);
    /* Also for what is not wanted: a leftover from before a seek may have used up all credit. */
    grant(c);
    return e;
}

enum err cinema_skipped(struct client *c, struct span payload)
{
    struct cinema *k = &c->cinema;
    uint32_t stream, first, count;
    enum err e = wire_get_skipped(payload, &stream, &first, &count);

    if (e != ERR_OK || stream != k->stream || k->player == NULL || k->over)
        return e;
    if (!reel_empty(&k->reel) || player_skipped(k->player, first, count) != ERR_OK)
        return ERR_FORMAT;
    return ERR_OK;
}

enum err cinema_end(struct client *c, struct span payload)
{
    struct cinema *k = &c->cinema;
    struct wire_stream_end m;
    struct buf text;
    enum err e = wire_get_stream_end(payload, &m);

    if (e != ERR_OK || m.stream != k->stream || k->player == NULL || k->over)
        return e;
    /* The last frame came; the player tells when it was shown. */
    if (m.reason == END_DONE)
        return player_expected(k->player) == k->frames ? ERR_OK : ERR_FORMAT;
    buf_init(&text, 1024);
    text_clean(&text, m.text.data, m.text.len, false);
    report_error(&c->report, "broken-clip", buf_text(&text), 0);
    buf_free(&text);
    if (c->exit_code == CLIENT_EXIT_GOOD)
        c->exit_code = CLIENT_EXIT_FAILED;
    cinema_stop(c, "broken");
    return ERR_OK;
}

bool cinema_refused(struct client *c, uint64_t about, struct span why)
{
    struct cinema *k = &c->cinema;
    struct buf text;

    if (k->stream == 0 || about != k->stream || k->player != NULL)
        return false;
    buf_init(&text, 1024);
    text_clean(&text, why.data, why.len, false);
    not_played(c, buf_text(&text));
    buf_free(&text);
    k->stream = 0;
    k->over = false;
    return true;
}

void cinema_lost(struct client *c)
{
    cinema_stop(c, "stopped");
}

void cinema_close(struct client *c)
{
    struct cinema *k = &c->cinema;

    if (k->player != NULL)
        loop_remove(c->loop, &k->watch);
    player_close(k->player);
    k->player = NULL;
    reel_drop(&k->reel);
    k->stream = 0;
    k->over = false;
}

void cinema_reap(struct client *c)
{
    struct cinema *k = &c->cinema;
    struct player_counts counts = {0};

    if (!k->over)
        return;
    if (k->player != NULL)
        counts = player_counts(k->player);
    cinema_close(c);
    report_stream_end(&c->report, k->reason, &counts);
}
