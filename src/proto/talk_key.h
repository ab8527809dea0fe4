/* The key of a conversation between a client and its server: 32 fresh bytes, wrapped by the server
 * for the client's key and signed for this TLS session alone (design 4). */
#ifndef DEN_PROTO_TALK_KEY_H
#define DEN_PROTO_TALK_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "crypto/gcm.h"
#include "crypto/identity.h"
#include "crypto/public_key.h"
#include "crypto/random.h"

/* What both sides know before. Everything is borrowed. */
struct talk_terms {
    const uint8_t *exporter; /* SIZE_EXPORTER, of the TLS session */
    const struct public_key *server, *client;
};

/* As it goes over the wire. */
struct talk_wrapped {
    uint8_t key[SIZE_WRAPPED];
    uint8_t signature[SIZE_SIGNATURE];
};

/* Makes a key, and what tells it to the client: a private-key operation of server, whose public key
 * is t->server. False as pss_sign; key is then zero. Wipes the stack behind itself. */
bool talk_key_make(uint8_t key[static GCM_KEY], struct talk_wrapped *out,
                   const struct identity *server, struct random *random,
                   const struct talk_terms *t);

/* The key, by a private-key operation of client. ERR_SIGNATURE, ERR_SEALED: it was not made by that
 * server for that client in this session; key is then zero. Wipes the stack behind itself. */
enum err talk_key_open(uint8_t key[static GCM_KEY], const struct talk_wrapped *in,
                       const struct identity *client, const struct talk_terms *t);

#endif
