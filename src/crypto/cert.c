#include "crypto/cert.h"

#include <string.h>

#include "crypto/digest.h"

/* The key's form is constant, so the certificate's is: these parts in this order, each length known
 * (RFC 5280 4.1). */
static const uint8_t opening[] = {
    0x30, 0x82, 0x02, 0xba,       /* Certificate */
    0x30, 0x82, 0x01, 0xa2,       /* TBSCertificate */
    0xa0, 0x03, 0x02, 0x01, 0x02, /* version 3 */
    0x02, 0x10,                   /* serialNumber, 16 bytes */
};
#define SERIAL 16
static const uint8_t algorithm[] = {/* sha256WithRSAEncryption */
                                    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                    0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00};
static const char name[] = "\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03" /* CN= */
                           "den";
static const char validity[] = "\x30\x20\x17\x0d"      /* UTCTime, as RFC 5280 wants until 2049 */
                               "000101000000Z\x18\x0f" /* GeneralizedTime */
                               "99991231235959Z";
#define NAME (sizeof name - 1)
#define VALIDITY (sizeof validity - 1)
static const uint8_t extensions[] = {/* keyUsage, critical: digitalSignature */
                                     0xa3, 0x12, 0x30, 0x10, 0x30, 0x0e, 0x06, 0x03, 0x55, 0x1d,
                                     0x0f, 0x01, 0x01, 0xff, 0x04, 0x04, 0x03, 0x02, 0x07, 0x80};
static const uint8_t signature[] = {0x03, 0x82, 0x01, 0x01, 0x00}; /* BIT STRING */

#define TBS_AT 4
#define TBS_END                                                                     \
    (sizeof opening + SERIAL + sizeof algorithm + 2 * NAME + VALIDITY + SIZE_SPKI + \
     sizeof extensions)
#define SIGNATURE_AT (TBS_END + sizeof algorithm + sizeof signature)
_Static_assert(SIGNATURE_AT + SIZE_SIGNATURE == CERT_SIZE, "the parts are the whole");
_Static_assert(TBS_END - TBS_AT - 4 == 0x1a2 && CERT_SIZE - 4 == 0x2ba, "lengths in opening fit");

static uint8_t *put(uint8_t *at, const void *p, size_t len)
{
    memcpy(at, p, len);
    return at + len;
}

static void fill(uint8_t *at, const struct identity *id, struct random *random)
{
    uint8_t serial[SERIAL];

    /* Positive and without a leading zero: else DER wants another length. */
    random_bytes(random, serial, sizeof serial);
    serial[0] = (uint8_t)((serial[0] & 0x3f) | 0x40);
    at = put(at, opening, sizeof opening);
    at = put(at, serial, sizeof serial);
    at = put(at, algorithm, sizeof algorithm);
    at = put(at, name, NAME);
    at = put(at, validity, VALIDITY);
    at = put(at, name, NAME);
    at = put(at, id->public.spki, SIZE_SPKI);
    at = put(at, extensions, sizeof extensions);
    at = put(at, algorithm, sizeof algorithm);
    put(at, signature, sizeof signature);
}

/* EMSA-PKCS1-v1_5 (RFC 8017 9.2), by way of the private operation that checks itself. */
static bool sign(uint8_t x[static SIZE_SIGNATURE], const struct identity *id,
                 const uint8_t digest[static DIGEST_SIZE])
{
    static const uint8_t info[] = {0x00, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
                                   0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    size_t info_at = SIZE_SIGNATURE - DIGEST_SIZE - sizeof info;

    memset(x, 0xff, SIZE_SIGNATURE);
    x[0] = 0x00;
    x[1] = 0x01;
    memcpy(x + info_at, info, sizeof info);
    memcpy(x + info_at + sizeof info, digest, DIGEST_SIZE);
    return identity_private(id, x);
}

enum err cert_make(struct cert *out, const struct identity *id, struct random *random)
{
    uint8_t digest[DIGEST_SIZE];

    fill(out->der, id, random);
    digest_sha256(digest, out->der + TBS_AT, TBS_END - TBS_AT);
    out->chain = (br_x509_certificate){.data = out->der, .data_len = sizeof out->der};
    return sign(out->der + SIGNATURE_AT, id, digest) ? ERR_OK : ERR_KEY;
}
