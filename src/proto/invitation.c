#include "proto/invitation.h"

#include <string.h>

#include "base/wipe.h"
#include "crypto/digest.h"

#define DIGITS 30
#define GROUP 5
/* 150 bits: the code, the first 22 of the check, and two zeros that have no digit. */
#define PACKED 19

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char context[] = "den1 invitation";

static void add_check(uint8_t packed[static PACKED])
{
    uint8_t check[DIGEST_SIZE];
    struct digest d;

    digest_start(&d);
    digest_add(&d, context, sizeof context - 1);
    digest_add(&d, packed, SIZE_INVITATION);
    digest_get(&d, check);
    memcpy(packed + SIZE_INVITATION, check, PACKED - SIZE_INVITATION);
    packed[PACKED - 1] &= 0xfc;
    wipe(check, sizeof check);
    wipe(&d, sizeof d);
}

static unsigned bit_of(const uint8_t *packed, size_t at)
{
    return (unsigned)packed[at / 8] >> (7 - at % 8) & 1;
}

void invitation_text(char out[static INVITATION_TEXT], const uint8_t code[static SIZE_INVITATION])
{
    uint8_t packed[PACKED];
    char *to = out;

    memcpy(packed, code, SIZE_INVITATION);
    add_check(packed);
    for (size_t i = 0; i < DIGITS; i++) {
        unsigned value = 0;

        for (size_t k = 0; k < 5; k++)
            value = value << 1 | bit_of(packed, 5 * i + k);
        if (i > 0 && i % GROUP == 0)
            *to++ = '-';
        *to++ = digits[value];
    }
    *to = 0;
    wipe(packed, sizeof packed);
}

/* -1 if it is no digit. */
static int value_of(char c)
{
    const char *found;

    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    if (c == 'O')
        c = '0';
    if (c == 'I' || c == 'L')
        c = '1';
    found = c == 0 ? NULL : strchr(digits, c);
    return found == NULL ? -1 : (int)(found - digits);
}

/* False if it is not thirty digits. */
static bool collect(uint8_t packed[static PACKED], const char *text)
{
    size_t count = 0;

    memset(packed, 0, PACKED);
    for (; *text != 0; text++) {
        int value = value_of(*text);

        if (strchr("- \t\r\n", *text) != NULL)
            continue;
        if (value < 0 || count == DIGITS)
            return false;
        for (size_t k = 0; k < 5; k++) {
            size_t at = 5 * count + k;

            packed[at / 8] |= (uint8_t)(((unsigned)value >> (4 - k) & 1) << (7 - at % 8));
        }
        count++;
    }
    return count == DIGITS;
}

bool invitation_parse(uint8_t out[static SIZE_INVITATION], const char *text)
{
    uint8_t typed[PACKED], right[PACKED];
    bool ok = collect(typed, text);

    memcpy(right, typed, sizeof right);
    add_check(right);
    ok = ok && memcmp(typed, right, sizeof right) == 0;
    memset(out, 0, SIZE_INVITATION);
    if (ok)
        memcpy(out, typed, SIZE_INVITATION);
    wipe(typed, sizeof typed);
    wipe(right, sizeof right);
    return ok;
}

void invitation_hash(uint8_t out[static INVITATION_HASH],
                     const uint8_t code[static SIZE_INVITATION])
{
    digest_sha256(out, code, SIZE_INVITATION);
}
