/* AES-256-GCM (NIST SP 800-38D), in place, by the fastest constant-time code that this processor
 * has. */
#ifndef DEN_CRYPTO_GCM_H
#define DEN_CRYPTO_GCM_H

#include <bearssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"

#define GCM_KEY 32
#define GCM_NONCE 12
#define GCM_TAG 16

/* True if this processor does AES and GHASH itself: then AES-GCM is the cipher to prefer. */
bool gcm_fast(void);
/* The library's fastest constant-time code for this processor. */
const br_block_ctr_class *gcm_aes(void);
br_ghash gcm_ghash(void);

/* One pair of key and nonce seals once. */
void gcm_seal(const uint8_t key[static GCM_KEY], const uint8_t nonce[static GCM_NONCE],
              struct span aad, void *data, size_t len, uint8_t tag[static GCM_TAG]);
/* False if anything was altered; data is then zero. */
bool gcm_open(const uint8_t key[static GCM_KEY], const uint8_t nonce[static GCM_NONCE],
              struct span aad, void *data, size_t len, const uint8_t tag[static GCM_TAG]);

#endif
