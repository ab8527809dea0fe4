/* The safety number of two identities: the same sixty digits on both sides if each has the key of
 * the other, for two people to compare over another way (PROTOCOL.md 5.5). */
#ifndef DEN_CRYPTO_SAFETY_H
#define DEN_CRYPTO_SAFETY_H

#include <stdint.h>

#include "base/limits.h"

#define SAFETY_GROUPS 12
#define SAFETY_GROUP 5 /* digits */
#define SAFETY_TEXT (SAFETY_GROUPS * SAFETY_GROUP + 1)

/* The digits without blanks, and a NUL. The order of the two fingerprints does not matter. */
void safety_number(char out[static SAFETY_TEXT], const uint8_t a[static SIZE_FINGERPRINT],
                   const uint8_t b[static SIZE_FINGERPRINT]);

#endif
