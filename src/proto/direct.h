/* The proof in a CALL (design 6): the caller signs what only this TLS session, with this callee's
 * key, in this room, can have. */
#ifndef DEN_PROTO_DIRECT_H
#define DEN_PROTO_DIRECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "crypto/identity.h"
#include "crypto/public_key.h"
#include "crypto/random.h"

/* Everything is borrowed. */
struct direct_proof {
    const uint8_t *exporter; /* SIZE_EXPORTER, of the TLS session */
    const uint8_t *callee;   /* fingerprint of the certificate's key */
    const uint8_t *caller;   /* fingerprint of the key in CALL */
    const char *name;        /* the caller's, as in CALL */
    const uint8_t *server;   /* fingerprint: the room, as in CALL */
};

/* A private-key operation. False as pss_sign. */
bool direct_sign(uint8_t out[static SIZE_SIGNATURE], const struct identity *id,
                 struct random *random, const struct direct_proof *p);
bool direct_verify(const uint8_t signature[static SIZE_SIGNATURE], const struct public_key *key,
                   const struct direct_proof *p);

#endif
