#include "client/cinema.h"

#include <string.h>

#include "base/text.h"
#include "client/client.h"
#include "client/projector.h"
#include "platform/now.h"
#include "video/schedule.h"
#include "wire/video.h"

uint32_t cinema_number(struct cinema *k)
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
    struct intermission *away = &c->cinema.away;
    size_t clip_len = strlen(clip), schedule_len = strlen(schedule);

    if (clip_len > LIMIT_CLIP || schedule_len >= SCHEDULE_TEXT) {
        not_played(c, clip_len > LIMIT_CLIP
                          ? "no such clip"
                          : "no such schedule (thirds, alternate, auto or a height)");
        return;
    }
    /* What was over already, in this very turn, must also go before its place is taken. */
    cinema_stop(c, "stopped");
    cinema_reap(c);
    memcpy(away->clip, clip, clip_len + 1);
    memcpy(away->schedule, schedule, schedule_len + 1);
    cinema_ask(c, 0);
}

void cinema_ask(struct client *c, uint32_t start)
{
    struct cinema *k = &c->cinema;
    const char *clip = k->away.clip, *schedule = k->away.schedule;
    struct wire_play m = {
        .stream = cinema_number(k),
        .clip = {(const uint8_t *)clip, strlen(clip)},
        .schedule = {(const uint8_t *)schedule, strlen(schedule)},
        .start = start,
    };
    struct buf out = message();

    k->stream = m.stream;
    credit_start(&k->credit, now_ns());
    if (k->player == NULL)
        m.credit = (uint32_t)credit_grant(&k->credit, 0, 0, now_ns());
    wire_put_play(&out, &m);
    client_send(c, &out);
}

static void tell_stop(struct client *c)
{
    struct buf out = message();

    if (c->cinema.stream != 0) {
        wire_put_stop(&out, c->cinema.stream);
        client_send(c, &out);
    }
    buf_free(&out);
}

