/* The two curves of our TLS profile, as one of BearSSL's tables. */
#ifndef DEN_CRYPTO_CURVES_H
#define DEN_CRYPTO_CURVES_H

#include <bearssl.h>

/* X25519 and P-256, by the library's fastest code; it has no other curve. */
const br_ec_impl *curves_get(void);

#endif
