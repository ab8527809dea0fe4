#include "client/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/text.h"
#include "client/json.h"
#include "crypto/fingerprint.h"

/* A directory of the largest room. */
#define LIMIT_REPORT (16 * 1024 * 1024)

static struct buf begin(void)
{
    struct buf b;

    buf_init(&b, LIMIT_REPORT);
    return b;
}

static void send(const struct report *r, struct buf *b)
{
    if (!b->failed)
        r->print(r->owner, (const char *)b->data, b->len);
    buf_free(b);
}

/* Not for people who asked for one thing. */
static bool unasked(const struct report *r)
{
    return r->terse && !r->json;
}

static struct buf begin_event(const struct report *r, const char *event)
{
    struct buf b = begin();

    if (r->json)
        json_begin(&b, event);
    return b;
}

static void send_event(const struct report *r, struct buf *b)
{
    if (r->json)
        json_end(b);
    send(r, b);
}

static void json_fingerprint(struct buf *b, const char *key, const uint8_t *fingerprint)
{
    char text[FINGERPRINT_TEXT];

    fingerprint_text(text, fingerprint);
    json_text(b, key, text);
}

static void add_clock(struct buf *b, uint64_t time_ms)
{
    time_t t = (time_t)(time_ms / 1000);
    struct tm tm;

    if (localtime_r(&t, &tm) != NULL)
        buf_printf(b, "%02d:%02d ", tm.tm_hour, tm.tm_min);
}

void report_ready(const struct report *r, const struct report_room *room)
{
    struct buf b = begin_event(r, "ready");
    char text[FINGERPRINT_TEXT];
    if (unasked(r))
        return;

    if (r->json) {
        json_text(&b, "name", room->name);
        json_fingerprint(&b, "fingerprint", room->key->fingerprint);
        json_bytes(&b, "room", room->room.data, room->room.len);
        json_fingerprint(&b, "server_fingerprint", room->server);
        json_text(&b, "address", room->place);
    } else {
        fingerprint_text(text, room->key->fingerprint);
        buf_add_text(&b, "* You are in \"");
        text_clean(&b, room->room.data, room->room.len, false);
        buf_printf(&b, "\" at %s as %s. /help shows the commands.\n", room->place, room->name);
        buf_printf(&b, "* Keys, to compare with what others see:\n*  you  %s\n", text);
        fingerprint_text(text, room->server);
        buf_printf(&b, "*  room %s\n", text);
    }
    send_event(r, &b);
}

static void directory_json(struct buf *b, const struct members *m)
{
    json_list(b, "members");
    for (size_t i = 0; i < m->count; i++) {
        json_item(b, i == 0);
        json_text(b, "name", m->list[i]->name);
        json_fingerprint(b, "fingerprint", m->list[i]->key.fingerprint);
        json_bool(b, "ephemeral", m->list[i]->ephemeral);
        json_item_end(b);
    }
    json_list_end(b);
}

static void directory_lines(struct buf *b, const struct members *m)
{
    char text[FINGERPRINT_TEXT];

    for (size_t i = 0; i < m->count; i++) {
        fingerprint_text(text, m->list[i]->key.fingerprint);
        buf_printf(b, "%-32s %s\n", m->list[i]->name, text);
    }
}

void report_directory(const struct report *r, uint64_t n, const struct members *m)
{
    struct buf b = begin_event(r, "directory");

    if (unasked(r) && !r->who)
        return;
    if (r->json) {
        json_number(&b, "n", n);
        directory_json(&b, m);
    } else if (r->terse) {
        directory_lines(&b, m);
    } else {
        buf_printf(&b, "* Here (%zu): ", m->count);
        for (size_t i = 0; i < m->count; i++)
            buf_printf(&b, "%s%s", i == 0 ? "" : ", ", m->list[i]->name);
        buf_add_text(&b, "\n");
    }
    send_event(r, &b);
}

static void presence(const struct report *r, const char *event, const struct member *m,
                     const char *sentence)
{
    struct buf b = begin_event(r, event);
    if (unasked(r))
        return;

    if (r->json) {
        json_text(&b, "name", m->name);
        json_fingerprint(&b, "fingerprint", m->key.fingerprint);
        json_bool(&b, "ephemeral", m->ephemeral);
    } else {
        buf_printf(&b, "* %s %s\n", m->name, sentence);
    }
    send_event(r, &b);
}

void report_joined(const struct report *r, const struct member *m)
{
    presence(r, "joined", m, "joined");
}

