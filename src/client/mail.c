#include "client/mail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/wipe.h"
#include "client/client.h"
#include "client/mail_item.h"
#include "platform/now.h"
#include "proto/envelope.h"
#include "wire/room.h"

#define AGAIN_NS INT64_C(5000000000)

static void mail_start(struct client *c);

static void transmit(struct client *c, struct mail_item *i)
{
    struct buf out;

    i->refused = false;
    buf_init(&out, MESSAGE_HEADER + LIMIT_MESSAGE);
    wire_put_send(&out, i->content.id, (struct span){i->envelope.data, i->envelope.len});
    client_send(c, &out);
}

/* What is behind one that the server could not store waits with it, so that it does not overtake. */
static bool can_go(const struct client *c)
{
    return c->state == CLIENT_ROOM && c->mail.again == 0;
}

static void tell_queued(struct client *c, const struct mail_item *i)
{
    const struct report_queued q = {.to = i->receivers.to,
                                    .id = i->content.id,
                                    .names = {i->receivers.names.data, i->receivers.names.len},
                                    .text = i->content.body,
                                    .kept = c->mail.kept && i->unkept == ERR_OK,
                                    .waits = !can_go(c)};

    if (i->content.kind != ENVELOPE_TEXT || c->config->one_shot)
        return;
    if (i->unkept != ERR_OK)
        report_error(&c->report, "state",
                     "a message can't be kept on disk: it is lost if den ends before it is sent",
                     q.id);
    report_queued(&c->report, &q);
}

static void append_sent(struct mail *m, struct mail_item *i)
{
    i->next = NULL;
    if (m->sent_last != NULL)
        m->sent_last->next = i;
    else
        m->sent = i;
    m->sent_last = i;
}

/* Without a room it waits for one. */
static void send_item(struct client *c, struct mail_item *i)
{
    tell_queued(c, i);
    i->refused = !can_go(c);
    if (!i->refused)
        transmit(c, i);
    append_sent(&c->mail, i);
}

/* What den sends by itself is nothing that the user wanted done. */
static void fail(struct client *c, const struct mail_item *i)
{
    if (i->content.kind == ENVELOPE_TEXT && c->exit_code == CLIENT_EXIT_GOOD)
        c->exit_code = CLIENT_EXIT_FAILED;
}

static void tell_unsealed(struct client *c, const struct mail_item *i)
{
    char text[128];

    snprintf(text, sizeof text, "could not seal for %s: %s", i->receivers.to, err_text(i->e));
    report_error(&c->report, "seal", text, i->content.id);
    fail(c, i);
}

static void seal_done(struct worker_job *job)
{
    struct mail_item *i = (struct mail_item *)job;
    struct client *c = i->client;

    c->mail.sealing = false;
    /* den ends: mail_free sees to it. */
    if (job->cancelled)
        return;
    c->mail.queue = i->next;
    if (c->mail.queue == NULL)
        c->mail.queue_last = NULL;
    if (i->e == ERR_OK) {
        send_item(c, i);
    } else {
        tell_unsealed(c, i);
        if (i->content.kind == ENVELOPE_RECEIPT)
            receipts_refused(c, i->receivers.first);
        c->mail.count--;
        mail_item_free(i);
    }
    mail_start(c);
}

static void mail_start(struct client *c)
{
    struct mail_item *i = c->mail.queue;

    if (c->mail.sealing || i == NULL)
        return;
    i->job = (struct worker_job){.run = mail_item_run, .done = seal_done};
    c->mail.sealing = worker_submit(c->pool.worker, &i->job);
}

static enum err complain(struct client *c, const char *word, enum err e, const char *text)
{
    report_error(&c->report, word, text, 0);
    return e;
}

static enum err no_memory(struct client *c)
{
    return complain(c, "memory", ERR_MEMORY, "out of memory");
}

/* Everything that is sealed, but for what seal fills in itself. */
static enum err fill_content(struct client *c, struct mail_item *i, struct span body)
{
    struct envelope_content *e = &i->content;

