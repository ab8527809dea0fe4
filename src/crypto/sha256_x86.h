/* SHA-256's compression by the instructions that newer x86-64 processors have for it: some eight times
 * what portable code does, which counts where a whole file is hashed. */
#ifndef DEN_CRYPTO_SHA256_X86_H
#define DEN_CRYPTO_SHA256_X86_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Does this processor have them? */
bool sha256_x86_here(void);
/* Compresses count blocks of 64 bytes into the state (FIPS 180-4, 6.2.2). Only where they are. */
void sha256_x86_blocks(uint32_t state[static 8], const uint8_t *blocks, size_t count);

#endif