void report_left(const struct report *r, const struct member *m, uint8_t reason)
{
    presence(r, "left", m, reason == LEFT_QUIT ? "left" : "is gone");
}

void report_key(const struct report *r, const char *name, const struct public_key *key)
{
    struct buf b = begin_event(r, "key"), pem = begin();
    char text[FINGERPRINT_TEXT];

    public_key_to_pem(key, &pem);
    fingerprint_text(text, key->fingerprint);
    if (r->json) {
        json_text(&b, "name", name);
        json_text(&b, "fingerprint", text);
        json_bytes(&b, "pem", pem.data, pem.len);
    } else {
        buf_printf(&b, "* %s's key, %s\n", name, text);
        buf_add(&b, pem.data, pem.len);
    }
    buf_free(&pem);
    send_event(r, &b);
}

/* Text of several lines stays in one block: further lines are indented. */
static void add_lines(struct buf *b, struct span text)
{
    struct buf clean = begin();

    text_clean(&clean, text.data, text.len, true);
    for (size_t i = 0; i < clean.len; i++) {
        if (clean.data[i] != '\n')
            buf_add8(b, clean.data[i]);
        else if (i + 1 < clean.len)
            buf_add_text(b, "\n      ");
    }
    buf_free(&clean);
    buf_add8(b, '\n');
}

void report_message(const struct report *r, const struct report_message *m)
{
    static const char *const marks[] = {" (new key)", "", " (checked)", " (CHANGED KEY)"};
    struct buf b = begin_event(r, "message");
    if (unasked(r))
        return;

    if (r->json) {
        json_text(&b, "from", m->from);
        json_bytes(&b, "text", m->text.data, m->text.len);
        json_id(&b, "id", m->id);
        json_number(&b, "number", m->number);
        json_number(&b, "time", m->time_ms);
        json_bool(&b, "verified", true);
        json_text(&b, "trust", contacts_trust_text(m->trust));
        json_text(&b, "to", m->to_all ? "all" : "one");
    } else {
        add_clock(&b, m->time_ms);
        buf_printf(&b, "%s%s%s: ", m->from, m->to_all ? " to all" : "", marks[m->trust]);
        add_lines(&b, m->text);
    }
    send_event(r, &b);
}

void report_sealed(const struct report *r, const char *from, uint64_t number, struct span envelope)
{
    struct buf b = begin_event(r, "sealed");
    if (unasked(r))
        return;

    if (r->json) {
        json_text(&b, "from", from);
        json_number(&b, "number", number);
        json_base64(&b, "base64", envelope.data, envelope.len);
    } else {
        buf_printf(&b, "~ #%llu from %s, not for you, can't be opened:\n",
                   (unsigned long long)number, from);
        text_base64(&b, envelope.data, envelope.len);
        buf_add8(&b, '\n');
    }
    send_event(r, &b);
}

void report_sent(const struct report *r, const char *to, uint64_t id, uint64_t number,
                 struct span text)
{
    struct buf b = begin_event(r, "sent");

    if (unasked(r))
        return;
    if (r->json) {
        json_text(&b, "to", to);
        json_id(&b, "id", id);
        json_number(&b, "number", number);
    } else {
        buf_printf(&b, "> to %s: ", to);
        add_lines(&b, text);
    }
    send_event(r, &b);
}

static void fps_json(struct buf *b, uint32_t num, uint32_t den)
{
    uint64_t micro = (uint64_t)num * 1000000 / den;

    buf_printf(b, ",\"fps\":%llu.%06llu,\"fps_num\":%u,\"fps_den\":%u",
               (unsigned long long)(micro / 1000000), (unsigned long long)(micro % 1000000), num,
               den);
}

static void clip_json(struct buf *b, const char *key, const struct wire_clip *m)
{
    json_bytes(b, key, m->name.data, m->name.len);
    json_bytes(b, "title", m->title.data, m->title.len);
    fps_json(b, m->fps_num, m->fps_den);
    json_number(b, "frames", m->frames);
    json_list(b, "heights");
    for (size_t i = 0; i < m->count; i++)
        buf_printf(b, "%s%u", i == 0 ? "" : ",", m->heights[i]);
    json_list_end(b);
}

static void add_fps(struct buf *b, uint32_t num, uint32_t den)
{
    uint64_t milli = ((uint64_t)num * 1000 + den / 2) / den;

    if (milli % 1000 == 0)
        buf_printf(b, "%llu fps", (unsigned long long)(milli / 1000));
    else
        buf_printf(b, "%llu.%03llu fps", (unsigned long long)(milli / 1000),
                   (unsigned long long)(milli % 1000));
}

