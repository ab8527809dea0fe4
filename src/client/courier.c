#include "client/courier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "client/client.h"
#include "client/trust.h"
#include "platform/now.h"

static void courier_free(struct courier *k)
{
    buf_free(&k->envelope);
    buf_free(&k->body);
    random_wipe(&k->random);
    free(k->keys);
    wipe(k, sizeof *k);
    free(k);
}

static struct courier *make(struct client *c, courier_done *done)
{
    struct courier *k = calloc(1, sizeof *k);

    if (k == NULL)
        return NULL;
    k->client = c;
    k->done = done;
    buf_init(&k->envelope, LIMIT_ENVELOPE);
    buf_init(&k->body, LIMIT_SEALED);
    random_fork(&k->random, &c->random);
    return k;
}

static void seal(struct courier *k)
{
    const struct identity *id = &k->client->identity;
    const struct public_key **to;

    if (!k->all) {
        k->e = envelope_seal_one(&k->envelope, id, &k->random, &k->content, &k->keys[0]);
        return;
    }
    to = calloc(k->count, sizeof *to);
    k->e = ERR_MEMORY;
    for (size_t i = 0; to != NULL && i < k->count; i++)
        to[i] = &k->keys[i];
    if (to != NULL)
        k->e = envelope_seal_all(&k->envelope, id, &k->random, &k->content, to, k->count);
    free(to);
}

static void run(struct worker_job *job)
{
    struct courier *k = (struct courier *)job;

    if (k->sealing)
        seal(k);
    else
        k->e = envelope_open(&k->content, &k->body, &k->client->identity, k->envelope.data,
                             k->envelope.len);
    wipe_stack();
}

bool courier_trusts(struct client *c, const char *name, const struct public_key *key)
{
    const uint8_t *owner = bindings_find(&c->bindings, name);
    char text[160];
    bool known = bindings_ever(&c->bindings, name, key->fingerprint) || owner == NULL;
    bool good = known && trust_sender(c, name, key) != CONTACT_CHANGED &&
                !witness_disputes(&c->witness, name);

    if (!good) {
        snprintf(text, sizeof text, "%s: this key is not, or no longer, the one of that name",
                 name);
        report_error(&c->report, "key-changed", text, 0);
    }
    return good && !trust_ignores(c, name, key->fingerprint);
}

/* As of a message (opener.c). What is not for us is nothing to speak of; ERR_KEY is left for whom we
 * don't trust. */
static enum err judge(struct client *c, struct courier *k)
{
    char text[160];

    if (k->e == ERR_SEALED)
        return k->e;
    if (k->e == ERR_OK)
        k->e = envelope_expect(&k->content, c->server.fingerprint, k->fingerprint, k->from);
    if (k->e == ERR_OK && k->content.kind != k->kind)
        k->e = ERR_FORMAT;
    if (k->e != ERR_OK) {
        snprintf(text, sizeof text, "something about a cast from %s is not as it should be: %s",
                 k->from, err_text(k->e));
        report_error(&c->report, "bad-envelope", text, 0);
        return ERR_FORMAT;
    }
    if (!courier_trusts(c, k->from, &k->content.key))
        return ERR_KEY;
    /* A one-shot has the list as it was when it came. */
    if (!c->config->one_shot && !witness_agrees(c, &k->content))
        witness_notice(c, k->from, &k->content);
    return ERR_OK;
}

static void done(struct worker_job *job)
{
    struct courier *k = (struct courier *)job;
    struct client *c = k->client;

    c->couriers--;
    if (!job->cancelled) {
        if (!k->sealing)
            k->e = judge(c, k);
        k->done(c, k);
    }
    courier_free(k);
}

static bool submit(struct client *c, struct courier *k)
{
    k->job = (struct worker_job){.run = run, .done = done};
    if (!k->envelope.failed && !k->body.failed && worker_submit(c->pool.worker, &k->job)) {
        c->couriers++;
        return true;
    }
    courier_free(k);
    return false;
}

bool courier_open(struct client *c, const struct wire_pass *m, enum envelope_kind kind,
                  courier_done *then)
{
    struct courier *k = make(c, then);

    if (k == NULL)
        return false;
    k->number = m->number;
    k->viewer = m->viewer;
    k->kind = kind;
    memcpy(k->from, m->from, sizeof k->from);
    memcpy(k->fingerprint, m->fingerprint, sizeof k->fingerprint);
    buf_add(&k->envelope, m->envelope.data, m->envelope.len);
    return submit(c, k);
}

/* Everything that is sealed, but for what seal fills in itself. */
static bool fill(struct client *c, struct courier *k, enum envelope_kind kind)
{
    struct envelope_content *e = &k->content;

    memcpy(e->sender, c->config->name, sizeof e->sender);
    memcpy(e->server, c->server.fingerprint, sizeof e->server);
    e->time_ms = now_wall_ms();
    e->n = c->bindings.count;
    bindings_hash(&c->bindings, e->n, e->h);
    e->kind = (uint8_t)kind;
    e->body = (struct span){k->body.data, k->body.len};
    return ids_next(&c->ids, e->time_ms, &e->id) == ERR_OK;
}

bool courier_seal(struct client *c, enum envelope_kind kind, struct buf *body,
                  const struct public_key *keys, size_t count, bool all, uint32_t number,
                  uint32_t viewer, uint32_t epoch, courier_done *then)
{
    struct courier *k = make(c, then);
    bool good = k != NULL;

    if (good) {
        k->sealing = true;
        k->all = all;
        k->number = number;
        k->viewer = viewer;
        k->epoch = epoch;
        k->count = count;
        buf_add(&k->body, body->data, body->len);
        k->keys = calloc(count, sizeof *keys);
        good = k->keys != NULL && !body->failed && !k->body.failed && fill(c, k, kind);
        if (good)
            memcpy(k->keys, keys, count * sizeof *keys);
    }
    buf_free(body);
    if (good)
        return submit(c, k);
    if (k != NULL)
        courier_free(k);
    return false;
}
