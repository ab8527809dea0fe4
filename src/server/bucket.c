#include "server/bucket.h"

/* What a debt may come to; nobody who owes that lives to pay it. */
#define DEBT_MAX (BUCKET_BURST_MAX * BUCKET_TOKEN)

void bucket_open(struct bucket *b, int64_t rate, int64_t burst, int64_t now)
{
    int64_t full = burst * BUCKET_TOKEN;

    *b = (struct bucket){.rate = rate, .full = full, .level = full, .at = now};
}

int64_t bucket_level(const struct bucket *b, int64_t now)
{
    if (b->rate == 0)
        return INT64_MAX;
    if (now <= b->at)
        return b->level;
    /* Compared before it is multiplied: after an idle year that would not fit. */
    if (now - b->at > (b->full - b->level) / b->rate)
        return b->full;
    return b->level + (now - b->at) * b->rate;
}

void bucket_take(struct bucket *b, int64_t tokens, int64_t now)
{
    int64_t level = bucket_level(b, now);

    if (b->rate == 0)
        return;
    level -= tokens * BUCKET_TOKEN;
    b->at = now > b->at ? now : b->at;
    b->level = level < -DEBT_MAX ? -DEBT_MAX : level;
}

void bucket_give(struct bucket *b, int64_t tokens)
{
    int64_t room = b->full - b->level;

    b->level += tokens * BUCKET_TOKEN < room ? tokens * BUCKET_TOKEN : room;
}

int64_t bucket_due(const struct bucket *b, int64_t tokens, int64_t now)
{
    int64_t want = tokens * BUCKET_TOKEN;

    if (b->rate == 0 || bucket_level(b, now) >= want)
        return now;
    if (want > b->full)
        return INT64_MAX;
    /* What is missing, rounded up: a nanosecond early would be in vain. */
    return b->at + (want - b->level - 1) / b->rate + 1;
}
