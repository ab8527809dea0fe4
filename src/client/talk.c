#include "client/talk.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/wipe.h"
#include "client/client.h"
#include "client/entry.h"
#include "client/talk_out.h"
#include "proto/talk_key.h"
#include "wire/hello.h"
#include "wire/talk.h"

/* What may come before the worker has unwrapped the key. */
#define LIMIT_EARLY (64 * (MESSAGE_HEADER + WIRE_TALK_LINE))

struct key_job {
    struct worker_job job;
    struct client *client;
    struct talk_wrapped wrapped;
    uint8_t exporter[SIZE_EXPORTER];
    uint8_t key[GCM_KEY];
    enum err e;
};

static void complain(struct client *c, const char *word, const char *text)
{
    report_error(&c->report, word, text, 0);
}

void talk_expect(struct client *c, uint64_t features)
{
    if (c->talk.state != TALK_OVER)
        talk_free(&c->talk);
    c->talk.state = TALK_NONE;
    if (!c->config->one_shot && (features & FEATURE_TALK) != 0)
        c->talk.state = TALK_WAITING;
}

bool talk_busy(const struct talk *t)
{
    return t->count > 0;
}

void talk_free(struct talk *t)
{
    talk_out_free(t);
    buf_free(&t->early);
    talk_line_wipe(&t->keys);
    *t = (struct talk){0};
}

/* Keys wiped. What still waits can't be sent. */
static void erase(struct client *c)
{
    struct talk *t = &c->talk;
    bool lost = talk_out_drop(t);

    talk_line_wipe(&t->keys);
    buf_free(&t->early);
    t->state = TALK_OVER;
    if (lost)
        complain(c, "talk-over", "what was still to be sent to the server is lost");
}

static void over(struct client *c)
{
    erase(c);
    report_talk_over(&c->report);
}

static void key_run(struct worker_job *job)
{
    struct key_job *j = (struct key_job *)job;
    const struct client *c = j->client;
    const struct talk_terms terms = {
        .exporter = j->exporter, .server = &c->server, .client = &c->identity.public};

    j->e = talk_key_open(j->key, &j->wrapped, &c->identity, &terms);
    wipe_stack();
}

static enum err take_early(struct client *c)
{
    struct buf early = c->talk.early;
    struct cursor in = cursor_over(early.data, early.len);
    enum err e = ERR_OK;

    buf_init(&c->talk.early, LIMIT_EARLY);
    while (e == ERR_OK && in.left > 0) {
        uint8_t type = cursor_get8(&in);
        struct span payload = cursor_sized32(&in, LIMIT_EARLY);

        e = type == MESSAGE_LINE ? talk_got_line(c, payload) : talk_got_close(c, payload);
    }
    buf_free(&early);
    return e;
}

static void key_done(struct worker_job *job)
{
    struct key_job *j = (struct key_job *)job;
    struct client *c = j->client;
    enum err e = j->e;

    if (!job->cancelled && c->talk.state == TALK_OPENING && c->state < CLIENT_LEAVING &&
        entry_is_session(c, j->exporter)) {
        if (e == ERR_OK) {
            talk_line_start(&c->talk.keys, TALK_CLIENT, j->key, j->exporter);
            c->talk.state = TALK_OPEN;
            e = take_early(c);
        }
        if (e != ERR_OK)
            client_distrust(c, "the conversation with it", e);
        talk_out_work(c);
    }
    wipe(j, sizeof *j);
    free(j);
}

enum err talk_got_key(struct client *c, struct span payload)
{
    struct wire_session_key m;
    struct key_job *j;
    enum err e = wire_get_session_key(payload, &m);

    if (e != ERR_OK)
        return e;
    if (c->talk.state != TALK_WAITING || c->state != CLIENT_ROOM)
        return ERR_STATE;
    j = calloc(1, sizeof *j);
    if (j == NULL)
        return ERR_MEMORY;
    j->job = (struct worker_job){.run = key_run, .done = key_done};
    j->client = c;
    memcpy(j->wrapped.key, m.wrapped, SIZE_WRAPPED);
    memcpy(j->wrapped.signature, m.signature, SIZE_SIGNATURE);
    link_exporter(c->link, j->exporter);
    c->talk.state = TALK_OPENING;
    buf_init(&c->talk.early, LIMIT_EARLY);
    if (worker_submit(c->pool.worker, &j->job))
        return ERR_OK;
    wipe(j, sizeof *j);
    free(j);
    return ERR_LIMIT;
}

