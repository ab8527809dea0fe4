#include "client/parcels_link.h"

#include <stdio.h>
#include <string.h>

#include "client/client.h"
#include "client/give.h"
#include "client/parcel_name.h"
#include "client/parcel_store.h"
#include "client/report_parcel.h"
#include "client/switchboard.h"
#include "client/take.h"
#include "client/trust.h"
#include "platform/now.h"

#define SECOND INT64_C(1000000000)
#define IDLE_NS (LIMIT_FILE_IDLE_SECONDS * SECOND)
#define AGAIN_MOST_NS (30 * SECOND)

static bool same_key(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, SIZE_FINGERPRINT) == 0;
}

/* Files of the link that are not over. */
static size_t open_files(const struct peer *l)
{
    size_t n = 0;

    for (const struct parcel *p = l->client->parcels.list; p != NULL; p = p->next)
        n += p->link == l;
    return n;
}

static bool flows(const struct parcel *p)
{
    return p->state > PARCEL_TURN && p->state < PARCEL_OVER;
}

/* Whose turn it is gets it; reading stops while one of them can hold no more. */
static void turn(struct peer *l)
{
    bool full = false;
    size_t flow = 0;

    for (const struct parcel *p = l->client->parcels.list; p != NULL; p = p->next) {
        flow += p->link == l && flows(p);
        full = full || (p->link == l && take_full(p));
    }
    for (struct parcel *p = l->client->parcels.list; p != NULL; p = p->next) {
        if (p->link != l || p->state != PARCEL_TURN || p->busy || flow >= LIMIT_FILES_AT_ONCE)
            continue;
        flow++;
        parcel_store_keep(p);
        take_open(p);
        parcels_go_on(p);
    }
    if (l->link != NULL)
        link_pause(l->link, full);
}

static void offer(struct peer *l)
{
    size_t open = open_files(l);

    for (struct parcel *p = l->client->parcels.list; p != NULL && open < LIMIT_OFFERS;
         p = p->next) {
        if (!p->out || p->link != NULL || p->state != PARCEL_WAITS || !p->known || p->busy ||
            !same_key(p->key, l->call.key.fingerprint))
            continue;
        p->link = l;
        p->linked = true;
        p->wait = PARCELS_WAIT_NS;
        give_offer(p, ++l->files.last, &l->call.out);
        if (!p->agreed)
            report_parcel_offered(&l->client->report, p);
        open++;
    }
}

void parcels_link_changed(struct peer *l)
{
    if (l->call.state != CALL_CHATTING)
        return;
    if (l->call.caller)
        offer(l);
    else
        turn(l);
    if (!l->call.caller)
        l->call.due = open_files(l) > 0 ? INT64_MAX : now_ns() + IDLE_NS;
    peer_push(l);
    if (l->call.caller && l->link != NULL)
        link_kick(l->link);
}

void parcels_began(struct peer *l)
{
    l->files.began = true;
    parcels_link_changed(l);
}

/* One DATA of each in turn: those behind the one that was served last come first. */
size_t parcels_fill(struct peer *l, uint8_t *to, size_t room)
{
    struct parcel *chosen = NULL;
    size_t n = 0;

    for (int round = 0; round < 2 && n == 0; round++) {
        for (struct parcel *p = l->client->parcels.list; p != NULL && n == 0; p = p->next) {
            if (p->link != l || (p->number > l->files.served) != (round == 0))
                continue;
            n = give_fill(p, to, room);
            chosen = p;
        }
    }
    if (n == 0)
        return 0;
    l->files.served = chosen->number;
    if (give_wants_more(chosen))
        parcels_go_on(chosen);
    return n;
}

/* How a new offer is met. */
static void judge(struct parcel *p, struct peer *l)
{
    struct client *c = p->client;
    int64_t now = now_ns();

    if (c->config->max_file != 0 && p->size > c->config->max_file) {
        report_parcel_offer(&c->report, p, false);
        parcels_drop(p, PARCEL_TOO_LARGE);
    } else if (p->agreed && p->size <= p->agreed_size) {
        take_agree(p);
    } else if (parcels_accepts(c, p->peer)) {
        report_parcel_offer(&c->report, p, false);
        take_agree(p);
    } else if (c->config->receives) {
        p->told = true; /* there is nobody to be asked */
        parcels_drop(p, PARCEL_CANCELLED);
    } else if (!l->files.rung && !bell_ring(&c->parcels.bell, p->key, now)) {
        p->told = true;
        parcels_drop(p, PARCEL_BUSY);
    } else {
        l->files.rung = true;
        p->agreed = false;
        report_parcel_offer(&c->report, p, true);
    }
}

