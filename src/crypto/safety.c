#include "crypto/safety.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "crypto/digest.h"

#define PURPOSE "den1 safety"
#define PURPOSE_LEN (sizeof PURPOSE - 1)
#define GROUP_BYTES 5

static uint32_t group(const uint8_t bytes[static GROUP_BYTES])
{
    uint64_t number = 0;

    for (size_t i = 0; i < GROUP_BYTES; i++)
        number = number << 8 | bytes[i];
    return (uint32_t)(number % 100000);
}

void safety_number(char out[static SAFETY_TEXT], const uint8_t a[static SIZE_FINGERPRINT],
                   const uint8_t b[static SIZE_FINGERPRINT])
{
    bool in_order = memcmp(a, b, SIZE_FINGERPRINT) <= 0;
    uint8_t text[PURPOSE_LEN + 2 * SIZE_FINGERPRINT], hash[DIGEST_512_SIZE];

    memcpy(text, PURPOSE, PURPOSE_LEN);
    memcpy(text + PURPOSE_LEN, in_order ? a : b, SIZE_FINGERPRINT);
    memcpy(text + PURPOSE_LEN + SIZE_FINGERPRINT, in_order ? b : a, SIZE_FINGERPRINT);
    digest_sha512(hash, text, sizeof text);
    for (size_t i = 0; i < SAFETY_GROUPS; i++)
        snprintf(out + i * SAFETY_GROUP, SAFETY_GROUP + 1, "%05u",
                 (unsigned)group(hash + i * GROUP_BYTES));
}
