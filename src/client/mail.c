#include "client/mail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/wipe.h"
#include "client/client.h"
#include "client/trust.h"
#include "platform/now.h"
#include "proto/envelope.h"
#include "wire/room.h"

struct mail_item {
    struct worker_job job;
    struct mail_item *next;
    struct client *client;
    struct random random; /* a fork: the worker must not touch ours */
    struct envelope_content content;
    bool all;
    size_t count;
    struct public_key *keys; /* owned: of the receivers */
    struct buf envelope;
    struct buf body;
    enum err e;
    char to[LIMIT_NAME + 1];
};

static void mail_start(struct client *c);

static void free_item(struct mail_item *i)
{
    random_wipe(&i->random);
    buf_free(&i->body);
    buf_free(&i->envelope);
    free(i->keys);
    free(i);
}

static void seal_run(struct worker_job *job)
{
    struct mail_item *i = (struct mail_item *)job;
    const struct identity *id = &i->client->identity;
    const struct public_key **to;

    if (!i->all) {
        i->e = envelope_seal_one(&i->envelope, id, &i->random, &i->content, &i->keys[0]);
        return;
    }
    to = calloc(i->count, sizeof *to);
    if (to == NULL) {
        i->e = ERR_MEMORY;
        return;
    }
    for (size_t k = 0; k < i->count; k++)
        to[k] = &i->keys[k];
    i->e = envelope_seal_all(&i->envelope, id, &i->random, &i->content, to, i->count);
    free(to);
}

static void send_item(struct client *c, struct mail_item *i)
{
    struct buf out;

    buf_init(&out, MESSAGE_HEADER + LIMIT_MESSAGE);
    wire_put_send(&out, i->content.id, (struct span){i->envelope.data, i->envelope.len});
    client_send(c, &out);
    i->next = NULL;
    if (c->mail.sent_last != NULL)
        c->mail.sent_last->next = i;
    else
        c->mail.sent = i;
    c->mail.sent_last = i;
}

/* What den sends by itself is nothing that the user wanted done. */
static void fail(struct client *c, const struct mail_item *i)
{
    if (i->content.kind == ENVELOPE_TEXT && c->exit_code == CLIENT_EXIT_GOOD)
        c->exit_code = CLIENT_EXIT_FAILED;
}

static void seal_done(struct worker_job *job)
{
    struct mail_item *i = (struct mail_item *)job;
    struct client *c = i->client;
    bool cancelled = job->cancelled; /* the job ends with the item */
    char text[128];

    c->mail.sealing = false;
    c->mail.queue = i->next;
    if (c->mail.queue == NULL)
        c->mail.queue_last = NULL;
    if (!cancelled && i->e == ERR_OK) {
        send_item(c, i);
    } else {
        if (!cancelled) {
            snprintf(text, sizeof text, "could not seal for %s: %s", i->to, err_text(i->e));
            report_error(&c->report, "seal", text, i->content.id);
            fail(c, i);
        }
        c->mail.count--;
        free_item(i);
    }
    if (!cancelled)
        mail_start(c);
}

