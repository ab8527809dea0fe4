/* Signatures: RSASSA-PSS with SHA-256, MGF1-SHA-256 and 32 bytes of salt (RFC 8017 8.1).
 *
 * What is signed is "den1 ", the purpose, a NUL, then each field as its length in 4 bytes (network
 * order) and its bytes: so a signature for one purpose is none for another. */
#ifndef DEN_CRYPTO_PSS_H
#define DEN_CRYPTO_PSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/limits.h"
#include "crypto/identity.h"
#include "crypto/public_key.h"
#include "crypto/random.h"

/* False only if the key is broken or the machine miscalculates; out is then zero. */
bool pss_sign(uint8_t out[static SIZE_SIGNATURE], const struct identity *id, struct random *random,
              const char *purpose, const struct span *fields, size_t count);

bool pss_verify(const uint8_t signature[static SIZE_SIGNATURE], const struct public_key *key,
                const char *purpose, const struct span *fields, size_t count);

#endif
