/* Lines between a client and its server, under the key of proto/talk_key.h: each is signed, then
 * sealed with AES-256-GCM. The nonce is who speaks and how many lines it spoke before; only the
 * next one is accepted, so nothing can be left out, repeated or turned around.
 *
 * state   key        what may be called
 * none    zero       talk_line_start
 * open    not zero   all
 * over    wiped      talk_line_start, talk_line_wipe */
#ifndef DEN_PROTO_TALK_LINE_H
#define DEN_PROTO_TALK_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/limits.h"
#include "crypto/gcm.h"
#include "crypto/identity.h"
#include "crypto/public_key.h"
#include "crypto/random.h"

/* Who speaks; the numbers are part of the protocol. */
enum talk_side { TALK_CLIENT = 1, TALK_SERVER = 2 };

enum talk_kind {
    TALK_LINE = 1, /* to this one: its signature holds here alone */
    TALK_SAY = 2   /* of the server to all: signed once, with an id that only rises */
};

struct talk_keys {
    uint8_t key[GCM_KEY];
    uint8_t exporter[SIZE_EXPORTER];
    enum talk_side side;     /* ours */
    uint64_t sent, received; /* lines: the next counters */
    uint64_t said;           /* the highest id of a TALK_SAY that came */
};

struct talk_line {
    enum talk_kind kind;
    uint64_t counter; /* in its direction: of TALK_LINE it is signed, and must be the next one */
    uint64_t id;      /* of TALK_SAY: only rises */
    uint8_t signature[SIZE_SIGNATURE];
    struct span text; /* borrowed: UTF-8, 1 to LIMIT_TALK bytes */
};

void talk_line_start(struct talk_keys *k, enum talk_side side, const uint8_t key[static GCM_KEY],
                     const uint8_t exporter[static SIZE_EXPORTER]);
void talk_line_wipe(struct talk_keys *k);

/* Fills line->signature for what side `from` says as line->counter: a private-key operation, which
 * needs no keys and so may be done by a worker. False as pss_sign. Wipes the stack behind itself,
 * as all functions below do. */
bool talk_line_sign(struct talk_line *line, const uint8_t exporter[static SIZE_EXPORTER],
                    enum talk_side from, const struct identity *id, struct random *random);
/* The same for a TALK_SAY, which belongs to no conversation. server: the signer's fingerprint. */
bool talk_line_sign_say(struct talk_line *line, const struct identity *server,
                        struct random *random);
/* Whether the signature of a line that came holds. peer: the other side's key. */
bool talk_line_holds(const struct talk_line *line, const struct talk_keys *k,
                     const struct public_key *peer);

/* Appends a whole LINE message and counts it, as lines of both kinds do. ERR_LIMIT: the text's
 * length. ERR_STATE: a TALK_LINE that is not signed as the next one. */
enum err talk_line_seal(struct talk_keys *k, struct buf *out, const struct talk_line *line);
/* Opens the payload of a LINE into plain, where line->text then points, and counts it. ERR_REPLAY:
 * not the next counter; ERR_SEALED; ERR_FORMAT: another kind, or one that this side must not send;
 * ERR_SHORT; ERR_LIMIT; ERR_UTF8. Whatever it is, the peer breaks the protocol. */
enum err talk_line_open(struct talk_keys *k, struct span payload, struct buf *plain,
                        struct talk_line *line);

#endif
