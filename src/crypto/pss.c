#include "crypto/pss.h"

#include <string.h>

#include "base/bytes.h"
#include "base/wipe.h"
#include "crypto/digest.h"

/* RFC 8017 9.1 for modBits = 2048: emBits = 2047, so the encoded message EM is as long as the
 * modulus and its top bit is zero. EM = maskedDB | H | 0xbc; DB = zeros | 0x01 | salt. */
#define EM PUBLIC_KEY_MODULUS
#define SALT 32
#define DB (EM - DIGEST_SIZE - 1)
#define ONE (DB - SALT - 1) /* where DB has its 0x01 */

static void hash_message(uint8_t out[static DIGEST_SIZE], const char *purpose,
                         const struct span *fields, size_t count)
{
    static const char prefix[] = "den1 ";
    struct digest d;
    uint8_t len[4];

    digest_start(&d);
    digest_add(&d, prefix, sizeof prefix - 1);
    digest_add(&d, purpose, strlen(purpose) + 1);
    for (size_t i = 0; i < count; i++) {
        bytes_put32(len, (uint32_t)fields[i].len);
        digest_add(&d, len, sizeof len);
        digest_add(&d, fields[i].data, fields[i].len);
    }
    digest_get(&d, out);
}

/* H = SHA-256(eight zeros | message's hash | salt). */
static void hash_salted(uint8_t out[static DIGEST_SIZE], const uint8_t message[static DIGEST_SIZE],
                        const uint8_t salt[static SALT])
{
    static const uint8_t zeros[8];
    struct digest d;

    digest_start(&d);
    digest_add(&d, zeros, sizeof zeros);
    digest_add(&d, message, DIGEST_SIZE);
    digest_add(&d, salt, SALT);
    digest_get(&d, out);
}

/* XORs MGF1-SHA-256(seed) over db and clears the bit above emBits (RFC 8017 B.2.1). */
static void mask(uint8_t db[static DB], const uint8_t seed[static DIGEST_SIZE])
{
    uint8_t counter[4], block[DIGEST_SIZE];
    struct digest d;

    for (size_t at = 0; at < DB; at += sizeof block) {
        bytes_put32(counter, (uint32_t)(at / sizeof block));
        digest_start(&d);
        digest_add(&d, seed, DIGEST_SIZE);
        digest_add(&d, counter, sizeof counter);
        digest_get(&d, block);
        for (size_t i = 0; i < sizeof block && at + i < DB; i++)
            db[at + i] ^= block[i];
    }
    db[0] &= 0x7f;
}

bool pss_sign(uint8_t out[static SIZE_SIGNATURE], const struct identity *id, struct random *random,
              const char *purpose, const struct span *fields, size_t count)
{
    uint8_t message[DIGEST_SIZE], salt[SALT];

    hash_message(message, purpose, fields, count);
    random_bytes(random, salt, sizeof salt);
    memset(out, 0, DB);
    out[ONE] = 0x01;
    memcpy(out + ONE + 1, salt, SALT);
    hash_salted(out + DB, message, salt);
    mask(out, out + DB);
    out[EM - 1] = 0xbc;
    return identity_private(id, out);
}

/* Signatures, messages and keys are public here: nothing needs to take the same time. */
static bool well_formed(uint8_t em[static EM], const uint8_t message[static DIGEST_SIZE])
{
    uint8_t expected[DIGEST_SIZE];

    if ((em[0] & 0x80) != 0 || em[EM - 1] != 0xbc)
        return false;
    mask(em, em + DB);
    for (size_t i = 0; i < ONE; i++)
        if (em[i] != 0)
            return false;
    if (em[ONE] != 0x01)
        return false;
    hash_salted(expected, message, em + ONE + 1);
    return memcmp(expected, em + DB, sizeof expected) == 0;
}

bool pss_verify(const uint8_t signature[static SIZE_SIGNATURE], const struct public_key *key,
                const char *purpose, const struct span *fields, size_t count)
{
    uint8_t em[EM], message[DIGEST_SIZE];
    br_rsa_public_key rsa = public_key_rsa(key);

    memcpy(em, signature, sizeof em);
    if (!br_rsa_public_get_default()(em, sizeof em, &rsa))
        return false;
    hash_message(message, purpose, fields, count);
    return well_formed(em, message);
}
