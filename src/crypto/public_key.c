#include "crypto/public_key.h"

#include <string.h>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "crypto/pem.h"

/* SEQUENCE { SEQUENCE { rsaEncryption, NULL }, BIT STRING { SEQUENCE { INTEGER n, INTEGER e } } },
 * the bytes of n between head and tail; the 0 that ends head keeps n positive. */
static const uint8_t head[] = {
    0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48,
    0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00, 0x03, 0x82, 0x01,
    0x0f, 0x00, 0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00,
};
static const uint8_t tail[] = {0x02, 0x03, 0x01, 0x00, 0x01};
static const uint8_t exponent[] = {0x01, 0x00, 0x01};

_Static_assert(sizeof head + PUBLIC_KEY_MODULUS + sizeof tail == SIZE_SPKI, "the form is complete");

static bool acceptable(const uint8_t n[static PUBLIC_KEY_MODULUS])
{
    return (n[0] & 0x80) != 0 && (n[PUBLIC_KEY_MODULUS - 1] & 1) != 0;
}

enum err public_key_from_modulus(struct public_key *out, const uint8_t n[static PUBLIC_KEY_MODULUS])
{
    if (!acceptable(n))
        return ERR_KEY;
    memcpy(out->n, n, sizeof out->n);
    memcpy(out->spki, head, sizeof head);
    memcpy(out->spki + sizeof head, n, PUBLIC_KEY_MODULUS);
    memcpy(out->spki + sizeof head + PUBLIC_KEY_MODULUS, tail, sizeof tail);
    digest_sha256(out->fingerprint, out->spki, sizeof out->spki);
    return ERR_OK;
}

enum err public_key_from_spki(struct public_key *out, const void *spki, size_t len)
{
    const uint8_t *p = spki;

    if (len != SIZE_SPKI || memcmp(p, head, sizeof head) != 0 ||
        memcmp(p + SIZE_SPKI - sizeof tail, tail, sizeof tail) != 0)
        return ERR_KEY;
    return public_key_from_modulus(out, p + sizeof head);
}

enum err public_key_from_pem(struct public_key *out, const void *pem, size_t len)
{
    struct buf der;

    if (len > LIMIT_PEM)
        return ERR_LIMIT;
    buf_init(&der, LIMIT_PEM);
    enum err e = pem_read(&der, "PUBLIC KEY", pem, len);
    if (e == ERR_UNKNOWN)
        e = ERR_FORMAT;
    if (e == ERR_OK)
        e = public_key_from_spki(out, der.data, der.len);
    buf_free(&der);
    return e;
}

void public_key_to_pem(const struct public_key *key, struct buf *out)
{
    pem_write(out, "PUBLIC KEY", key->spki, sizeof key->spki);
}

bool public_key_same(const struct public_key *a, const struct public_key *b)
{
    return bytes_equal(a->spki, b->spki, sizeof a->spki);
}

br_rsa_public_key public_key_rsa(const struct public_key *key)
{
    /* BearSSL's public functions only read, but its struct has no const. */
    return (br_rsa_public_key){
        .n = (unsigned char *)(uintptr_t)key->n,
        .nlen = sizeof key->n,
        .e = (unsigned char *)(uintptr_t)exponent,
        .elen = sizeof exponent,
    };
}
