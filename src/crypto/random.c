#include "crypto/random.h"

#include "base/bytes.h"
#include "base/wipe.h"

void random_seed(struct random *r, const void *seed, size_t len)
{
    br_hmac_drbg_init(&r->drbg, &br_sha256_vtable, seed, len);
}

void random_fork(struct random *child, struct random *parent)
{
    uint8_t seed[RANDOM_SEED];

    random_bytes(parent, seed, sizeof seed);
    random_seed(child, seed, sizeof seed);
    wipe(seed, sizeof seed);
}

void random_bytes(struct random *r, void *out, size_t len)
{
    br_hmac_drbg_generate(&r->drbg, out, len);
}

uint64_t random_u64(struct random *r)
{
    uint8_t bytes[8];

    random_bytes(r, bytes, sizeof bytes);
    return bytes_get64(bytes);
}

const br_prng_class **random_context(struct random *r)
{
    return &r->drbg.vtable;
}

void random_wipe(struct random *r)
{
    wipe(r, sizeof *r);
}
