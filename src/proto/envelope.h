/* Sealed envelopes: what one member writes to another, or to everyone, through a server that can't
 * read it (design 5; the bytes are in wire/PROTOCOL.md). */
#ifndef DEN_PROTO_ENVELOPE_H
#define DEN_PROTO_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/limits.h"
#include "crypto/identity.h"
#include "crypto/public_key.h"
#include "crypto/random.h"

enum envelope_form { ENVELOPE_ONE = 1, ENVELOPE_ALL = 2 };
enum envelope_kind {
    ENVELOPE_TEXT = 1,
    ENVELOPE_RECEIPT = 2,
    ENVELOPE_BINDINGS = 3,
    /* Of casts (proto/shot.h); they go by ASK and GIVE alone. */
    ENVELOPE_CAST_ASK = 8,
    ENVELOPE_CAST_KEY = 9
};

/* What is inside. kind may be one that we do not know. */
struct envelope_content {
    char sender[LIMIT_NAME + 1];
    struct public_key key; /* the sender's; filled in by seal */
    enum envelope_form to;
    uint8_t receiver[SIZE_FINGERPRINT]; /* to one; filled in by seal; zeros to all */
    uint8_t server[SIZE_FINGERPRINT];
    uint64_t id;
    uint64_t time_ms; /* since 1970, for show alone */
    uint64_t n;       /* entries of the binding list that the sender knows, and */
    uint8_t h[32];    /* the chain's value there */
    uint8_t kind;
    struct span body; /* borrowed: of the caller when sealing, of `plain` when opened */
};

/* Appends the envelope to out. Of c, seal takes sender, server, id, time_ms, n, h, kind and body.
 * ERR_LIMIT if the body is over LIMIT_BODY or count over LIMIT_SLOTS, ERR_NAME, ERR_MEMORY (or out
 * too small), ERR_KEY if our key does not work. On failure out may hold a part. Private-key work:
 * for a worker. */
enum err envelope_seal_one(struct buf *out, const struct identity *id, struct random *random,
                           const struct envelope_content *c, const struct public_key *to);
enum err envelope_seal_all(struct buf *out, const struct identity *id, struct random *random,
                           const struct envelope_content *c, const struct public_key *const *to,
                           size_t count);

/* For the server: is it a whole envelope by its outside? Version, suite, form, lengths, size class,
 * slots in rising order of hints, clear top bits, nothing left over. Looks at no secret. */
enum err envelope_check(const void *bytes, size_t len);
/* The form of one that passed envelope_check. */
enum envelope_form envelope_form_of(const void *bytes);

/* How many slots one to all has that passed envelope_check; 0 of one to one. */
size_t envelope_slots(const void *bytes, size_t len);

/* For the server: appends to out what the receiver with this fingerprint is given of an envelope
 * that passed envelope_check: of one to all only the slots that bear its hint, LIMIT_HINTS at most;
 * of one to one everything. */
void envelope_pass(struct buf *out, const void *bytes, size_t len,
                   const uint8_t fingerprint[static SIZE_FINGERPRINT]);

/* Of one to all: how many of its first bytes all receivers are given alike. */
size_t envelope_common(const void *bytes, size_t len);

/* Opens. plain is cleared, then holds the plaintext (a secret: buf_free), into which out->body
 * points. ERR_SEALED: not for this key (or altered). ERR_ADDRESS: we can open it but it is
 * addressed to another key, or its form and address disagree. ERR_SIGNATURE, ERR_KEY, ERR_FORMAT
 * and others: sealed to us by somebody who does it wrong. out counts only on ERR_OK. */
enum err envelope_open(struct envelope_content *out, struct buf *plain, const struct identity *id,
                       const void *bytes, size_t len);

/* Is an opened one what the server said it is: ERR_ADDRESS if made for another server, ERR_KEY if
 * its sender's key is another than the server named, ERR_NAME if the name is. */
enum err envelope_expect(const struct envelope_content *c,
                         const uint8_t server[static SIZE_FINGERPRINT],
                         const uint8_t sender[static SIZE_FINGERPRINT], const char *name);

#endif
