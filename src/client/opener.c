#include "client/opener.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "client/trust.h"
#include "proto/envelope.h"

struct opener_item {
    struct worker_job job;
    struct opener_item *next;
    struct client *client;
    uint64_t number;
    unsigned log; /* in which it has that number */
    bool past;
    char from[LIMIT_NAME + 1];
    uint8_t fingerprint[SIZE_FINGERPRINT];
    struct envelope_content content; /* after run */
    struct buf plain;
    enum err e;
    size_t len;
    uint8_t bytes[];
};

struct opener_sender {
    struct opener_sender *next;
    struct opener_item *first, *last;
    uint8_t fingerprint[SIZE_FINGERPRINT];
};

static void opener_start(struct client *c);

/* In memory, with what holds it: an envelope may be tiny, and each from another sender. */
static size_t size_of(const struct opener_item *i)
{
    return sizeof *i + sizeof(struct opener_sender) + i->len;
}

static void free_item(struct opener_item *i)
{
    buf_free(&i->plain);
    free(i);
}

static void open_run(struct worker_job *job)
{
    struct opener_item *i = (struct opener_item *)job;

    i->e = envelope_open(&i->content, &i->plain, &i->client->identity, i->bytes, i->len);
}

/* A name in the list is its key's alone; one that is not is an ephemeral member's. */
static bool is_owner(const struct client *c, const struct opener_item *i)
{
    return bindings_ever(&c->bindings, i->from, i->fingerprint) ||
           bindings_find(&c->bindings, i->from) == NULL;
}

static bool ignored(const struct client *c, const struct opener_item *i)
{
    return trust_ignores(c, i->from, i->fingerprint);
}

static void complain(struct client *c, const struct opener_item *i, const char *what)
{
    char text[192];

    if (ignored(c, i))
        return;
    snprintf(text, sizeof text, "a message from %s (#%llu) is not shown: %s", i->from,
             (unsigned long long)i->number, what);
    report_error(&c->report, "bad-envelope", text, 0);
}

/* So that it is not shown again. */
static void record(struct client *c, const struct opener_item *i, bool owed)
{
    if (received_done(&c->received, i->fingerprint, i->content.id, owed) != ERR_OK)
        catchup_unrecorded(c);
}

/* It is recorded, and answered if it was to us alone and by a key that is not in doubt. */
static void owe(struct client *c, const struct opener_item *i, const struct report_message *shown)
{
    bool owed = !shown->to_all && shown->trust != CONTACT_CHANGED && receipts_wanted(c);

    record(c, i, owed);
    if (owed)
        receipts_owe(c, i->fingerprint);
}

/* First begun, then shown, then recorded: who is killed between finds it again, and knows. */
static bool show_text(struct client *c, const struct opener_item *i, bool again)
{
    const struct envelope_content *e = &i->content;
    struct report_message shown = {.from = i->from,
                                   .text = e->body,
                                   .id = e->id,
                                   .number = i->number,
                                   .time_ms = e->time_ms,
                                   .again = again,
                                   .past = i->past,
                                   .to_all = e->to == ENVELOPE_ALL,
                                   .trust = trust_sender(c, i->from, &e->key)};

    if (received_begin(&c->received, i->fingerprint, e->id) != ERR_OK)
        catchup_unrecorded(c);
    if (report_message(&c->report, &shown)) {
        owe(c, i, &shown);
        return true;
    }
    reconnect_never(c);
    client_quit(c, CLIENT_EXIT_FAILED);
    return false;
}

/* False if it could not be shown. */
static bool show(struct client *c, const struct opener_item *i, bool again)
{
    const struct envelope_content *e = &i->content;

    if (e->kind == ENVELOPE_TEXT && !ignored(c, i)) {
        if (!witness_agrees(c, e))
            witness_notice(c, i->from, e);
        return show_text(c, i, again);
    }
    record(c, i, false);
    if (ignored(c, i))
        return true;
    if (e->kind == ENVELOPE_BINDINGS) {
        /* One to all would make a whole room answer. */
        if (e->to == ENVELOPE_ONE)
            witness_take(c, i->from, e);
        return true;
    }
    /* The server tells every entry before the first envelope of who has seen it, so also a list
     * that is longer than ours is another one. */
    if (!witness_agrees(c, e))
        witness_notice(c, i->from, e);
    if (e->kind == ENVELOPE_RECEIPT) {
        if (!receipts_take(c, i->from, e))
            complain(c, i, "it is no receipt as one has to be");
        return true;
    }
    complain(c, i, "it is of a kind that this version does not know");
    return true;
}