static void mail_start(struct client *c)
{
    struct mail_item *i = c->mail.queue;

    if (c->mail.sealing || i == NULL)
        return;
    i->job = (struct worker_job){.run = seal_run, .done = seal_done};
    c->mail.sealing = worker_submit(c->worker, &i->job);
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

/* Everyone but ourselves. A member whose key has changed is left out, and said so. */
static enum err collect_all(struct client *c, struct mail_item *i)
{
    const struct trust_objection *objection;
    char text[192];

    i->keys = calloc(c->members.count > 0 ? c->members.count : 1, sizeof *i->keys);
    if (i->keys == NULL)
        return no_memory(c);
    for (size_t k = 0; k < c->members.count; k++) {
        const struct member *m = c->members.list[k];

        if (text_name_same(m->name, c->config->name))
            continue;
        objection = trust_objects(c, m);
        if (objection != NULL) {
            snprintf(text, sizeof text, "%s is left out: the key %s (/trust %s)", m->name,
                     objection->what, m->name);
            report_error(&c->report, objection->code, text, 0);
            continue;
        }
        i->keys[i->count++] = m->key;
    }
    if (i->count == 0)
        return complain(c, "no-member", ERR_UNKNOWN, "nobody else is here");
    if (i->count > LIMIT_SLOTS)
        return complain(c, "limit", ERR_LIMIT, "too many members for one message to all");
    return ERR_OK;
}

static bool set_receiver(struct mail_item *i, const struct public_key *to)
{
    i->keys = malloc(sizeof *i->keys);
    if (i->keys == NULL)
        return false;
    i->keys[0] = *to;
    i->count = 1;
    return true;
}

static enum err collect_one(struct client *c, struct mail_item *i, const char *to)
{
    const struct member *m = members_find(&c->members, to);
    const struct trust_objection *objection;
    char text[192];

    if (m == NULL) {
        snprintf(text, sizeof text, "no such member: %.64s", to);
        return complain(c, "no-member", ERR_UNKNOWN, text);
    }
    /* A one-shot may well write to the member with its key, which is another session. */
    if (!c->config->one_shot && text_name_same(m->name, c->config->name))
        return complain(c, "usage", ERR_UNKNOWN, "that is yourself");
    objection = trust_objects(c, m);
    if (objection != NULL) {
        snprintf(text, sizeof text, "not sent: the key of %s %s (/trust %s)", m->name,
                 objection->what, m->name);
        return complain(c, objection->code, ERR_KEY, text);
    }
    memcpy(i->to, m->name, sizeof i->to);
    return set_receiver(i, &m->key) ? ERR_OK : no_memory(c);
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

static struct mail_item *new_item(struct client *c, enum envelope_kind kind)
{
    struct mail_item *i = calloc(1, sizeof *i);

    if (i == NULL)
        return NULL;
    i->client = c;
    i->content.kind = (uint8_t)kind;
    buf_init(&i->body, LIMIT_BODY);
    buf_init(&i->envelope, LIMIT_ENVELOPE);
    random_fork(&i->random, &c->random);
    return i;
}

/* e: of what was done before. Frees the item if it can't be sent. */
static enum err queue_item(struct client *c, struct mail_item *i, enum err e, struct span body)
{
    if (e == ERR_OK)
        e = fill_content(c, i, body);
    if (e != ERR_OK) {
        free_item(i);
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

enum err mail_send(struct client *c, const char *to, struct span text)
{
    struct mail_item *i;
    enum err e = client_has_server(c) ? check_text(c, text) : ERR_STATE;

    if (e != ERR_OK)
        return e;
    i = new_item(c, ENVELOPE_TEXT);
    if (i == NULL)
        return no_memory(c);
    i->all = to == NULL;
    snprintf(i->to, sizeof i->to, "all");
    e = i->all ? collect_all(c, i) : collect_one(c, i, to);
    return queue_item(c, i, e, text);
}

enum err mail_post(struct client *c, enum envelope_kind kind, const char *name,
                   const struct public_key *to, struct span body)
{
    struct mail_item *i = c->mail.count >= LIMIT_MAIL ? NULL : new_item(c, kind);

    if (i == NULL)
        return ERR_LIMIT;
    snprintf(i->to, sizeof i->to, "%s", name);
    return queue_item(c, i, set_receiver(i, to) ? ERR_OK : no_memory(c), body);
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

bool mail_accepted(struct client *c, uint64_t id, uint64_t number)
{
    struct mail_item *i = take_sent(&c->mail, id);

    if (i == NULL)
        return false;
    if (i->content.kind == ENVELOPE_TEXT)
        report_sent(&c->report, i->to, id, number, i->content.body);
    free_item(i);
    return true;
}

bool mail_refused(struct client *c, uint64_t id, struct span why)
{
    struct mail_item *i = take_sent(&c->mail, id);
    struct buf text;

    if (i == NULL)
        return false;
    buf_init(&text, 1024);
    buf_printf(&text, "not sent to %s: ", i->to);
    text_clean(&text, why.data, why.len, false);
    if (i->content.kind == ENVELOPE_TEXT)
        report_error(&c->report, "not-accepted", buf_text(&text), id);
    fail(c, i);
    buf_free(&text);
    free_item(i);
    return true;
}

static void free_list(struct mail_item *i)
{
    while (i != NULL) {
        struct mail_item *next = i->next;

        free_item(i);
        i = next;
    }
}

void mail_free(struct mail *m)
{
    free_list(m->queue);
    free_list(m->sent);
    *m = (struct mail){0};
}
