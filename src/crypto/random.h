/* Random bytes from one seed: HMAC_DRBG with SHA-256 (NIST SP 800-90A). Not shared by threads: each
 * takes a fork. */
#ifndef DEN_CRYPTO_RANDOM_H
#define DEN_CRYPTO_RANDOM_H

#include <bearssl.h>
#include <stddef.h>
#include <stdint.h>

#define RANDOM_SEED 32 /* bytes of seed at least */

struct random {
    br_hmac_drbg_context drbg;
};

/* Same seed, same bytes: so tests are repeatable. len >= RANDOM_SEED bytes of full entropy. */
void random_seed(struct random *r, const void *seed, size_t len);
/* A child whose bytes tell nothing of its parent's or of its siblings'. */
void random_fork(struct random *child, struct random *parent);
void random_bytes(struct random *r, void *out, size_t len);
uint64_t random_u64(struct random *r);
/* The same generator as BearSSL's functions take it. */
const br_prng_class **random_context(struct random *r);
void random_wipe(struct random *r);

#endif
