/* Envelopes about the keys of casts: opened and sealed on the worker, and checked as any other. They
 * are no messages: nothing is kept, numbered or shown of them. */
#ifndef DEN_CLIENT_COURIER_H
#define DEN_CLIENT_COURIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "crypto/public_key.h"
#include "crypto/random.h"
#include "platform/worker.h"
#include "proto/envelope.h"
#include "wire/live.h"

struct client;

/* One on the worker; the owner's numbers tell it apart when it comes back. */
struct courier {
    struct worker_job job;
    struct client *client;
    uint32_t number, viewer, epoch; /* the owner's */
    /* Back on the loop: sealed, or opened and genuine, if e is ERR_OK; ERR_KEY: genuine, but by a key
     * that is not trusted. */
    void (*done)(struct client *c, struct courier *k);
    enum err e;
    char from[LIMIT_NAME + 1]; /* whom the server names, of one that is opened */
    uint8_t fingerprint[SIZE_FINGERPRINT];
    struct envelope_content content;
    struct buf envelope, body; /* body: what is sealed, or all the plaintext */
    enum envelope_kind kind;   /* which it must be, of one that is opened */
    bool sealing, all;
    struct random random;
    struct public_key *keys; /* owned: for whom it is sealed */
    size_t count;
};

typedef void courier_done(struct client *c, struct courier *k);

/* Opens; then checks kind, sender, list and pins, and says what is wrong. False without memory. */
bool courier_open(struct client *c, const struct wire_pass *m, enum envelope_kind kind,
                  courier_done *done);
/* Seals the body for that many keys: one, or in the form for all. It is wiped. */
bool courier_seal(struct client *c, enum envelope_kind kind, struct buf *body,
                  const struct public_key *keys, size_t count, bool all, uint32_t number,
                  uint32_t viewer, uint32_t epoch, courier_done *done);

/* May that key be trusted with something, as the one of that name? Else says why not. */
bool courier_trusts(struct client *c, const char *name, const struct public_key *key);

#endif
