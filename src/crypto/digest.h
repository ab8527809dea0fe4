/* SHA-256 and SHA-512 (FIPS 180-4). */
#ifndef DEN_CRYPTO_DIGEST_H
#define DEN_CRYPTO_DIGEST_H

#include <bearssl.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_SIZE 32
#define DIGEST_512_SIZE 64

struct digest {
    br_sha256_context sha;
};

void digest_start(struct digest *d);
void digest_add(struct digest *d, const void *p, size_t len);
/* The digest of all that was added so far; more may be added after. */
void digest_get(const struct digest *d, uint8_t out[static DIGEST_SIZE]);

void digest_sha256(uint8_t out[static DIGEST_SIZE], const void *p, size_t len);
void digest_sha512(uint8_t out[static DIGEST_512_SIZE], const void *p, size_t len);

#endif