/* The same that was cut before, or came already; NULL: it is new. */
static struct parcel *find_before(const struct peer *l, const struct wire_offer *m)
{
    for (struct parcel *p = l->client->parcels.list; p != NULL; p = p->next) {
        if (p->out || p->link != NULL || !same_key(p->key, l->call.key.fingerprint) ||
            memcmp(p->token, m->token, sizeof p->token) != 0)
            continue;
        if (p->state == PARCEL_WAITS ||
            (p->end == PARCEL_DONE && p->size == m->size && p->mtime == m->mtime))
            return p;
    }
    return NULL;
}

static struct parcel *make_new(struct peer *l, const struct wire_offer *m)
{
    const char *directory = parcels_directory(l->client);
    struct parcel *p = directory == NULL ? NULL : parcels_add(l->client, false);

    if (p == NULL)
        return NULL;
    memcpy(p->token, m->token, sizeof p->token);
    memcpy(p->key, l->call.key.fingerprint, sizeof p->key);
    snprintf(p->peer, sizeof p->peer, "%s", l->call.name);
    parcel_name_clean(p->name, m->name);
    if (!parcel_write_init(&p->write, directory)) {
        p->told = true;
        parcel_finish(p, PARCEL_FAILED);
        return NULL;
    }
    memcpy(p->write.name, p->name, sizeof p->name);
    parcel_store_name(p);
    return p;
}

static enum err take_new(struct peer *l, const struct wire_offer *m)
{
    struct parcel *p;

    if (m->file <= l->files.last)
        return ERR_STATE;
    if (open_files(l) >= LIMIT_OFFERS || l->files.vain >= LIMIT_OFFERS_VAIN)
        return ERR_LIMIT;
    l->files.last = m->file;
    p = find_before(l, m);
    if (p != NULL && p->state == PARCEL_OVER) {
        wire_put_kept(&l->call.out, m->file);
        return ERR_OK;
    }
    if (p == NULL)
        p = make_new(l, m);
    if (p == NULL) {
        wire_put_drop(&l->call.out, &(struct wire_drop_file){m->file, DROP_FAILED});
        l->files.vain++;
        return ERR_OK;
    }
    p->link = l;
    take_offer(p, m);
    judge(p, l);
    return ERR_OK;
}

/* What each message about a file begins with. */
static struct parcel *find_open(const struct peer *l, uint32_t file)
{
    for (struct parcel *p = l->client->parcels.list; p != NULL; p = p->next) {
        if (p->link == l && p->file == file)
            return p;
    }
    return NULL;
}

enum err parcels_message(struct peer *l, const struct message *m)
{
    struct cursor c = cursor_over(m->payload.data, m->payload.len);
    struct wire_offer o;
    struct parcel *p;
    uint32_t file;
    bool vain;
    enum err e;

    if (m->type == MESSAGE_OFFER) {
        e = wire_get_offer(m->payload, &o);
        if (e == ERR_OK)
            e = take_new(l, &o);
        parcels_link_changed(l);
        return e;
    }
    file = cursor_get32(&c);
    p = find_open(l, file);
    /* What was dropped here may still be on its way. */
    if (p == NULL)
        return !c.failed && file <= l->files.last ? ERR_OK : ERR_STATE;
    vain = p->state == PARCEL_OFFERED;
    e = p->out ? give_message(p, m) : take_message(p, m, now_ns(), &l->call.out);
    l->files.vain += vain && p->state == PARCEL_OVER;
    if (p->out && p->state == PARCEL_OPENING)
        parcel_store_keep(p);
    /* Not for every piece of a file: only what it changes. */
    if (m->type != MESSAGE_DATA || take_wants_more(p))
        parcels_go_on(p);
    return e;
}

/* Each wait for a link is twice as long as the one before. */
static void try_later(struct parcel *p, int64_t now)
{
    p->again = now + p->wait;
    p->wait = 2 * p->wait < AGAIN_MOST_NS ? 2 * p->wait : AGAIN_MOST_NS;
}

