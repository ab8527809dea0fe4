#include "client/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/text.h"
#include "client/json.h"
#include "client/report_event.h"
#include "crypto/fingerprint.h"

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
    struct buf b = report_begin(r, "ready");
    char text[FINGERPRINT_TEXT];
    if (report_unasked(r))
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
    report_send(r, &b);
}

void report_members_json(const struct report *r, struct buf *b, const struct members *m)
{
    json_list(b, "members");
    for (size_t i = 0; i < m->count; i++) {
        json_item(b, i == 0);
        json_text(b, "name", m->list[i]->name);
        json_fingerprint(b, "fingerprint", m->list[i]->key.fingerprint);
        json_bool(b, "ephemeral", m->list[i]->ephemeral);
        json_bool(b, "direct", m->list[i]->direct_port != 0);
        report_trust_json(r, b, m->list[i]);
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
    struct buf b = report_begin(r, "directory");

    if (report_unasked(r) && !r->who)
        return;
    if (r->json) {
        json_number(&b, "n", n);
        report_members_json(r, &b, m);
    } else if (r->terse) {
        directory_lines(&b, m);
    } else {
        buf_printf(&b, "* Here (%zu): ", m->count);
        for (size_t i = 0; i < m->count; i++)
            buf_printf(&b, "%s%s%s", i == 0 ? "" : ", ", m->list[i]->name,
                       report_trust_mark(r, m->list[i]));
        buf_add_text(&b, "\n");
    }
    report_send(r, &b);
}

static void presence(const struct report *r, const char *event, const struct member *m,
                     const char *sentence)
{
    struct buf b = report_begin(r, event);
    if (report_unasked(r))
        return;

    if (r->json) {
        json_text(&b, "name", m->name);
        json_fingerprint(&b, "fingerprint", m->key.fingerprint);
        json_bool(&b, "ephemeral", m->ephemeral);
        json_bool(&b, "direct", m->direct_port != 0);
        report_trust_json(r, &b, m);
    } else {
        buf_printf(&b, "* %s%s %s\n", m->name, report_trust_mark(r, m), sentence);
    }
    report_send(r, &b);
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
    struct buf b = report_begin(r, "key"), pem = report_buf();
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
    report_send(r, &b);
}

/* What is from another day, or from before, shows that. */
static void add_time(struct buf *b, const struct report_message *m)
{
    time_t t = (time_t)(m->time_ms / 1000), now = time(NULL);
    struct tm then, today;

    if (m->past && localtime_r(&t, &then) != NULL && localtime_r(&now, &today) != NULL &&
        (then.tm_yday != today.tm_yday || then.tm_year != today.tm_year))
        buf_printf(b, "%04d-%02d-%02d ", then.tm_year + 1900, then.tm_mon + 1, then.tm_mday);
    add_clock(b, m->time_ms);
}

bool report_message(const struct report *r, const struct report_message *m)
{
    struct buf b = report_begin(r, "message");
    if (report_unasked(r))
        return true;

    if (r->json) {
        json_text(&b, "from", m->from);
        json_bytes(&b, "text", m->text.data, m->text.len);
        json_id(&b, "id", m->id);
        json_number(&b, "number", m->number);
        json_number(&b, "time", m->time_ms);
        json_bool(&b, "verified", true);
        json_text(&b, "trust", contacts_trust_text(m->trust));
        json_text(&b, "to", m->to_all ? "all" : "one");
        if (m->past)
            json_bool(&b, "past", true);
        if (m->again)
            json_bool(&b, "again", true);
    } else {
        add_time(&b, m);
        buf_printf(&b, "%s%s%s%s: ", m->from, m->to_all ? " to all" : "", report_key_mark(m->trust),
                   m->again ? " (again)" : "");
        report_lines(&b, m->text);
    }
    return report_send(r, &b);
}

void report_sealed(const struct report *r, const char *from, uint64_t number, struct span envelope)
{
    struct buf b = report_begin(r, "sealed");
    if (report_unasked(r))
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
    report_send(r, &b);
}

void report_sent(const struct report *r, const char *to, uint64_t id, uint64_t number,
                 struct span text)
{
    struct buf b = report_begin(r, "sent");

    if (report_unasked(r))
        return;
    if (r->json) {
        json_text(&b, "to", to);
        json_id(&b, "id", id);
        json_number(&b, "number", number);
    } else {
        buf_printf(&b, "-> %s: ", to);
        report_lines(&b, text);
    }
    report_send(r, &b);
}

void report_error(const struct report *r, const char *code, const char *text, uint64_t id)
{
    struct buf b = report_begin(r, "error");

    if (report_unasked(r)) {
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
    report_send(r, &b);
}

void report_note(const struct report *r, const char *format, ...)
{
    struct buf b = report_begin(r, "note");
    char line[1024];
    va_list args;

    if (report_unasked(r))
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
    report_send(r, &b);
}
