/* An identity: an RSA-2048 key pair, e = 65537. */
#ifndef DEN_CRYPTO_IDENTITY_H
#define DEN_CRYPTO_IDENTITY_H

#include <bearssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/public_key.h"
#include "crypto/random.h"

/* Points into itself: never copied by assignment. Once made it is only read, so threads may share
 * it. */
struct identity {
    br_rsa_private_key key; /* points into secret */
    uint8_t secret[BR_RSA_KBUF_PRIV_SIZE(2048)];
    struct public_key public;
};

/* Takes 60 to 350 ms here, up to 2 s on a Pi 4. */
enum err identity_generate(struct identity *id, struct random *random);

/* PKCS#8 PEM ("PRIVATE KEY"), as openssl writes it. out holds a secret: free it with buf_free. */
enum err identity_to_pem(const struct identity *id, struct buf *out);
/* The same as DER. */
enum err identity_to_der(const struct identity *id, struct buf *out);
/* One object, "PRIVATE KEY" or "RSA PRIVATE KEY", unencrypted. ERR_LIMIT over LIMIT_KEY_FILE bytes,
 * ERR_FORMAT if it is no such PEM, ERR_KEY if it is not RSA-2048 with e = 65537 or its parts do not
 * fit each other (p*q = n, and a private operation undone by the public one). */
enum err identity_from_pem(struct identity *id, const void *pem, size_t len);

/* The same from DER, PKCS#8 or PKCS#1. */
enum err identity_from_der(struct identity *id, const void *der, size_t len);

/* x = x^d mod n, in place; false if x is not below n. The result is checked by the public operation
 * before it is given out, for one faulty result betrays the key. Wipes the stack behind itself. */
bool identity_private(const struct identity *id, uint8_t x[static PUBLIC_KEY_MODULUS]);

void identity_wipe(struct identity *id);

#endif