    memcpy(e->sender, c->config->name, sizeof e->sender);
    memcpy(e->server, c->server.fingerprint, sizeof e->server);
    e->time_ms = now_wall_ms();
    e->n = c->bindings.count;
    bindings_hash(&c->bindings, e->n, e->h);
    buf_add(&i->body, body.data, body.len);
    if (i->body.failed)
        return no_memory(c);
    e->body = (struct span){i->body.data, i->body.len};
    if (ids_next(&c->ids, e->time_ms, &e->id) != ERR_OK)
        return complain(c, "state", ERR_IO, "can't reserve a number for the message on disk");
    return ERR_OK;
}

static enum err check_text(struct client *c, struct span text)
{
    if (c->mail.count >= LIMIT_MAIL)
        return complain(c, "limit", ERR_LIMIT, "too many messages wait to be sent");
    if (text.len == 0)
        return complain(c, "usage", ERR_FORMAT, "there is no text to send");
    if (text.len > LIMIT_BODY)
        return complain(c, "limit", ERR_LIMIT, "the text is longer than 64 KiB");
    if (!text_valid(text.data, text.len))
        return complain(c, "utf-8", ERR_UTF8, "the text is not valid UTF-8");
    return ERR_OK;
}

/* e: of what was done before. Frees the item if it can't be sent. */
static enum err queue_item(struct client *c, struct mail_item *i, enum err e, struct span body)
{
    if (e == ERR_OK)
        e = fill_content(c, i, body);
    if (e != ERR_OK) {
        mail_item_free(i);
        return e;
    }
    if (c->mail.queue_last != NULL)
        c->mail.queue_last->next = i;
    else
        c->mail.queue = i;
    c->mail.queue_last = i;
    c->mail.count++;
    mail_start(c);
    return ERR_OK;
}

/* Without a link too: it waits for one. */
static bool can_seal(struct client *c)
{
    return reconnect_away(c) || client_has_server(c);
}

enum err mail_send(struct client *c, const char *to, struct span text)
{
    struct mail_item *i;
    enum err e = can_seal(c) ? check_text(c, text) : ERR_STATE;

    if (e != ERR_OK)
        return e;
    i = mail_item_new(c, ENVELOPE_TEXT, "all");
    if (i == NULL)
        return no_memory(c);
    i->all = to == NULL;
    e = i->all ? receivers_all(c, &i->receivers) : receivers_one(c, &i->receivers, to);
    return queue_item(c, i, e, text);
}

enum err mail_post(struct client *c, enum envelope_kind kind, const char *name,
                   const struct public_key *to, struct span body)
{
    struct mail_item *i = c->mail.count >= LIMIT_MAIL ? NULL : mail_item_new(c, kind, name);

    if (i == NULL)
        return ERR_LIMIT;
    return queue_item(c, i, receivers_key(c, &i->receivers, to), body);
}

/* Takes the item with that id out of those that were sent. */
static struct mail_item *take_sent(struct mail *m, uint64_t id)
{
    struct mail_item *before = NULL, *i = m->sent;

    while (i != NULL && i->content.id != id) {
        before = i;
        i = i->next;
    }
    if (i == NULL)
        return NULL;
    *(before != NULL ? &before->next : &m->sent) = i->next;
    if (m->sent_last == i)
        m->sent_last = before;
    m->count--;
    return i;
}

static bool is_to_one(const struct mail_item *i)
{
    static const uint8_t all[SIZE_FINGERPRINT];

    return memcmp(i->receivers.first, all, sizeof all) != 0;
}

bool mail_delivered(struct client *c, uint64_t id, const uint8_t to[static SIZE_FINGERPRINT])
{
    for (struct mail_item *i = c->mail.sent; i != NULL; i = i->next) {
        if (i->content.id != id || i->delivered ||
            memcmp(i->receivers.first, to, sizeof i->receivers.first) != 0)
            continue;
        i->delivered = true;
        return true;
    }
    return false;
}

