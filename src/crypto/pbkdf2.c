#include "crypto/pbkdf2.h"

#include <bearssl.h>
#include <string.h>

#include "base/bytes.h"
#include "base/wipe.h"

#define BLOCK 32
#define TRIAL_NS 20000000

static void hmac(uint8_t out[BLOCK], const br_hmac_key_context *key, struct span text,
                 const uint8_t *number)
{
    br_hmac_context h;

    br_hmac_init(&h, key, BLOCK);
    br_hmac_update(&h, text.data, text.len);
    if (number != NULL)
        br_hmac_update(&h, number, 4);
    br_hmac_out(&h, out);
}

/* F of RFC 8018 5.2: the i-th block. */
static void make_block(uint8_t block[BLOCK], const br_hmac_key_context *key, struct span salt,
                       uint32_t iterations, uint32_t i)
{
    uint8_t u[BLOCK], number[4];

    bytes_put32(number, i);
    hmac(u, key, salt, number);
    memcpy(block, u, BLOCK);
    while (--iterations > 0) {
        hmac(u, key, (struct span){u, BLOCK}, NULL);
        for (size_t k = 0; k < BLOCK; k++)
            block[k] ^= u[k];
    }
    wipe(u, sizeof u);
}

void pbkdf2(void *out, size_t len, struct span password, struct span salt, uint32_t iterations)
{
    br_hmac_key_context key;
    uint8_t block[BLOCK], *to = out;

    br_hmac_key_init(&key, &br_sha256_vtable, password.data, password.len);
    for (uint32_t i = 1; len > 0; i++) {
        size_t n = len < BLOCK ? len : BLOCK;

        make_block(block, &key, salt, iterations, i);
        memcpy(to, block, n);
        to += n;
        len -= n;
    }
    wipe(block, sizeof block);
    wipe(&key, sizeof key);
    wipe_stack();
}

static int64_t time_one(uint32_t iterations, int64_t (*now)(void))
{
    static const uint8_t text[16] = "a trial";
    const struct span any = {text, sizeof text};
    uint8_t out[BLOCK];
    int64_t start = now();

    pbkdf2(out, sizeof out, any, any, iterations);
    return now() - start;
}

/* The best of three: what else the machine does only adds. */
static int64_t trial(uint32_t iterations, int64_t (*now)(void))
{
    int64_t best = time_one(iterations, now);

    for (unsigned i = 0; i < 2; i++) {
        int64_t took = time_one(iterations, now);

        best = took < best ? took : best;
    }
    return best;
}

uint32_t pbkdf2_measure(int64_t goal, int64_t (*now)(void))
{
    uint32_t n = 5000;
    int64_t took = trial(n, now), fit;

    while (took < TRIAL_NS && n < 80000) {
        n *= 2;
        took = trial(n, now);
    }
    if (took <= 0)
        return PBKDF2_LEAST;
    fit = goal / took > PBKDF2_MOST ? PBKDF2_MOST : (int64_t)((double)goal / (double)took * n);
    fit -= fit % 1000;
    return fit < PBKDF2_LEAST ? PBKDF2_LEAST : fit > PBKDF2_MOST ? PBKDF2_MOST : (uint32_t)fit;
}
