/* A fingerprint (SHA-256 of a DER SubjectPublicKeyInfo) as people see and type it. */
#ifndef DEN_CRYPTO_FINGERPRINT_H
#define DEN_CRYPTO_FINGERPRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"

#define FINGERPRINT_TEXT (7 + 2 * SIZE_FINGERPRINT + 1) /* with its NUL */

/* "SHA256:" and 64 lower-case hexadecimal digits. */
void fingerprint_text(char out[static FINGERPRINT_TEXT],
                      const uint8_t fingerprint[static SIZE_FINGERPRINT]);
/* The same, also without the prefix and in any case; nothing before or behind. */
bool fingerprint_parse(uint8_t out[static SIZE_FINGERPRINT], const char *text);

#endif