bool mail_accepted(struct client *c, uint64_t id, uint64_t number)
{
    static const struct span earlier = {(const uint8_t *)"(written earlier)", 17};
    struct mail_item *i = take_sent(&c->mail, id);

    if (i == NULL)
        return false;
    if (i->content.kind == ENVELOPE_TEXT)
        report_sent(&c->report, i->receivers.to, id, number,
                    i->restored ? earlier : i->content.body);
    if (i->content.kind == ENVELOPE_RECEIPT)
        receipts_accepted(c, i->receivers.first, i->content.body);
    else if (i->content.kind == ENVELOPE_TEXT && is_to_one(i) && !i->delivered)
        receipts_await(c, id, i->receivers.first);
    /* Told first: who is killed between sends it again, and tells it then. */
    if (c->mail.kept && i->content.kind == ENVELOPE_TEXT)
        unsent_drop(c->mail.dir, id);
    mail_item_free(i);
    return true;
}

/* The server's disk is full, say: the same again later. True if that is so. */
static bool put_off(struct client *c, uint64_t id, uint16_t code)
{
    struct mail_item *i = c->mail.sent;

    while (i != NULL && i->content.id != id)
        i = i->next;
    if (i == NULL || code != CODE_STORE || c->config->one_shot || i->content.kind != ENVELOPE_TEXT)
        return false;
    i->refused = true;
    if (c->mail.again == 0)
        c->mail.again = now_ns() + AGAIN_NS;
    if (!c->mail.told)
        report_error(&c->report, "not-stored",
                     "the server can't store messages now: den tries again until it can", id);
    c->mail.told = true;
    return true;
}

bool mail_refused(struct client *c, uint64_t id, uint16_t code, struct span why)
{
    struct mail_item *i;
    struct buf text;

    if (put_off(c, id, code))
        return true;
    i = take_sent(&c->mail, id);
    if (i == NULL)
        return false;
    if (c->mail.kept && i->content.kind == ENVELOPE_TEXT)
        unsent_drop(c->mail.dir, id);
    buf_init(&text, 1024);
    buf_printf(&text, "not sent to %s: ", i->receivers.to);
    text_clean(&text, why.data, why.len, false);
    if (i->content.kind == ENVELOPE_TEXT)
        report_error(&c->report, "not-accepted", buf_text(&text), id);
    fail(c, i);
    buf_free(&text);
    if (i->content.kind == ENVELOPE_RECEIPT)
        receipts_refused(c, i->receivers.first);
    mail_item_free(i);
    return true;
}

enum err mail_restore(struct client *c, const struct unsent *u)
{
    struct mail_item *i =
        c->mail.count >= LIMIT_MAIL ? NULL : mail_item_new(c, ENVELOPE_TEXT, u->name);

    if (i == NULL)
        return ERR_LIMIT;
    i->content.id = u->id;
    i->restored = true;
    memcpy(i->receivers.first, u->to, sizeof i->receivers.first);
    buf_add(&i->envelope, u->envelope.data, u->envelope.len);
    if (i->envelope.failed) {
        mail_item_free(i);
        return ERR_MEMORY;
    }
    append_sent(&c->mail, i);
    c->mail.count++;
    return ERR_OK;
}

void mail_resend(struct client *c, bool refused)
{
    for (struct mail_item *i = c->mail.sent; i != NULL; i = i->next) {
        if (!refused || i->refused)
            transmit(c, i);
    }
}

static size_t count_texts(const struct mail_item *i)
{
    size_t count = 0;

    for (; i != NULL; i = i->next)
        count += i->content.kind == ENVELOPE_TEXT;
    return count;
}

size_t mail_waiting(const struct mail *m)
{
    return count_texts(m->queue) + count_texts(m->sent);
}

/* den ends before the worker came to these: they were taken, and said to be sent later. */
static void keep_rest(const struct mail *m)
{
    for (struct mail_item *i = m->queue; i != NULL; i = i->next) {
        if (!m->kept || i->content.kind != ENVELOPE_TEXT)
            continue;
        mail_item_run(&i->job);
        if (i->e == ERR_OK)
            tell_queued(i->client, i);
        else
            tell_unsealed(i->client, i);
    }
}

static void free_list(struct mail_item *i)
{
    while (i != NULL) {
        struct mail_item *next = i->next;

        mail_item_free(i);
        i = next;
    }
}

void mail_free(struct mail *m)
{
    keep_rest(m);
    free_list(m->queue);
    free_list(m->sent);
    *m = (struct mail){0};
}
