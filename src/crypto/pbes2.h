/* An encrypted private key: EncryptedPrivateKeyInfo (RFC 5958 section 3) with PBES2 (RFC 8018
 * section 6.2), PBKDF2 with HMAC-SHA256, AES-256-CBC. What `openssl pkcs8 -topk8 -v2 aes-256-cbc`
 * writes, and reads. */
#ifndef DEN_CRYPTO_PBES2_H
#define DEN_CRYPTO_PBES2_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "crypto/random.h"

#define PBES2_LABEL "ENCRYPTED PRIVATE KEY" /* of its PEM */
#define PBES2_BLOCK 16

/* What stands in it; borrowed of the bytes that were parsed. */
struct pbes2 {
    struct span salt;
    uint32_t iterations;
    const uint8_t *iv;  /* PBES2_BLOCK bytes */
    struct span sealed; /* whole blocks, one at least */
};

/* ERR_FORMAT if it is no such DER; ERR_VERSION for another scheme, key derivation, hash or cipher,
 * ERR_LIMIT for salt or iterations over base/limits.h: *why is then a sentence, else NULL. */
enum err pbes2_parse(struct pbes2 *p, const void *der, size_t len, const char **why);

/* Appends the DER of the key inside. ERR_PASSPHRASE if what comes out is not padded well or is no
 * SEQUENCE that ends where it should: a wrong passphrase, or damage, which can't be told apart. out
 * holds a secret. */
enum err pbes2_open(const struct pbes2 *p, struct span passphrase, struct buf *out);

/* Appends plain, encrypted under a new salt. ERR_LIMIT for an empty passphrase or one over
 * LIMIT_PASSPHRASE, ERR_MEMORY. */
enum err pbes2_seal(struct buf *out, struct span plain, struct span passphrase, uint32_t iterations,
                    struct random *random);

#endif
