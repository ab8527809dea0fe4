/* A short secret wrapped for one key: RSAES-OAEP with SHA-256 and MGF1-SHA-256 (RFC 8017 7.1). */
#ifndef DEN_CRYPTO_OAEP_H
#define DEN_CRYPTO_OAEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/limits.h"
#include "crypto/identity.h"
#include "crypto/public_key.h"
#include "crypto/random.h"

#define OAEP_MAX 190 /* bytes that fit */

/* Wraps len (<= OAEP_MAX) bytes. Drawn again until the top bit of out is clear: the range that all
 * RSA-2048 moduli have in common, so that out does not tell whom it is for. */
bool oaep_wrap(uint8_t out[static SIZE_WRAPPED], struct random *random, const struct public_key *to,
               struct span label, const void *in, size_t len);

/* Opens what was wrapped for id under this label and is exactly len bytes long. false for anything
 * else, after the same time whatever was wrong with the padding; out is then zero. Wipes the stack
 * behind itself. */
bool oaep_open(void *out, size_t len, const struct identity *id, struct span label,
               const uint8_t wrapped[static SIZE_WRAPPED]);

#endif