/* Tells the server to send no more; the player is closed after the turn. */
static void finish(struct client *c, const char *reason)
{
    tell_stop(c);
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

void cinema_finished(struct client *c, const char *reason)
{
    c->cinema.stream = 0;
    c->cinema.away.on = false;
    finish(c, reason);
}

bool cinema_busy(const struct cinema *k)
{
    return k->stream != 0 || k->away.on;
}

bool cinema_pause(struct client *c)
{
    struct cinema *k = &c->cinema;

    if (k->player == NULL || k->over)
        return false;
    k->paused = !k->paused;
    tuning_rest(&k->tuning, now_ns());
    player_pause(k->player, k->paused);
    projector_grant(c); /* of a cast nothing was, meanwhile */
    return true;
}

void cinema_key(struct client *c, enum display_key key)
{
    if (c->cinema.player != NULL && !c->cinema.over)
        player_key(c->cinema.player, key);
}

void cinema_text(struct client *c, const struct player_text *text)
{
    if (c->cinema.player != NULL)
        player_text(c->cinema.player, text);
}

bool cinema_seek(struct client *c, uint32_t seconds)
{
    struct cinema *k = &c->cinema;
    uint64_t frame;

    if (k->player == NULL || k->over || kiosk_on(c) || c->live.on)
        return false;
    frame = (uint64_t)seconds * k->fps_num / k->fps_den;
    projector_seek(c, frame < k->frames ? (uint32_t)frame : k->frames - 1);
    return true;
}

enum err cinema_stream(struct client *c, struct span payload)
{
    struct cinema *k = &c->cinema;
    struct wire_stream m;
    enum err e = wire_get_stream(payload, &m);

    if (e != ERR_OK)
        return e;
    if (k->stream == 0 || m.stream != k->stream || k->over)
        return ERR_OK;
    if (c->live.on) {
        cinema_broken(c, "a clip has that name now");
        return ERR_OK;
    }
    if (m.clip.frames == 0 || m.clip.count == 0)
        return ERR_FORMAT;
    if (k->away.on) {
        intermission_stream(c, &m);
        return ERR_OK;
    }
    if (k->player != NULL && !c->kiosk.asked)
        return ERR_STATE;
    report_stream(&c->report, &m);
    tuning_start(&k->tuning, &m, now_ns());
    e = k->player == NULL ? projector_open(c, &m) : projector_append(c, &m);
    if (e != ERR_OK) {
        report_error(&c->report, "display", err_text(e), 0);
        cinema_stop(c, "failed");
    } else if (kiosk_on(c)) {
        kiosk_stream(c, k->first, k->frames);
    }
    projector_grant(c);
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
    whole.number += k->first;
    e = player_give(k->player, &whole);
    return e == ERR_STATE ? ERR_FORMAT : e;
}

/* Of a cast SHOTs come, and nothing of a film's. */
static bool of_cast(const struct client *c, uint32_t stream)
{
    return c->live.on && stream == c->cinema.stream;
}

enum err cinema_frame(struct client *c, struct span payload)
{
    struct cinema *k = &c->cinema;
    struct wire_frame m;
    enum err e = wire_get_frame(payload, &m);

    if (e != ERR_OK)
        return e;
    if (of_cast(c, m.stream))
        return ERR_STATE;
    if (cinema_busy(k))
        credit_received(&k->credit, m.data.len, now_ns());
    if (m.stream == k->stream && k->player != NULL && !k->over && m.track == 0)
        e = add_piece(k, &m);
    /* Also for what is not wanted: a leftover from before a seek may have used up all credit. */
    projector_grant(c);
    return e;
}

enum err cinema_skipped(struct client *c, struct span payload)
{
    struct cinema *k = &c->cinema;
    uint32_t stream, first, count;
    enum err e = wire_get_skipped(payload, &stream, &first, &count);

    if (e == ERR_OK && of_cast(c, stream))
        return ERR_STATE;
    if (e != ERR_OK || stream != k->stream || k->player == NULL || k->over)
        return e;
    if (!reel_empty(&k->reel) || player_skipped(k->player, k->first + first, count) != ERR_OK)
        return ERR_FORMAT;
    return ERR_OK;
}

void cinema_broken(struct client *c, const char *why)
{
    if (kiosk_on(c)) {
        tell_stop(c);
        kiosk_failed(c, why);
        return;
    }
    report_error(&c->report, "broken-clip", why, 0);
    if (c->exit_code == CLIENT_EXIT_GOOD)
        c->exit_code = CLIENT_EXIT_FAILED;
    cinema_stop(c, "broken");
}

enum err cinema_end(struct client *c, struct span payload)
{
    struct cinema *k = &c->cinema;
    struct wire_stream_end m;
    struct buf text;
    enum err e = wire_get_stream_end(payload, &m);

    if (e == ERR_OK && m.stream == k->stream && c->live.on && !k->over) {
        live_end(c, &m);
        return ERR_OK;
    }
    if (e != ERR_OK || m.stream != k->stream || k->player == NULL || k->over)
        return e;
    /* The last frame came; the player tells when it was shown. */
    if (m.reason == END_DONE) {
        if (player_expected(k->player) != k->first + k->frames)
            return ERR_FORMAT;
        if (kiosk_on(c)) {
            tell_stop(c); /* until then it is one of those that we may have open */
            kiosk_sent(c);
        }
        return ERR_OK;
    }
    buf_init(&text, 1024);
    text_clean(&text, m.text.data, m.text.len, false);
    cinema_broken(c, buf_text(&text));
    buf_free(&text);
    return ERR_OK;
}

bool cinema_refused(struct client *c, uint64_t about, uint16_t code, struct span why)
{
    struct cinema *k = &c->cinema;
    struct buf text;

    if (k->stream == 0 || about != k->stream ||
        (k->player != NULL && !k->away.on && !c->kiosk.asked))
        return false;
    if (code == CODE_FULL && intermission_busy(c))
        return true;
    k->stream = 0;
    if (live_refused(c))
        return true;
    buf_init(&text, 1024);
    text_clean(&text, why.data, why.len, false);
    if (kiosk_on(c)) {
        k->away.on = false;
        kiosk_failed(c, buf_text(&text));
    } else if (k->player == NULL) {
        not_played(c, buf_text(&text));
        k->over = false;
    } else {
        cinema_broken(c, buf_text(&text));
    }
    buf_free(&text);
    return true;
}

void cinema_close(struct client *c)
{
    struct cinema *k = &c->cinema;

    projector_close(c);
    reel_drop(&k->reel);
    live_close(c);
    k->stream = 0;
    k->away.on = k->over = false;
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
