#include "client/receipts.h"

#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "client/client.h"
#include "client/state.h"
#include "client/trust.h"
#include "platform/now.h"

#define SECOND_NS INT64_C(1000000000)

bool receipts_wanted(const struct client *c)
{
    return c->config->receipts && !c->config->one_shot;
}

static struct receipts_batch *find(struct receipts *r, const uint8_t *to)
{
    for (size_t i = 0; i < r->count; i++)
        if (memcmp(r->batches[i].to, to, SIZE_FINGERPRINT) == 0)
            return &r->batches[i];
    return NULL;
}

/* Between 1 and 10 seconds, the same chance for each. */
static int64_t some_time(struct client *c)
{
    return now_ns() + SECOND_NS + (int64_t)(random_u64(&c->random) % (uint64_t)(9 * SECOND_NS));
}

void receipts_owe(struct client *c, const uint8_t to[static SIZE_FINGERPRINT])
{
    struct receipts *r = &c->receipts;
    struct receipts_batch *b = find(r, to);

    /* When there are too many, they stay owed, and are due the next time. */
    if (b != NULL || r->count == LIMIT_RECEIPTS)
        return;
    b = &r->batches[r->count++];
    *b = (struct receipts_batch){.due = some_time(c)};
    memcpy(b->to, to, sizeof b->to);
}

void receipts_enter(struct client *c)
{
    char path[PATHS_MAX];
    uint64_t ids[1];
    size_t at = 0;

    if (c->config->one_shot)
        return;
    if (!c->receipts.open &&
        awaited_open(&c->receipts.awaited, state_room_file(c, "awaited", path) ? path : NULL) !=
            ERR_OK)
        awaited_open(&c->receipts.awaited, NULL);
    c->receipts.open = true;
    if (!receipts_wanted(c))
        return;
    for (; received_owed(&c->received, &at, ids, 1) > 0; at++)
        receipts_owe(c, c->received.replay.senders[at]->fingerprint);
}

/* Whose key it is, if we may write to it. */
static const struct public_key *find_key(const struct client *c, const uint8_t *fingerprint,
                                         const char **name)
{
    for (size_t i = 0; i < c->members.count; i++) {
        const struct member *m = c->members.list[i];

        *name = m->name;
        if (memcmp(m->key.fingerprint, fingerprint, SIZE_FINGERPRINT) == 0)
            return trust_allows(c, m) && !trust_ignores(c, m->name, fingerprint) ? &m->key : NULL;
    }
    for (size_t i = 0; i < c->contacts.count; i++) {
        const struct contact *k = c->contacts.list[i];

        *name = k->name;
        if (memcmp(k->server, c->server.fingerprint, SIZE_FINGERPRINT) == 0 &&
            memcmp(k->key.fingerprint, fingerprint, SIZE_FINGERPRINT) == 0)
            return k->shown == NULL && !k->ignored ? &k->key : NULL;
    }
    return NULL;
}

static size_t owed_to(const struct client *c, const uint8_t *to, uint64_t *ids)
{
    for (size_t at = 0, n; (n = received_owed(&c->received, &at, ids, RECEIPT_IDS)) > 0; at++) {
        if (memcmp(c->received.replay.senders[at]->fingerprint, to, SIZE_FINGERPRINT) == 0)
            return n;
    }
    return 0;
}

static void drop(struct receipts *r, struct receipts_batch *b)
{
    *b = r->batches[--r->count];
}

static void settle(struct client *c, const uint8_t *to, const uint64_t *ids, size_t count)
{
    if (count > 0 && received_settle(&c->received, to, ids, count) == ERR_IO)
        catchup_unrecorded(c);
}

/* False: it is over with that batch. */
static bool post(struct client *c, const struct receipts_batch *b)
{
    uint64_t ids[RECEIPT_IDS];
    size_t count = owed_to(c, b->to, ids);
    const char *name = NULL;
    const struct public_key *key = find_key(c, b->to, &name);
    struct buf body;
    bool sent = false;

    /* A key that we don't trust, or that is gone, never gets one. */
    if (key == NULL)
        settle(c, b->to, ids, count);
    buf_init(&body, sizeof ids);
    for (size_t i = 0; i < count; i++)
        buf_add64(&body, ids[i]);
    if (key != NULL && count > 0)
        sent =
            mail_post(c, ENVELOPE_RECEIPT, name, key, (struct span){body.data, body.len}) == ERR_OK;
    buf_free(&body);
    return sent;
}

void receipts_accepted(struct client *c, const uint8_t to[static SIZE_FINGERPRINT],
                       struct span body)
{
    struct receipts_batch *b = find(&c->receipts, to);
    uint64_t ids[RECEIPT_IDS];
    size_t count = body.len / 8 < RECEIPT_IDS ? body.len / 8 : RECEIPT_IDS;

    for (size_t i = 0; i < count; i++)
        ids[i] = bytes_get64(body.data + 8 * i);
    settle(c, to, ids, count);
    if (b != NULL)
        drop(&c->receipts, b);
    if (owed_to(c, to, ids) > 0)
        receipts_owe(c, to);
}

void receipts_refused(struct client *c, const uint8_t to[static SIZE_FINGERPRINT])
{
    struct receipts_batch *b = find(&c->receipts, to);

    if (b == NULL)
        return;
    b->sent = false;
    b->due = some_time(c);
}

void receipts_await(struct client *c, uint64_t id, const uint8_t to[static SIZE_FINGERPRINT])
{
    if (c->receipts.open && awaited_add(&c->receipts.awaited, id, to) != ERR_OK)
        catchup_unrecorded(c);
}

bool receipts_take(struct client *c, const char *from, const struct envelope_content *e)
{
    uint64_t ids[RECEIPT_IDS];
    size_t count = 0;

    if (e->to != ENVELOPE_ONE || e->body.len == 0 || e->body.len % 8 != 0 ||
        e->body.len / 8 > RECEIPT_IDS)
        return false;
    for (size_t i = 0; i < e->body.len / 8; i++) {
        uint64_t id = bytes_get64(e->body.data + 8 * i);

        if ((c->receipts.open && awaited_take(&c->receipts.awaited, id, e->key.fingerprint)) ||
            mail_delivered(c, id, e->key.fingerprint))
            ids[count++] = id;
    }
    if (count > 0)
        report_delivered(&c->report, from, ids, count);
    return true;
}

int64_t receipts_due(const struct client *c)
{
    int64_t due = INT64_MAX;

    for (size_t i = 0; i < c->receipts.count; i++) {
        const struct receipts_batch *b = &c->receipts.batches[i];

        if (!b->sent && b->due < due)
            due = b->due;
    }
    return due;
}

void receipts_tick(struct client *c, int64_t now)
{
    struct receipts *r = &c->receipts;

    for (size_t i = r->count; i-- > 0;) {
        struct receipts_batch *b = &r->batches[i];

        if (b->sent || now < b->due)
            continue;
        b->sent = post(c, b);
        if (!b->sent)
            drop(r, b);
    }
}

void receipts_free(struct client *c)
{
    if (c->receipts.open)
        awaited_close(&c->receipts.awaited);
    c->receipts.open = false;
}
