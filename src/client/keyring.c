#include "client/keyring.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "client/client.h"
#include "client/courier.h"
#include "client/report_live.h"
#include "platform/now.h"

#define PAUSE_NS INT64_C(1000000000)

static void send_again(struct client *c, struct courier *k);

static void fresh(struct casting *k)
{
    struct keyring *r = &k->keys;

    r->epoch++;
    random_bytes(&k->client->random, r->key, sizeof r->key);
    r->changed = now_ns();
    r->due = INT64_MAX;
}

void keyring_start(struct casting *k)
{
    keyring_wipe(&k->keys);
    fresh(k);
}

void keyring_wipe(struct keyring *r)
{
    while (r->viewers != NULL) {
        struct keyring_viewer *v = r->viewers;

        r->viewers = v->next;
        free(v);
    }
    wipe(r, sizeof *r);
    r->due = INT64_MAX;
}

static struct keyring_viewer *find(const struct keyring *r, uint32_t viewer)
{
    struct keyring_viewer *v = r->viewers;

    while (v != NULL && v->viewer != viewer)
        v = v->next;
    return v;
}

static void drop(struct keyring *r, uint32_t viewer)
{
    for (struct keyring_viewer **at = &r->viewers; *at != NULL; at = &(*at)->next) {
        struct keyring_viewer *v = *at;

        if (v->viewer != viewer)
            continue;
        *at = v->next;
        r->count--;
        free(v);
        return;
    }
}

static struct buf key_body(const struct casting *k, const uint8_t *nonce)
{
    struct shot_key m = {.epoch = k->keys.epoch};
    struct buf body;

    memcpy(m.id, k->id, sizeof m.id);
    memcpy(m.key, k->keys.key, sizeof m.key);
    if (nonce != NULL)
        memcpy(m.nonce, nonce, sizeof m.nonce);
    buf_init(&body, sizeof m);
    shot_put_key(&body, &m);
    wipe(&m, sizeof m);
    return body;
}

static void give(struct client *c, const struct courier *k)
{
    struct buf out;
    size_t begin;

    buf_init(&out, MESSAGE_HEADER + LIMIT_MESSAGE);
    begin = wire_give_begin(&out, k->number, k->viewer);
    buf_add(&out, k->envelope.data, k->envelope.len);
    message_end(&out, begin);
    client_send(c, &out);
    link_kick(c->link); /* now there is somebody to send frames to */
}

static void oust(struct client *c, uint32_t cast, uint32_t viewer)
{
    struct buf out;

    buf_init(&out, LIMIT_HELLO);
    wire_put_pair(&out, MESSAGE_OUST, cast, viewer);
    client_send(c, &out);
}

/* The key is another one by now for all who had it before: one envelope for them together. */
static void sealed_for_all(struct client *c, struct courier *k)
{
    const struct casting *cast = caster_of(c, k->number);

    if (k->e == ERR_OK && cast != NULL && cast->keys.epoch == k->epoch)
        give(c, k);
}

static void tell_all(struct casting *k)
{
    struct client *c = k->client;
    struct keyring *r = &k->keys;
    struct public_key *keys = calloc(r->count + 1, sizeof *keys);
    struct buf body = key_body(k, NULL);
    bool good = keys != NULL;
    size_t count = 0;

    for (struct keyring_viewer *v = r->viewers; keys != NULL && v != NULL; v = v->next) {
        if (count < LIMIT_SLOTS)
            keys[count++] = v->key;
    }
    if (count > 0)
        good = courier_seal(c, ENVELOPE_CAST_KEY, &body, keys, count, true, k->number, 0, r->epoch,
                            sealed_for_all);
    else
        buf_free(&body);
    if (!good)
        report_error(&c->report, "cast", "a new key could not be sealed: who watches must ask", 0);
    free(keys);
}

static void change(struct casting *k)
{
    fresh(k);
    report_cast_key(&k->client->report, k->name, k->keys.epoch);
    tell_all(k);
}

/* With the key as it is now; it may have changed while the last answer was sealed. */
static void answer(struct casting *k, struct keyring_viewer *v)
{
    struct buf body = key_body(k, v->nonce);

    v->busy = courier_seal(k->client, ENVELOPE_CAST_KEY, &body, &v->key, 1, false, k->number,
                           v->viewer, k->keys.epoch, send_again);
}

static void send_again(struct client *c, struct courier *k)
{
    struct casting *cast = caster_of(c, k->number);
    struct keyring_viewer *v = cast == NULL ? NULL : find(&cast->keys, k->viewer);

    if (v == NULL)
        return;
    v->busy = false;
    if (k->e == ERR_OK && k->epoch == cast->keys.epoch)
        give(c, k);
    else if (k->e == ERR_OK)
        answer(cast, v);
}

static void admit(struct casting *k, const struct courier *q, const struct shot_key *m)
{
    struct keyring *r = &k->keys;
    struct keyring_viewer *v = find(r, q->viewer);

    if (v == NULL) {
        v = r->count < LIMIT_WATCHERS ? calloc(1, sizeof *v) : NULL;
        if (v == NULL)
            return;
        v->viewer = q->viewer;
        v->next = r->viewers;
        r->viewers = v;
        r->count++;
        memcpy(v->name, q->from, sizeof v->name);
        v->key = q->content.key;
        report_cast_viewer(&k->client->report, k->name, v->name, "admitted");
    }
    memcpy(v->nonce, m->nonce, sizeof v->nonce);
    if (!v->busy && public_key_same(&v->key, &q->content.key))
        answer(k, v);
}

/* What is no question is answered by nothing, as anything else inside an envelope. */
static void opened(struct client *c, struct courier *q)
{
    struct casting *k = caster_of(c, q->number);
    struct shot_key m;

    if (k == NULL)
        return;
    if (q->e == ERR_OK &&
        (q->content.to != ENVELOPE_ONE || shot_get_ask(q->content.body, &m) != ERR_OK ||
         memcmp(m.id, k->id, sizeof m.id) != 0))
        return;
    if (q->e == ERR_OK && policy_admits(k->viewers, q->from)) {
        admit(k, q, &m);
    } else if (q->e == ERR_OK || q->e == ERR_KEY) {
        report_cast_viewer(&c->report, k->name, q->from, "refused");
        oust(c, k->number, q->viewer);
    }
}

void keyring_asked(struct client *c, const struct wire_pass *m)
{
    struct casting *k = caster_of(c, m->number);

    if (k == NULL || k->plain)
        return;
    courier_open(c, m, ENVELOPE_CAST_ASK, opened);
}

void keyring_gone(struct casting *k, uint32_t viewer)
{
    struct keyring *r = &k->keys;
    const struct keyring_viewer *v = find(r, viewer);

    if (v == NULL)
        return;
    report_cast_viewer(&k->client->report, k->name, v->name, "left");
    drop(r, viewer);
    if (r->due == INT64_MAX)
        r->due = r->changed + PAUSE_NS;
    keyring_tick(k, now_ns());
}

void keyring_sift(struct casting *k)
{
    struct keyring_viewer *v = k->keys.viewers, *next;
    bool out = false;

    for (; v != NULL; v = next) {
        next = v->next;
        if (policy_admits(k->viewers, v->name))
            continue;
        report_cast_viewer(&k->client->report, k->name, v->name, "put-out");
        oust(k->client, k->number, v->viewer);
        drop(&k->keys, v->viewer);
        out = true;
    }
    if (out)
        change(k);
}

void keyring_tick(struct casting *k, int64_t now)
{
    if (k->state == CASTING_OPEN && now >= k->keys.due)
        change(k);
}
