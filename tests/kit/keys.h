/* Identities and randomness that are the same in every run. */
#ifndef DEN_TESTS_KIT_KEYS_H
#define DEN_TESTS_KIT_KEYS_H

#include "crypto/identity.h"
#include "crypto/random.h"

#define KEYS_COUNT 6

/* Made on first use (some 100 ms), kept until the program ends. which < KEYS_COUNT. */
const struct identity *keys_get(unsigned which);
/* A generator of its own for each number. */
struct random keys_random(unsigned number);

#endif
