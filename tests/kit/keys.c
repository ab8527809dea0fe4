#include "tests/kit/keys.h"

#include <stdlib.h>
#include <string.h>

struct random keys_random(unsigned number)
{
    uint8_t seed[RANDOM_SEED] = "seed of a test, no secret";
    struct random random;

    seed[31] = (uint8_t)number;
    seed[30] = (uint8_t)(number >> 8);
    random_seed(&random, seed, sizeof seed);
    return random;
}

const struct identity *keys_get(unsigned which)
{
    static struct identity made[KEYS_COUNT];
    static bool there[KEYS_COUNT];

    if (!there[which]) {
        struct random random = keys_random(10000 + which);
        if (identity_generate(&made[which], &random) != ERR_OK)
            abort();
        there[which] = true;
    }
    return &made[which];
}