static void cut(struct parcel *p, const struct peer *l)
{
    bool told = p->agreed && p->state != PARCEL_WAITS;

    p->link = NULL;
    if (p->out)
        give_cut(p);
    else
        take_cut(p);
    try_later(p, now_ns());
    if (told && p->state == PARCEL_WAITS)
        report_parcel_cut(&p->client->report, p, l->why);
    parcels_go_on(p);
}

/* No link came about: what never had one has failed. */
static void missed(struct parcel *p, struct peer *l)
{
    if (p->linked) {
        try_later(p, now_ns());
        return;
    }
    p->denied = l->call.end == CALL_END_WRONG_KEY || l->call.end == CALL_END_REFUSED;
    parcel_finish(p, PARCEL_UNREACHABLE);
    report_parcel_unreachable(&p->client->report, p, l->call.end, l->at, l->why);
    parcels_go_on(p);
}

void parcels_ended(struct peer *l)
{
    bool lost = l->files.over;

    l->files.over = true;
    for (struct parcel *p = l->client->parcels.list; p != NULL && !lost; p = p->next) {
        if (p->link == l)
            cut(p, l);
        else if (l->call.caller && p->out && p->link == NULL && p->state == PARCEL_WAITS &&
                 !l->files.began && same_key(p->key, l->call.key.fingerprint))
            missed(p, l);
    }
}

void parcels_joined(struct client *c, const struct member *m)
{
    for (struct parcel *p = c->parcels.list; p != NULL; p = p->next) {
        if (p->out && p->state == PARCEL_WAITS && same_key(p->key, m->key.fingerprint)) {
            p->again = 0;
            p->wait = PARCELS_WAIT_NS;
        }
    }
}

/* The link on which files to that key go out. */
static struct peer *find_link(const struct client *c, const uint8_t *key)
{
    for (struct peer *l = c->direct.peers; l != NULL; l = l->next) {
        if (l->call.files && l->call.caller && l->call.state != CALL_OVER &&
            same_key(l->call.key.fingerprint, key))
            return l;
    }
    return NULL;
}

/* Not there, or not to be reached now: later. */
static void dial(struct parcel *p, int64_t now)
{
    struct client *c = p->client;
    const struct member *m = members_find(&c->members, p->peer);
    struct address at;
    const char *why;

    try_later(p, now);
    if (m != NULL && same_key(m->key.fingerprint, p->key) && trust_allows(c, m) &&
        direct_address(c, m, &at, &why))
        peer_dial_files(c, m->name, &m->key, &at);
}

/* Does anything still need the link? */
static bool needed(const struct peer *l)
{
    for (const struct parcel *p = l->client->parcels.list; p != NULL; p = p->next) {
        if (p->link == l || (p->out && p->state == PARCEL_WAITS && p->asked &&
                             same_key(p->key, l->call.key.fingerprint)))
            return true;
    }
    return false;
}

static bool lacks_link(const struct parcel *p)
{
    return p->out && p->state == PARCEL_WAITS && p->known && !p->busy && p->link == NULL;
}

static bool may_dial(const struct client *c)
{
    return c->state <= CLIENT_ALONE;
}

void parcels_link_tick(struct client *c, int64_t now)
{
    for (struct parcel *p = c->parcels.list; p != NULL; p = p->next) {
        struct peer *l;

        if (!lacks_link(p))
            continue;
        l = find_link(c, p->key);
        if (l != NULL && l->call.state == CALL_CHATTING)
            parcels_link_changed(l);
        else if (l == NULL && now >= p->again && may_dial(c))
            dial(p, now);
    }
    for (struct peer *l = c->direct.peers; l != NULL; l = l->next) {
        if (l->call.files && l->call.caller && l->call.state == CALL_CHATTING && !needed(l))
            switchboard_finish(l, CALL_END_EOM);
    }
}

int64_t parcels_link_due(const struct client *c)
{
    int64_t due = INT64_MAX;

    if (!may_dial(c))
        return due;
    /* Not while there is a link that may yet come about: its end, if not its success, is told. */
    for (const struct parcel *p = c->parcels.list; p != NULL; p = p->next) {
        if (lacks_link(p) && p->again < due && find_link(c, p->key) == NULL)
            due = p->again;
    }
    return due;
}
