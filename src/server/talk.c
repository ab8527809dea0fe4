#include "server/talk.h"

#include <string.h>

#include "base/text.h"
#include "base/wipe.h"
#include "platform/now.h"
#include "proto/talk_key.h"
#include "server/room.h"
#include "wire/talk.h"

#define LIMIT_SHOWN (64 * 1024)

/* One line to whoever runs the server, with who it is about in front. */
static void show_begin(struct buf *out, const struct session *s)
{
    buf_printf(out, "[%s] ", s->name);
}

static void show(const struct session *s, struct buf *out)
{
    const struct talks *t = &s->room->talks;

    if (t->show != NULL && !out->failed)
        t->show(t->owner, (const char *)out->data, out->len);
    buf_free(out);
}

static void show_over(const struct session *s)
{
    struct buf out;

    buf_init(&out, LIMIT_SHOWN);
    show_begin(&out, s);
    buf_add_text(&out, "Chat ended. Keys erased.\n");
    show(s, &out);
}

void talk_want(struct session *s)
{
    struct talks *t = &s->room->talks;

    s->talk = (struct talk){.state = TALK_WAITING};
    if (t->last != NULL)
        t->last->talk.next = s;
    else
        t->first = s;
    t->last = s;
}

bool talk_waiting(const struct room *r)
{
    return r->talks.first != NULL;
}

static void leave_queue(struct session *s)
{
    struct talks *t = &s->room->talks;
    struct session *before = NULL, *at = t->first;

    while (at != NULL && at != s) {
        before = at;
        at = at->talk.next;
    }
    if (at == NULL)
        return;
    if (before != NULL)
        before->talk.next = s->talk.next;
    else
        t->first = s->talk.next;
    if (t->last == s)
        t->last = before;
    s->talk.next = NULL;
}

static void send_key(struct session *s, const struct talk_wrapped *wrapped)
{
    const struct wire_session_key m = {.wrapped = wrapped->key, .signature = wrapped->signature};
    struct buf out;

    buf_init(&out, LIMIT_HELLO);
    wire_put_session_key(&out, &m);
    session_send_buf(s, &out);
}

void talk_serve(struct room *r)
{
    struct session *s = r->talks.first;
    uint8_t key[GCM_KEY], exporter[SIZE_EXPORTER];
    struct talk_wrapped wrapped;
    struct talk_terms terms = {.exporter = exporter, .server = &r->identity->public};

    if (s == NULL)
        return;
    leave_queue(s);
    terms.client = &s->key;
    s->port->exporter(s->link, exporter);
    if (talk_key_make(key, &wrapped, r->identity, r->talks.random, &terms)) {
        talk_line_start(&s->talk.keys, TALK_SERVER, key, exporter);
        s->talk.state = TALK_OPEN;
        send_key(s, &wrapped);
    } else {
        s->talk.state = TALK_OVER;
    }
    wipe(key, sizeof key);
    wipe(exporter, sizeof exporter);
}

static void over(struct session *s)
{
    talk_line_wipe(&s->talk.keys);
    s->talk.state = TALK_OVER;
}

void talk_forget(struct session *s)
{
    bool used = s->talk.state == TALK_OPEN && s->talk.keys.sent + s->talk.keys.received > 0;

    if (s->talk.state == TALK_NONE)
        return;
    if (s->talk.state == TALK_WAITING)
        leave_queue(s);
    over(s);
    if (used)
        show_over(s);
}

/* The three things that the operator is to see: what came, whether the signature holds, the text. */
static void show_line(const struct session *s, struct span sealed, const struct talk_line *line)
{
    bool holds = talk_line_holds(line, &s->talk.keys, &s->key);
    struct buf out;

    buf_init(&out, LIMIT_SHOWN);
    show_begin(&out, s);
    buf_add_text(&out, "received ");
    text_base64(&out, sealed.data, sealed.len);
    buf_add_text(&out, "\n");
    show_begin(&out, s);
    if (holds) {
        buf_add_text(&out, "signature holds\n");
        show_begin(&out, s);
        text_clean(&out, line->text.data, line->text.len, false);
        buf_add_text(&out, "\n");
    } else {
        buf_add_text(&out, "Signature verification failed\n");
    }
    show(s, &out);
}

enum err talk_take(struct session *s, struct span payload)
{
    struct talk_line line;
    struct wire_line m;
    struct buf plain;
    enum err e;

    if (s->talk.state == TALK_OVER)
        return ERR_OK;
    if (s->talk.state != TALK_OPEN)
        return ERR_STATE;
    buf_init(&plain, WIRE_TALK_LINE);
    e = talk_line_open(&s->talk.keys, payload, &plain, &line);
    if (e == ERR_OK && wire_get_line(payload, &m) == ERR_OK)
        show_line(s, m.sealed, &line);
    buf_free(&plain);
    return e;
}

static void send_close(struct session *s)
{
    struct buf out;

    buf_init(&out, LIMIT_HELLO);
    wire_put_close(&out);
    session_send_buf(s, &out);
}

enum err talk_end(struct session *s)
{
    if (s->talk.state != TALK_OPEN)
        return ERR_STATE;
    over(s);
    show_over(s);
    send_close(s);
    return ERR_OK;
}

enum err talk_closed(struct session *s, struct span payload)
{
    enum err e = wire_get_close(payload);

    if (e != ERR_OK)
        return e;
    if (s->talk.state == TALK_OVER)
        return ERR_OK;
    return talk_end(s);
}

/* Seals a line that is signed already. */
static enum err send_line(struct session *s, const struct talk_line *line)
{
    struct buf out;
    enum err e;

    buf_init(&out, MESSAGE_HEADER + WIRE_TALK_LINE);
    e = talk_line_seal(&s->talk.keys, &out, line);
    out.failed = out.failed || e == ERR_MEMORY;
    if (e != ERR_LIMIT)
        session_send_buf(s, &out);
    return e;
}

enum err talk_tell(struct session *s, struct span text)
{
    const struct room *r = s->room;
    const struct talk_keys *k = &s->talk.keys;
    struct talk_line line = {.kind = TALK_LINE, .counter = k->sent, .text = text};

    if (s->talk.state != TALK_OPEN)
        return ERR_STATE;
    if (!talk_line_sign(&line, k->exporter, TALK_SERVER, r->identity, r->talks.random))
        return ERR_KEY;
    return send_line(s, &line);
}

/* From the end: a member that is refused as too slow is taken out while this runs. */
static void say_to_all(struct room *r, const struct talk_line *line, size_t *with, size_t *without)
{
    for (size_t i = r->count; i-- > 0;) {
        struct session *s = i < r->count ? r->members[i] : NULL;

        if (s == NULL)
            continue;
        if (s->talk.state == TALK_OPEN && send_line(s, line) == ERR_OK)
            (*with)++;
        else
            (*without)++;
    }
}

enum err talk_say(struct room *r, struct span text, size_t *with, size_t *without)
{
    uint64_t by_clock = now_wall_ms() << 20;
    struct talk_line line = {.kind = TALK_SAY, .text = text};

    *with = *without = 0;
    if (text.len < 1 || text.len > LIMIT_TALK)
        return ERR_LIMIT;
    r->talks.said = r->talks.said >= by_clock ? r->talks.said + 1 : by_clock;
    line.id = r->talks.said;
    if (!talk_line_sign_say(&line, r->identity, r->talks.random))
        return ERR_KEY;
    say_to_all(r, &line, with, without);
    return ERR_OK;
}
