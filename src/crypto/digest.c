#include "crypto/digest.h"

#include "base/bytes.h"
#include "crypto/sha256_x86.h"

#define BLOCK 64
/* Less is not worth the way in and out of BearSSL's state. */
#define LEAST (16 * BLOCK)

void digest_start(struct digest *d)
{
    br_sha256_init(&d->sha);
}

/* Whole blocks from p; none may be begun. */
static void add_blocks(struct digest *d, const uint8_t *p, size_t blocks)
{
    uint8_t bytes[DIGEST_SIZE];
    uint32_t state[8];
    uint64_t count = br_sha256_state(&d->sha, bytes);

    for (size_t i = 0; i < 8; i++)
        state[i] = bytes_get32(bytes + 4 * i);
    sha256_x86_blocks(state, p, blocks);
    for (size_t i = 0; i < 8; i++)
        bytes_put32(bytes + 4 * i, state[i]);
    br_sha256_set_state(&d->sha, bytes, count + blocks * BLOCK);
}

void digest_add(struct digest *d, const void *p, size_t len)
{
    const uint8_t *at = p;
    uint8_t state[DIGEST_SIZE];
    size_t begun;

    if (len >= LEAST && sha256_x86_here()) {
        begun = (BLOCK - (size_t)(br_sha256_state(&d->sha, state) % BLOCK)) % BLOCK;
        br_sha256_update(&d->sha, at, begun);
        at += begun;
        len -= begun;
        add_blocks(d, at, len / BLOCK);
        at += len / BLOCK * BLOCK;
        len %= BLOCK;
    }
    if (len > 0)
        br_sha256_update(&d->sha, at, len);
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