static enum err keep_early(struct talk *t, uint8_t type, struct span payload)
{
    buf_add8(&t->early, type);
    buf_add_sized32(&t->early, payload.data, payload.len);
    return t->early.failed ? ERR_LIMIT : ERR_OK;
}

static enum err show(struct client *c, struct span payload)
{
    struct report_talk shown = {0};
    struct talk_line line;
    struct wire_line m;
    struct buf plain;
    enum err e;

    buf_init(&plain, WIRE_TALK_LINE);
    e = talk_line_open(&c->talk.keys, payload, &plain, &line);
    if (e == ERR_OK && wire_get_line(payload, &m) == ERR_OK) {
        shown.sealed = m.sealed;
        shown.holds = talk_line_holds(&line, &c->talk.keys, &c->server);
        shown.to_all = line.kind == TALK_SAY;
        shown.text = line.text;
        report_talk(&c->report, &shown);
    }
    buf_free(&plain);
    wipe_stack();
    return e;
}

enum err talk_got_line(struct client *c, struct span payload)
{
    if (c->talk.state == TALK_OVER)
        return ERR_OK;
    if (c->talk.state == TALK_OPENING)
        return keep_early(&c->talk, MESSAGE_LINE, payload);
    return c->talk.state == TALK_OPEN ? show(c, payload) : ERR_STATE;
}

void talk_hang_up(struct client *c)
{
    struct buf out;

    buf_init(&out, LIMIT_HELLO);
    wire_put_close(&out);
    client_send(c, &out);
    over(c);
}

enum err talk_got_close(struct client *c, struct span payload)
{
    enum err e = wire_get_close(payload);

    if (e != ERR_OK || c->talk.state == TALK_OVER)
        return e;
    if (c->talk.state == TALK_OPENING)
        return keep_early(&c->talk, MESSAGE_CLOSE, payload);
    if (c->talk.state != TALK_OPEN)
        return ERR_STATE;
    talk_hang_up(c);
    return ERR_OK;
}

bool talk_possible(struct client *c)
{
    const struct talk *t = &c->talk;

    if (!client_has_server(c))
        return false;
    if (t->state == TALK_NONE)
        complain(c, "talk-none", "this server does not talk");
    else if (t->state == TALK_OVER || talk_out_ending(t))
        complain(c, "talk-over",
                 "the conversation with the server is over: leave and come again for a new one");
    else
        return true;
    return false;
}

enum err talk_write(struct client *c, struct span text)
{
    if (!talk_possible(c))
        return ERR_STATE;
    if (text.len == 0 || text.len > LIMIT_TALK) {
        complain(c, "limit", "a line to the server has 1 to 4096 bytes");
        return ERR_LIMIT;
    }
    if (!text_valid(text.data, text.len)) {
        complain(c, "utf-8", "the text is not valid UTF-8");
        return ERR_UTF8;
    }
    if (c->talk.count >= LIMIT_TALK_MAIL) {
        complain(c, "limit", "too many lines wait to be sent to the server");
        return ERR_LIMIT;
    }
    return talk_out_add(c, text);
}

void talk_lost(struct client *c)
{
    const struct talk_keys *k = &c->talk.keys;
    bool used = c->talk.count > 0 || k->sent + k->received > 0;

    if (c->talk.state == TALK_NONE || c->talk.state == TALK_OVER)
        return;
    erase(c);
    if (used)
        report_talk_over(&c->report);
}

void talk_leave(struct client *c)
{
    const struct talk_keys *k = &c->talk.keys;

    if (c->talk.state == TALK_OPEN && k->sent + k->received > 0)
        talk_hang_up(c);
}

enum err talk_finish(struct client *c)
{
    return talk_possible(c) ? talk_out_add(c, (struct span){0}) : ERR_STATE;
}
