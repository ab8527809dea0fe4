/* How fast something moves, and how long it will take: the mean of the last seconds. Pure. */
#ifndef DEN_CLIENT_METER_H
#define DEN_CLIENT_METER_H

#include <stdbool.h>
#include <stdint.h>

#define METER_MARKS 8

struct meter {
    struct meter_mark {
        int64_t at;
        uint64_t done;
    } marks[METER_MARKS]; /* of the last seconds, a ring */
    unsigned next, count;
};

/* So much is done; counts once in half a second. */
void meter_add(struct meter *m, uint64_t done, int64_t now);
/* When the next would count; 0 before the first. */
int64_t meter_due(const struct meter *m);
/* Is a rate known yet? */
bool meter_known(const struct meter *m);
/* Units a second; 0 while nothing is known. */
uint64_t meter_rate(const struct meter *m);
/* Whole seconds for so much more, at least 1; -1 while nothing is known. */
int64_t meter_left(const struct meter *m, uint64_t more);

#endif
