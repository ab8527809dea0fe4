#include "client/backoff.h"

int64_t backoff_wait(unsigned tries, struct random *random)
{
    int64_t most = BACKOFF_LEAST_NS;
    uint8_t bytes[4];
    uint32_t chance;

    for (unsigned i = 0; i < tries && most < BACKOFF_MOST_NS; i++)
        most *= 2;
    if (most > BACKOFF_MOST_NS)
        most = BACKOFF_MOST_NS;
    random_bytes(random, bytes, sizeof bytes);
    chance =
        (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    most += (int64_t)((uint64_t)(most / 2) * chance >> 32);
    return most < BACKOFF_MOST_NS ? most : BACKOFF_MOST_NS - (int64_t)(chance >> 3);
}
