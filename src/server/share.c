#include "server/share.h"

#define PORTION_LEAST 2048 /* worth a piece of a frame */
#define PORTION_MOST 16384 /* a TLS record */
#define PORTIONS_A_SECOND 100
#define BURSTS_A_SECOND 20
#define PAUSE_NS INT64_C(2000000) /* one turn serves all whose portions came in that time */

void share_start(struct share *s, int64_t rate, int64_t now)
{
    *s = (struct share){.rate = rate, .filled_at = now};
}

static int64_t share_portion(const struct share *s)
{
    int64_t portion = s->rate / PORTIONS_A_SECOND;

    if (portion < PORTION_LEAST)
        return PORTION_LEAST;
    return portion > PORTION_MOST ? PORTION_MOST : portion;
}

/* What may lie unused, and so go out at once. */
static int64_t share_burst(const struct share *s)
{
    int64_t burst = s->rate / BURSTS_A_SECOND;

    return burst > 2 * share_portion(s) ? burst : 2 * share_portion(s);
}

static void share_fill(struct share *s, int64_t now)
{
    int64_t us = (now - s->filled_at) / 1000;
    int64_t enough = share_burst(s) * 1000000 / s->rate + 1;

    if (us <= 0)
        return;
    s->filled_at += us * 1000;
    s->part += s->rate * (us < enough ? us : enough);
    s->tokens += s->part / 1000000;
    s->part %= 1000000;
    if (s->tokens > share_burst(s))
        s->tokens = share_burst(s);
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
    s->tokens -= share_portion(s);
    seat->granted += share_portion(s);
    return seat->granted > 0;
}

size_t share_ask(struct share *s, struct share_seat *seat, size_t room)
{
    size_t portion = (size_t)share_portion(s);

    if (s->rate == 0)
        return room;
    if (seat->waiting)
        return 0;
    while (seat->granted <= 0 && s->first == NULL && s->tokens >= share_portion(s))
        share_grant(s, seat);
    if (seat->granted <= 0) {
        share_wait(s, seat);
        return 0;
    }
    return room < portion ? room : portion;
}

void share_spent(struct share *s, struct share_seat *seat, size_t bytes)
{
    if (s->rate > 0)
        seat->granted -= (int64_t)bytes;
}

void share_leave(struct share *s, struct share_seat *seat)
{
    if (seat->waiting)
        share_rise(s, seat);
    if (seat->granted > 0) {
        s->tokens += seat->granted;
        seat->granted = 0;
    }
}

int64_t share_due(const struct share *s)
{
    int64_t missing = share_portion(s) - s->tokens, wait;

    if (s->first == NULL)
        return INT64_MAX;
    wait = missing > 0 ? missing * 1000000 / s->rate * 1000 + 1000 : 0;
    return s->filled_at + (wait > PAUSE_NS ? wait : PAUSE_NS);
}

struct share_seat *share_next(struct share *s, int64_t now)
{
    if (s->first == NULL)
        return NULL;
    share_fill(s, now);
    while (s->tokens >= share_portion(s)) {
        struct share_seat *seat = s->first;

        share_rise(s, seat);
        if (share_grant(s, seat))
            return seat;
        share_wait(s, seat);
    }
    return NULL;
}