/* Of what is ours and went to others nothing can be opened. */
static bool is_own(const struct client *c, const struct opener_item *i)
{
    return memcmp(i->fingerprint, c->identity.public.fingerprint, SIZE_FINGERPRINT) == 0;
}

/* All that can be wrong inside an envelope stays here: the server must not learn of it. */
static bool judge(struct client *c, const struct opener_item *i)
{
    enum err e = i->e;
    bool again = false;

    if (e == ERR_SEALED) {
        if (c->observe && !ignored(c, i) && !is_own(c, i))
            report_sealed(&c->report, i->from, i->number, (struct span){i->bytes, i->len});
        return true;
    }
    if (e == ERR_OK)
        e = envelope_expect(&i->content, c->server.fingerprint, i->fingerprint, i->from);
    if (i->e == ERR_OK && (e == ERR_KEY || e == ERR_NAME)) {
        complain(c, i, "somebody else wrote it than the server says");
        return true;
    }
    if (e == ERR_OK && !is_owner(c, i))
        e = ERR_KEY;
    if (e == ERR_OK)
        e = received_look(&c->received, i->fingerprint, i->content.id, &again);
    /* Who did not hear of ACCEPTED sends it twice; only who looks at everything wants to know. */
    if (e != ERR_OK && (e != ERR_REPLAY || (c->observe && !i->past)))
        complain(c, i, err_text(e));
    /* What there was no memory for is not dealt with: it comes again. */
    return e == ERR_OK ? show(c, i, again) : e != ERR_MEMORY;
}

/* The first sender's first item is done; the sender goes to the end of the row. */
static struct opener_item *take_first(struct opener *o)
{
    struct opener_sender *s = o->senders, **end;
    struct opener_item *i = s->first;

    o->senders = s->next;
    s->next = NULL;
    s->first = i->next;
    o->bytes -= size_of(i);
    if (s->first == NULL) {
        free(s);
        return i;
    }
    for (end = &o->senders; *end != NULL; end = &(*end)->next)
        ;
    *end = s;
    return i;
}

static void balance(struct client *c)
{
    bool pause = c->opener.bytes > OPENER_HIGH;

    if (pause == c->opener.paused || c->link == NULL)
        return;
    c->opener.paused = pause;
    link_pause(c->link, pause);
}

static void open_done(struct worker_job *job)
{
    struct opener_item *i = (struct opener_item *)job;
    struct client *c = i->client;

    c->opener.opening = false;
    take_first(&c->opener);
    if (!job->cancelled) {
        if (judge(c, i))
            catchup_dealt(c, i->log, i->number);
        opener_start(c);
        balance(c);
    }
    free_item(i);
}

static void opener_start(struct client *c)
{
    struct opener_item *i;

    if (c->opener.opening || c->opener.senders == NULL)
        return;
    i = c->opener.senders->first;
    i->job = (struct worker_job){.run = open_run, .done = open_done};
    c->opener.opening = worker_submit(c->pool.worker, &i->job);
}

static struct opener_sender *find_sender(struct opener *o, const uint8_t *fingerprint)
{
    struct opener_sender **at = &o->senders;

    while (*at != NULL && memcmp((*at)->fingerprint, fingerprint, SIZE_FINGERPRINT) != 0)
        at = &(*at)->next;
    if (*at == NULL) {
        *at = calloc(1, sizeof **at);
        if (*at != NULL)
            memcpy((*at)->fingerprint, fingerprint, SIZE_FINGERPRINT);
    }
    return *at;
}

void opener_take(struct client *c, const struct wire_sealed *m, bool past)
{
    struct opener_item *i = malloc(sizeof *i + m->envelope.len);
    struct opener_sender *s = i == NULL ? NULL : find_sender(&c->opener, m->fingerprint);

    if (s == NULL) {
        free(i);
        report_error(&c->report, "memory", "a message was lost: out of memory", 0);
        return;
    }
    *i = (struct opener_item){.client = c,
                              .number = m->number,
                              .log = c->catchup.log,
                              .past = past,
                              .len = m->envelope.len};
    memcpy(i->from, m->from, sizeof i->from);
    memcpy(i->fingerprint, m->fingerprint, sizeof i->fingerprint);
    if (m->envelope.len > 0)
        memcpy(i->bytes, m->envelope.data, m->envelope.len);
    buf_init(&i->plain, LIMIT_SEALED);
    if (s->first == NULL)
        s->first = i;
    else
        s->last->next = i;
    s->last = i;
    c->opener.bytes += size_of(i);
    opener_start(c);
    balance(c);
}

bool opener_busy(const struct opener *o)
{
    return o->senders != NULL;
}

void opener_free(struct opener *o)
{
    while (o->senders != NULL)
        free_item(take_first(o));
}