static void clip_text(struct buf *b, const struct wire_clip *m)
{
    uint64_t seconds = (uint64_t)m->frames * m->fps_den / m->fps_num;

    text_clean(b, m->name.data, m->name.len, false);
    buf_printf(b, "  %llu:%02llu  ", (unsigned long long)(seconds / 60),
               (unsigned long long)(seconds % 60));
    add_fps(b, m->fps_num, m->fps_den);
    buf_printf(b, "  %u frames ", m->frames);
    for (size_t i = 0; i < m->count; i++)
        buf_printf(b, " %up", m->heights[i]);
    buf_add_text(b, "  ");
    text_clean(b, m->title.data, m->title.len, false);
    buf_add8(b, '\n');
}

void report_videos_begin(const struct report *r, struct report_videos *v)
{
    v->out = begin_event(r, "videos");
    v->count = 0;
    if (r->json)
        json_list(&v->out, "clips");
}

void report_videos_add(const struct report *r, struct report_videos *v, const struct wire_clip *m)
{
    if (r->json) {
        json_item(&v->out, v->count == 0);
        clip_json(&v->out, "name", m);
        json_item_end(&v->out);
    } else {
        buf_add_text(&v->out, "*   ");
        clip_text(&v->out, m);
    }
    v->count++;
}

void report_videos_end(const struct report *r, struct report_videos *v)
{
    if (r->json)
        json_list_end(&v->out);
    else if (v->count == 0)
        buf_add_text(&v->out, "* There are no clips.\n");
    send_event(r, &v->out);
}

void report_stream(const struct report *r, const struct wire_stream *m)
{
    struct buf b = begin_event(r, "stream");

    if (r->json) {
        clip_json(&b, "clip", &m->clip);
        json_bytes(&b, "schedule", m->schedule.data, m->schedule.len);
    } else {
        buf_add_text(&b, "* Playing ");
        clip_text(&b, &m->clip);
    }
    send_event(r, &b);
}

void report_frame(const struct report *r, const struct player_event *e)
{
    static const char *const outcomes[] = {"shown", "late", "dropped", "skipped"};
    struct buf b;

    if (!r->json)
        return;
    b = begin_event(r, "frame");
    json_number(&b, "number", e->number);
    json_number(&b, "height", e->height);
    json_number(&b, "source_number", e->source_number);
    json_number(&b, "bytes", e->bytes);
    json_hex(&b, "sha256", e->sha256, sizeof e->sha256);
    json_text(&b, "outcome", outcomes[e->outcome]);
    json_ms(&b, "pts_ms", e->pts_ns);
    if (e->shown_ns >= 0)
        json_ms(&b, "shown_ms", e->shown_ns);
    send_event(r, &b);
}

void report_stream_end(const struct report *r, const char *reason, const struct player_counts *c)
{
    struct buf b = begin_event(r, "stream_end");

    if (r->json) {
        json_text(&b, "reason", reason);
        json_number(&b, "shown", c->shown);
        json_number(&b, "late", c->late);
        json_number(&b, "dropped", c->dropped);
        json_number(&b, "skipped", c->skipped);
    } else {
        buf_printf(&b, "* The clip is over (%s): %llu frames shown, %llu late, %llu dropped, "
                       "%llu skipped.\n",
                   reason, (unsigned long long)c->shown, (unsigned long long)c->late,
                   (unsigned long long)c->dropped, (unsigned long long)c->skipped);
    }
    send_event(r, &b);
}

void report_error(const struct report *r, const char *code, const char *text, uint64_t id)
{
    struct buf b = begin_event(r, "error");

    if (unasked(r)) {
        log_error("%s", text);
        return;
    }
    if (r->json) {
        json_text(&b, "code", code);
        json_text(&b, "text", text);
        if (id != 0)
            json_id(&b, "id", id);
    } else {
        buf_add_text(&b, "! ");
        text_clean(&b, text, strlen(text), false);
        buf_add8(&b, '\n');
    }
    send_event(r, &b);
}

void report_note(const struct report *r, const char *format, ...)
{
    struct buf b = begin_event(r, "note");
    char line[1024];
    va_list args;

    if (unasked(r))
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (r->json) {
        json_text(&b, "text", line);
    } else {
        buf_add_text(&b, "* ");
        text_clean(&b, line, strlen(line), false);
        buf_add8(&b, '\n');
    }
    send_event(r, &b);
}
