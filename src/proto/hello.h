/* The proof in the three-way hello (design 4): the client signs what only this TLS session, with
 * this server's key and this name, can have. */
#ifndef DEN_PROTO_HELLO_H
#define DEN_PROTO_HELLO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/limits.h"
#include "crypto/identity.h"
#include "crypto/public_key.h"
#include "crypto/random.h"

/* What both sides know before ACK. Everything is borrowed. */
struct hello_proof {
    const uint8_t *exporter; /* SIZE_EXPORTER, of the TLS session */
    const uint8_t *server;   /* fingerprint of the certificate's key */
    const uint8_t *client;   /* fingerprint of the key in HELLO */
    const char *name;        /* as in HELLO */
    struct span invitation;  /* as in ACK; empty if there is none */
};

/* A private-key operation. False as pss_sign. */
bool hello_sign(uint8_t out[static SIZE_SIGNATURE], const struct identity *id,
                struct random *random, const struct hello_proof *p);
bool hello_verify(const uint8_t signature[static SIZE_SIGNATURE], const struct public_key *key,
                  const struct hello_proof *p);

#endif
