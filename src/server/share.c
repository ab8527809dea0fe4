#include "server/share.h"

#define PORTION_LEAST 2048 /* worth a piece of a frame */
#define PORTION_MOST 16384 /* a TLS record */
#define PORTIONS_A_SECOND 100
#define BURSTS_A_SECOND 20
#define PAUSE_NS INT64_C(2000000) /* one turn serves all whose portions came in that time */

static int64_t share_portion(const struct share *s)
{
    int64_t portion = s->bytes.rate / PORTIONS_A_SECOND;

    if (portion < PORTION_LEAST)
        return PORTION_LEAST;
    return portion > PORTION_MOST ? PORTION_MOST : portion;
}

void share_start(struct share *s, int64_t rate, int64_t now)
{
    *s = (struct share){.bytes = {.rate = rate}};
    /* What may lie unused, and so go out at once. */
    int64_t burst = rate / BURSTS_A_SECOND, least = 2 * share_portion(s);

    if (burst < least)
        burst = least;
    bucket_open(&s->bytes, rate, burst, now);
    bucket_take(&s->bytes, burst, now);
}

/* Whether a whole portion is there to be given out. */
static bool share_has(const struct share *s)
{
    return bucket_level(&s->bytes, s->bytes.at) >= share_portion(s) * BUCKET_TOKEN;
}

static void share_wait(struct share *s, struct share_seat *seat)
{
    seat->previous = s->last;
    seat->next = NULL;
    *(s->last != NULL ? &s->last->next : &s->first) = seat;
    s->last = seat;
    seat->waiting = true;
}

static void share_rise(struct share *s, struct share_seat *seat)
{
    *(seat->previous != NULL ? &seat->previous->next : &s->first) = seat->next;
    *(seat->next != NULL ? &seat->next->previous : &s->last) = seat->previous;
    seat->next = seat->previous = NULL;
    seat->waiting = false;
}

/* True if the seat may send then; a debt takes more than one portion. */
static bool share_grant(struct share *s, struct share_seat *seat)
{
    bucket_take(&s->bytes, share_portion(s), s->bytes.at);
    seat->granted += share_portion(s);
    return seat->granted > 0;
}

size_t share_ask(struct share *s, struct share_seat *seat, size_t room)
{
    size_t portion = (size_t)share_portion(s);

    if (s->bytes.rate == 0)
        return room;
    if (seat->waiting)
        return 0;
    while (seat->granted <= 0 && s->first == NULL && share_has(s))
        share_grant(s, seat);
    if (seat->granted <= 0) {
        share_wait(s, seat);
        return 0;
    }
    return room < portion ? room : portion;
}

void share_spent(struct share *s, struct share_seat *seat, size_t bytes)
{
    if (s->bytes.rate > 0)
        seat->granted -= (int64_t)bytes;
}

void share_leave(struct share *s, struct share_seat *seat)
{
    if (seat->waiting)
        share_rise(s, seat);
    if (seat->granted > 0) {
        bucket_give(&s->bytes, seat->granted);
        seat->granted = 0;
    }
}

int64_t share_due(const struct share *s)
{
    int64_t due, soonest = s->bytes.at + PAUSE_NS;

    if (s->first == NULL)
        return INT64_MAX;
    due = bucket_due(&s->bytes, share_portion(s), s->bytes.at);
    return due > soonest ? due : soonest;
}

struct share_seat *share_next(struct share *s, int64_t now)
{
    if (s->first == NULL)
        return NULL;
    bucket_take(&s->bytes, 0, now);
    while (share_has(s)) {
        struct share_seat *seat = s->first;

        share_rise(s, seat);
        if (share_grant(s, seat))
            return seat;
        share_wait(s, seat);
    }
    return NULL;
}
