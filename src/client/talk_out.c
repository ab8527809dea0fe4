#include "client/talk_out.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "client/client.h"
#include "client/entry.h"
#include "wire/hello.h"
#include "wire/talk.h"

/* A line that is written, or with no text the end of the conversation. */
struct talk_item {
    struct worker_job job;
    struct talk_item *next;
    struct client *client;
    struct random random; /* a fork: the worker must not touch ours */
    uint8_t exporter[SIZE_EXPORTER];
    struct talk_line line;
    bool good;
    struct buf text;
};

static void free_item(struct talk_item *i)
{
    buf_free(&i->text);
    wipe(i, sizeof *i);
    free(i);
}

static void drop_first(struct talk *t)
{
    struct talk_item *i = t->first;

    t->first = i->next;
    if (t->first == NULL)
        t->last = NULL;
    t->count--;
    free_item(i);
}

void talk_out_free(struct talk *t)
{
    while (t->first != NULL)
        drop_first(t);
}

bool talk_out_drop(struct talk *t)
{
    struct talk_item *at_work = t->signing ? t->first : NULL;
    bool lost = at_work != NULL;

    if (at_work != NULL)
        t->first = at_work->next;
    while (t->first != NULL) {
        lost = lost || t->first->text.len > 0;
        drop_first(t);
    }
    if (at_work != NULL) {
        at_work->next = NULL;
        t->first = t->last = at_work;
    }
    return lost;
}

bool talk_out_ending(const struct talk *t)
{
    return t->last != NULL && t->last->text.len == 0;
}

static void sign_run(struct worker_job *job)
{
    struct talk_item *i = (struct talk_item *)job;

    i->good = talk_line_sign(&i->line, i->exporter, TALK_CLIENT, &i->client->identity, &i->random);
    wipe_stack();
}

static void send_item(struct client *c, const struct talk_item *i)
{
    struct report_talk shown = {.text = i->line.text};
    struct wire_line m;
    struct buf out;
    enum err e = i->good ? ERR_OK : ERR_KEY;

    buf_init(&out, MESSAGE_HEADER + WIRE_TALK_LINE);
    if (e == ERR_OK)
        e = talk_line_seal(&c->talk.keys, &out, &i->line);
    if (e != ERR_OK) {
        buf_free(&out);
        client_fail(c, CLIENT_EXIT_FAILED, "talk", err_text(e));
        return;
    }
    if (wire_get_line((struct span){out.data + MESSAGE_HEADER, out.len - MESSAGE_HEADER}, &m) ==
        ERR_OK)
        shown.sealed = m.sealed;
    report_talk_sent(&c->report, &shown);
    client_send(c, &out);
}

static void sign_done(struct worker_job *job)
{
    struct talk_item *i = (struct talk_item *)job;
    struct client *c = i->client;
    bool cancelled = job->cancelled;

    c->talk.signing = false;
    if (!cancelled && c->talk.state == TALK_OPEN && c->state < CLIENT_LEAVING &&
        entry_is_session(c, i->exporter))
        send_item(c, i);
    drop_first(&c->talk);
    if (!cancelled)
        talk_out_work(c);
}

void talk_out_work(struct client *c)
{
    struct talk_item *i = c->talk.first;

    if (i == NULL || c->talk.signing || c->talk.state != TALK_OPEN || c->state >= CLIENT_LEAVING)
        return;
    if (i->text.len == 0) {
        drop_first(&c->talk);
        talk_hang_up(c);
        return;
    }
    i->line.counter = c->talk.keys.sent;
    memcpy(i->exporter, c->talk.keys.exporter, sizeof i->exporter);
    i->job = (struct worker_job){.run = sign_run, .done = sign_done};
    c->talk.signing = worker_submit(c->pool.worker, &i->job);
}

enum err talk_out_add(struct client *c, struct span text)
{
    struct talk *t = &c->talk;
    struct talk_item *i = calloc(1, sizeof *i);

    if (i != NULL) {
        buf_init(&i->text, LIMIT_TALK);
        buf_add(&i->text, text.data, text.len);
    }
    if (i == NULL || i->text.failed) {
        report_error(&c->report, "memory", "out of memory", 0);
        if (i != NULL)
            free_item(i);
        return ERR_MEMORY;
    }
    i->client = c;
    i->line = (struct talk_line){.kind = TALK_LINE, .text = {i->text.data, i->text.len}};
    random_fork(&i->random, &c->random);
    *(t->last != NULL ? &t->last->next : &t->first) = i;
    t->last = i;
    t->count++;
    talk_out_work(c);
    return ERR_OK;
}
