/* The self-signed X.509 certificate that the listening side shows: a wrapping that any TLS client
 * can read around the identity's public key. Who connects looks at the key alone. */
#ifndef DEN_CRYPTO_CERT_H
#define DEN_CRYPTO_CERT_H

#include <bearssl.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/identity.h"
#include "crypto/random.h"

#define CERT_SIZE 702 /* bytes of its DER, always */

/* Points into itself: never copied by assignment; must outlive the engines that show it. */
struct cert {
    br_x509_certificate chain; /* of one; points to der */
    uint8_t der[CERT_SIZE];
};

/* Version 3, sha256WithRSAEncryption, subject and issuer CN=den, a random serial number, valid from
 * 2000-01-01 to 9999-12-31, for digital signatures only. ERR_KEY if the key does not work. */
enum err cert_make(struct cert *out, const struct identity *id, struct random *random);

#endif
