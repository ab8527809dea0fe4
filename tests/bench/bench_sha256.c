/* SHA-256 as files are hashed, and by BearSSL's own code, in turn. */
#include <bearssl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/digest.h"

#define BLOCK (512 * 1024)
#define BLOCKS 200
#define TURNS 5

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* MB a second. */
static double hash_ours(const uint8_t *block, uint8_t *out)
{
    double began = now();
    struct digest d;

    digest_start(&d);
    for (int i = 0; i < BLOCKS; i++)
        digest_add(&d, block, BLOCK);
    digest_get(&d, out);
    return (double)BLOCKS * BLOCK / 1e6 / (now() - began);
}

static double hash_bearssl(const uint8_t *block, uint8_t *out)
{
    double began = now();
    br_sha256_context sha;

    br_sha256_init(&sha);
    for (int i = 0; i < BLOCKS; i++)
        br_sha256_update(&sha, block, BLOCK);
    br_sha256_out(&sha, out);
    return (double)BLOCKS * BLOCK / 1e6 / (now() - began);
}

int main(void)
{
    uint8_t *block = calloc(1, BLOCK), ours[32], theirs[32];
    double best = 0, other = 0, mbs;

    if (block == NULL)
        return 1;
    for (int i = 0; i < TURNS; i++) {
        mbs = hash_ours(block, ours);
        best = mbs > best ? mbs : best;
        mbs = hash_bearssl(block, theirs);
        other = mbs > other ? mbs : other;
    }
    free(block);
    if (memcmp(ours, theirs, 32) != 0)
        return 1;
    printf("hashing a file, SHA-256 | %.0f MB/s | br_sha256 %.0f | %.2f | -\n", best, other,
           best / other);
    return 0;
}
