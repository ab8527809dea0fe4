#include "player/credit.h"

#include <stdbool.h>

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)
#define WINDOW_LEAST (5 * MS) /* shorter measurements say nothing */
#define WINDOW_MOST (100 * MS)

void credit_start(struct credit *c, int64_t now)
{
    *c = (struct credit){.window_from = now};
}

/* What may be open. Where the window itself limits the rate this grows it, as long as a round trip
 * takes less time than that. */
static int64_t credit_target(const struct credit *c)
{
    int64_t target = c->rate * CREDIT_OPEN_MS / 1000;

    if (target < CREDIT_FLOOR)
        return CREDIT_FLOOR;
    return target > CREDIT_CEILING ? CREDIT_CEILING : target;
}

static void credit_restart(struct credit *c, int64_t now)
{
    c->window_from = now;
    c->window_bytes = 0;
}

/* Ends the measurement that runs. A lower rate counts by and by: a pause of the server's disk is not a
 * slower link. A higher one counts by half, for what comes in bunches would else be measured as the
 * fastest of them, and by a quarter at most: what lay in the socket while this machine did something
 * else comes at once, and is not a faster link. */
static void credit_measure(struct credit *c, int64_t now)
{
    int64_t rate = c->window_bytes * SECOND / (now - c->window_from);
    int64_t known = c->rate > CREDIT_FLOOR * 10 ? c->rate : CREDIT_FLOOR * 10;

    rate = rate > c->rate ? (c->rate + rate) / 2 : (c->rate * 3 + rate) / 4;
    c->rate = rate < known + known / 4 ? rate : known + known / 4;
    credit_restart(c, now);
}

void credit_received(struct credit *c, size_t bytes, int64_t now)
{
    int64_t took;

    c->open -= (int64_t)bytes;
    c->window_bytes += (int64_t)bytes;
    took = now - c->window_from;
    if (took >= WINDOW_MOST || (took >= WINDOW_LEAST && c->window_bytes >= credit_target(c)))
        credit_measure(c, now);
}

static bool credit_full(const struct credit *c, size_t bytes, int64_t ns)
{
    int tenths = c->held ? CREDIT_RESUME : 10;

    return bytes >= CREDIT_AHEAD_BYTES / 10 * (size_t)tenths || ns >= CREDIT_AHEAD_NS / 10 * tenths;
}

size_t credit_grant(struct credit *c, size_t buffered_bytes, int64_t buffered_ns, int64_t now)
{
    int64_t target = credit_target(c);
    int64_t missing = target - c->open;

    if (credit_full(c, buffered_bytes, buffered_ns)) {
        c->held = true;
        return 0;
    }
    /* While nothing was granted the server could not send: that time says nothing of the link. */
    if (c->held)
        credit_restart(c, now);
    c->held = false;
    /* Many small grants would cost a message each. */
    if (missing < target / 3)
        return 0;
    c->open += missing;
    return (size_t)missing;
}
