/* Chance that is the same in every run: for property tests. */
#ifndef DEN_TESTS_KIT_DICE_H
#define DEN_TESTS_KIT_DICE_H

#include <stddef.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

struct dice dice_make(uint64_t seed);
uint64_t dice_u64(struct dice *d);
/* 0 to sides - 1; sides > 0. */
size_t dice_below(struct dice *d, size_t sides);
void dice_bytes(struct dice *d, void *out, size_t len);

#endif
