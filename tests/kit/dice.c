#include "tests/kit/dice.h"

struct dice dice_make(uint64_t seed)
{
    return (struct dice){seed};
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t dice_u64(struct dice *d)
{
    uint64_t z = d->state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

size_t dice_below(struct dice *d, size_t sides)
{
    return (size_t)(dice_u64(d) % sides);
}

void dice_bytes(struct dice *d, void *out, size_t len)
{
    uint8_t *p = out;

    for (size_t i = 0; i < len; i++)
        p[i] = (uint8_t)dice_u64(d);
}
