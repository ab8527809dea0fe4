/* What the connecting side believes of a certificate: that its holder has the key with the expected
 * fingerprint. Names, dates and signatures in it mean nothing. */
#ifndef DEN_CRYPTO_PIN_H
#define DEN_CRYPTO_PIN_H

#include <bearssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "crypto/public_key.h"

enum pin_state {
    PIN_WAITING,  /* no certificate seen so far */
    PIN_BAD,      /* a certificate without an acceptable key */
    PIN_MISMATCH, /* a key, but not the expected one: key has it, the handshake fails */
    PIN_HELD,     /* key has the key of the other side, and it is the expected one, if any was */
};

/* A br_x509_class; must outlive the engine that uses it. */
struct pin {
    const br_x509_class *vtable;
    enum pin_state state;
    bool expected;
    uint8_t fingerprint[SIZE_FINGERPRINT]; /* if expected */
    struct public_key key;
    br_x509_pkey pkey; /* points into key */
    br_x509_decoder_context decoder;
    unsigned certificates; /* begun so far */
};

/* fingerprint NULL: first contact, any acceptable key will do, and the caller looks at key after
 * the handshake. Each handshake starts again from PIN_WAITING. */
void pin_init(struct pin *pin, const uint8_t *fingerprint);

#endif
