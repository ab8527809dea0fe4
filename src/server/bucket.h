/* A token bucket: so many a second, and a burst at once. Exact: whole numbers, nothing is rounded away
 * however often it is asked. Time is the owner's. */
#ifndef DEN_SERVER_BUCKET_H
#define DEN_SERVER_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

/* Level is counted in billionths, so that a nanosecond brings `rate` of them. */
#define BUCKET_TOKEN INT64_C(1000000000)
#define BUCKET_RATE_MAX INT64_C(2000000000)  /* tokens a second */
#define BUCKET_BURST_MAX INT64_C(4000000000) /* tokens */

struct bucket {
    int64_t rate;  /* tokens a second; 0: there is no limit */
    int64_t full;  /* billionths */
    int64_t level; /* the same, at that time; below 0: a debt */
    int64_t at;
};

/* Full. rate: 0 to BUCKET_RATE_MAX, burst: 1 to BUCKET_BURST_MAX. */
void bucket_open(struct bucket *b, int64_t rate, int64_t burst, int64_t now);
/* What is in it in billionths; INT64_MAX without a limit. A time before the last one counts as that. */
int64_t bucket_level(const struct bucket *b, int64_t now);
/* Takes them, as a debt if they are not there. tokens: 0 to BUCKET_BURST_MAX. */
void bucket_take(struct bucket *b, int64_t tokens, int64_t now);
/* Brings back what was taken and not used; what it can't hold is gone. tokens: 0 to BUCKET_BURST_MAX. */
void bucket_give(struct bucket *b, int64_t tokens);
/* When so many are in it, now at the earliest; INT64_MAX if it never holds that many. */
int64_t bucket_due(const struct bucket *b, int64_t tokens, int64_t now);

#endif
