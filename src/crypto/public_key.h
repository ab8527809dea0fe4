/* A public key: RSA-2048 with e = 65537, and nothing else.
 *
 * Its DER SubjectPublicKeyInfo then always is 294 bytes with a constant head and tail, so reading
 * it is a comparison (RFC 8017 A.1.1, RFC 5280 4.1). */
#ifndef DEN_CRYPTO_PUBLIC_KEY_H
#define DEN_CRYPTO_PUBLIC_KEY_H

#include <bearssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

#define PUBLIC_KEY_MODULUS 256

/* May be copied. */
struct public_key {
    uint8_t n[PUBLIC_KEY_MODULUS]; /* big-endian, top bit set, odd */
    uint8_t spki[SIZE_SPKI];
    uint8_t fingerprint[SIZE_FINGERPRINT]; /* SHA-256 of spki */
};

/* ERR_KEY for anything but the form above; then out is untouched. */
enum err public_key_from_spki(struct public_key *out, const void *spki, size_t len);
enum err public_key_from_modulus(struct public_key *out,
                                 const uint8_t n[static PUBLIC_KEY_MODULUS]);

/* Exactly one object "PUBLIC KEY" from the first byte on, white space alone behind it. ERR_LIMIT
 * over LIMIT_PEM bytes, ERR_FORMAT if it is not such PEM, ERR_KEY if the key is another kind. */
enum err public_key_from_pem(struct public_key *out, const void *pem, size_t len);
/* Lines of 64 digits, each ended by LF: what openssl writes. */
void public_key_to_pem(const struct public_key *key, struct buf *out);

bool public_key_same(const struct public_key *a, const struct public_key *b);
/* The same key as BearSSL's functions take it; borrows key. */
br_rsa_public_key public_key_rsa(const struct public_key *key);

#endif
