#include "crypto/digest.h"

void digest_start(struct digest *d)
{
    br_sha256_init(&d->sha);
}

void digest_add(struct digest *d, const void *p, size_t len)
{
    if (len > 0)
        br_sha256_update(&d->sha, p, len);
}

void digest_get(const struct digest *d, uint8_t out[static DIGEST_SIZE])
{
    br_sha256_out(&d->sha, out);
}

void digest_sha256(uint8_t out[static DIGEST_SIZE], const void *p, size_t len)
{
    struct digest d;

    digest_start(&d);
    digest_add(&d, p, len);
    digest_get(&d, out);
}

void digest_sha512(uint8_t out[static DIGEST_512_SIZE], const void *p, size_t len)
{
    br_sha512_context sha;

    br_sha512_init(&sha);
    if (len > 0)
        br_sha512_update(&sha, p, len);
    br_sha512_out(&sha, out);
}
