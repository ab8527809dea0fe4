#include "server/intake.h"

#include <stdlib.h>
#include <string.h>

#include "proto/envelope.h"
#include "server/room.h"

/* Seconds of the room's rate that may go at once, and those of them that are reserved. */
#define BURST_SECONDS 6
#define RESERVE_SECONDS 3
/* Of one session: what it may always have at once, and the share of the rate that brings it back. */
#define OWN_SECONDS 2
#define OWN_SHARE 16

/* A session for which more waits is not read. */
#define HELD_HIGH 64
#define HELD_BYTES_HIGH (256 * 1024)

struct intake_held {
    struct intake_held *next;
    uint8_t type;            /* SEND, ASK or GIVE */
    uint64_t id;             /* of a SEND */
    uint32_t number, viewer; /* of the others */
    size_t len;
    uint8_t envelope[];
};

void intake_open(struct room *r)
{
    int64_t rate = r->limits.value[LIMITS_ROOM_RATE];

    bucket_open(&r->intake.all, rate, BURST_SECONDS * rate, r->now);
    r->intake.reserve = RESERVE_SECONDS * rate * BUCKET_TOKEN;
}

void intake_start(struct session *s)
{
    int64_t rate = s->room->limits.value[LIMITS_ROOM_RATE];
    int64_t own = rate < OWN_SHARE ? 1 : rate / OWN_SHARE;

    s->intake = (struct intake_lane){0};
    bucket_open(&s->intake.own, rate == 0 ? 0 : own, OWN_SECONDS * rate, s->room->now);
}

bool intake_full(const struct session *s)
{
    return s->intake.count + s->unanswered > HELD_HIGH || s->intake.bytes > HELD_BYTES_HIGH;
}

/* False if it is over the room's rate. */
static bool may_go(const struct room *r, const struct session *s)
{
    int64_t left = bucket_level(&r->intake.all, r->now);
    bool own = bucket_level(&s->intake.own, r->now) >= BUCKET_TOKEN;

    return left >= BUCKET_TOKEN && (own || left - BUCKET_TOKEN >= r->intake.reserve);
}

static void go(struct session *s, const struct intake_held *h, struct span envelope)
{
    struct wire_send send = {.id = h->id, .envelope = envelope};
    struct wire_pass pass = {.number = h->number, .viewer = h->viewer, .envelope = envelope};
    struct room *r = s->room;

    bucket_take(&r->intake.all, 1, r->now);
    if (bucket_level(&s->intake.own, r->now) >= BUCKET_TOKEN)
        bucket_take(&s->intake.own, 1, r->now);
    if (h->type == MESSAGE_SEND)
        relay_submit(r, s, &send);
    else
        casts_pass(s, h->type, &pass);
}

static void append_waiting(struct session *s)
{
    struct session **at = &s->room->intake.waiting;

    while (*at != NULL)
        at = &(*at)->intake.next;
    *at = s;
    s->intake.next = NULL;
}

static void remove_waiting(const struct session *s)
{
    struct session **at = &s->room->intake.waiting;

    while (*at != NULL && *at != s)
        at = &(*at)->intake.next;
    if (*at != NULL)
        *at = s->intake.next;
}

/* False without memory, or if too much waits already. */
static bool hold(struct session *s, const struct intake_held *head, struct span envelope)
{
    struct intake_lane *lane = &s->intake;
    struct intake *all = &s->room->intake;
    struct intake_held *h = NULL;

    if (envelope.len <= LIMIT_WAITING - all->bytes)
        h = malloc(sizeof *h + envelope.len);
    if (h == NULL)
        return false;
    *h = *head;
    h->len = envelope.len;
    memcpy(h->envelope, envelope.data, envelope.len);
    *(lane->last != NULL ? &lane->last->next : &lane->first) = h;
    lane->last = h;
    lane->bytes += h->len;
    all->bytes += h->len;
    if (lane->count++ == 0)
        append_waiting(s);
    session_balance(s);
    return true;
}

/* Now, or in its turn; false without memory. */
static bool take(struct session *s, const struct intake_held *head, struct span envelope)
{
    if (s->intake.count > 0 || !may_go(s->room, s))
        return hold(s, head, envelope);
    go(s, head, envelope);
    return true;
}

void intake_take(struct session *s, const struct wire_send *m)
{
    const struct intake_held head = {.type = MESSAGE_SEND, .id = m->id};
    struct room *r = s->room;

    if (envelope_check(m->envelope.data, m->envelope.len) != ERR_OK)
        session_refuse(s, CODE_PROTOCOL, "SEND: not an envelope");
    else if (m->envelope.len > (size_t)r->limits.value[LIMITS_ENVELOPE])
        relay_refuse(s, m->id, CODE_LIMIT, "the envelope is larger than this server takes");
    else if (!take(s, &head, m->envelope))
        relay_refuse(s, m->id, CODE_STORE, "the server is out of memory: try again");
}

/* Who is not given a key asks again. */
void intake_pass(struct session *s, uint8_t type, const struct wire_pass *m)
{
    const struct intake_held head = {.type = type, .number = m->number, .viewer = m->viewer};

    take(s, &head, m->envelope);
}

/* Who waits and has the most left of its own; of those alike the one served longest ago. */
static struct session *pick(const struct room *r)
{
    struct session *best = r->intake.waiting, *s = best;
    int64_t most = s == NULL ? 0 : bucket_level(&s->intake.own, r->now);

    while (s != NULL && (s = s->intake.next) != NULL) {
        int64_t level = bucket_level(&s->intake.own, r->now);

        if (level >= BUCKET_TOKEN && level > most) {
            best = s;
            most = level;
        }
    }
    return best;
}

int64_t intake_due(const struct room *r)
{
    const struct bucket *all = &r->intake.all;
    const struct session *s = pick(r);
    int64_t any, own, full;

    if (s == NULL)
        return INT64_MAX;
    any = bucket_due(all, 1, r->now);
    own = bucket_due(&s->intake.own, 1, r->now);
    full = bucket_due(all, 1 + r->intake.reserve / BUCKET_TOKEN, r->now);
    own = own > any ? own : any;
    return own < full ? own : full;
}

/* Out of all lists before anything is written to the session: that may end it. */
static void release(struct session *s)
{
    struct intake_lane *lane = &s->intake;
    struct intake_held *h = lane->first;

    lane->first = h->next;
    lane->last = h->next == NULL ? NULL : lane->last;
    lane->bytes -= h->len;
    s->room->intake.bytes -= h->len;
    lane->count--;
    remove_waiting(s);
    if (lane->count > 0)
        append_waiting(s);
    go(s, h, (struct span){h->envelope, h->len});
    session_balance(s);
    free(h);
}

void intake_tick(struct room *r)
{
    struct session *s;

    while ((s = pick(r)) != NULL && may_go(r, s))
        release(s);
}

void intake_forget(struct session *s)
{
    struct intake_lane *lane = &s->intake;
    struct intake_held *h;

    remove_waiting(s);
    s->room->intake.bytes -= lane->bytes;
    while ((h = lane->first) != NULL) {
        lane->first = h->next;
        free(h);
    }
    lane->last = NULL;
    lane->count = lane->bytes = 0;
}
