#include "server/newcomers.h"

#include <string.h>

#define HOUR_SECONDS 3600

/* Its place, or one for it. hours: the bucket's time, in which a second is an hour. */
static struct bucket *find(struct newcomers *n, const uint8_t *group, int64_t most, int64_t hours)
{
    struct newcomers_place *best = NULL;

    for (size_t i = 0; i < n->count; i++) {
        struct newcomers_place *p = &n->places[i];

        if (memcmp(p->group, group, sizeof p->group) == 0)
            return &p->left;
        if (best == NULL || bucket_level(&p->left, hours) > bucket_level(&best->left, hours))
            best = p;
    }
    if (n->count < NEWCOMERS_PLACES)
        best = &n->places[n->count++];
    memcpy(best->group, group, sizeof best->group);
    bucket_open(&best->left, (most + 3) / 4, most, hours);
    return &best->left;
}

bool newcomers_take(struct newcomers *n, const uint8_t group[static 16], int64_t most, int64_t now)
{
    int64_t hours = now / HOUR_SECONDS;
    struct bucket *left;

    if (most == 0)
        return true;
    left = find(n, group, most, hours);
    if (bucket_level(left, hours) < BUCKET_TOKEN)
        return false;
    bucket_take(left, 1, hours);
    return true;
}
