/* Frames of a cast sealed so that the server can't see them, and what is said to come by their keys.
 *
 * A frame is AES-256-GCM under the key of its epoch. The nonce is epoch and frame number, and numbers
 * only rise through a whole cast, so no pair is used twice; each cast has keys of its own. */
#ifndef DEN_PROTO_SHOT_H
#define DEN_PROTO_SHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "crypto/gcm.h"
#include "wire/live.h"

#define SHOT_NONCE 16 /* bytes by which an answer is known */

/* Which frame it is; all of it is authenticated. */
struct shot_place {
    uint8_t caster[SIZE_FINGERPRINT];
    uint8_t id[SIZE_CAST_ID];
    uint32_t epoch;
    uint64_t number;
    int64_t pts_ns;
};

/* Body of ENVELOPE_CAST_ASK, and of ENVELOPE_CAST_KEY, which has the rest too. */
struct shot_key {
    uint8_t id[SIZE_CAST_ID];
    uint8_t nonce[SHOT_NONCE]; /* of the question; zeros if it answers none */
    uint32_t epoch;            /* above 0 */
    uint8_t key[GCM_KEY];
};

/* data: len bytes, and GCM_TAG behind them, which are written. */
void shot_seal(const uint8_t key[static GCM_KEY], const struct shot_place *p, uint8_t *data,
               size_t len);
/* data: len bytes with the tag; the frame is GCM_TAG shorter. False if it is not what was sealed for
 * that place. */
bool shot_open(const uint8_t key[static GCM_KEY], const struct shot_place *p, uint8_t *data,
               size_t len);

void shot_put_ask(struct buf *out, const struct shot_key *m);
enum err shot_get_ask(struct span body, struct shot_key *m);
void shot_put_key(struct buf *out, const struct shot_key *m);
enum err shot_get_key(struct span body, struct shot_key *m);

/* What who watches has: the key that frames come under, and the next one, which may come before the
 * last frame of the one before. */
struct shot_ring {
    uint8_t id[SIZE_CAST_ID];
    uint8_t nonce[SHOT_NONCE];
    struct shot_key keys[2]; /* epoch 0: none; the newer is the second */
};

/* Of that cast, with no key; nonce: fresh. */
void shot_ring_start(struct shot_ring *r, const uint8_t id[static SIZE_CAST_ID],
                     const uint8_t nonce[static SHOT_NONCE]);
void shot_ring_wipe(struct shot_ring *r);
/* False if it is not for that cast, or the first does not answer the question, or is no newer. */
bool shot_ring_add(struct shot_ring *r, const struct shot_key *m);
/* As shot_open, with the key of p->epoch: ERR_UNKNOWN if that is not there, ERR_SEALED. With the first
 * frame under a newer key the older one is wiped. */
enum err shot_ring_open(struct shot_ring *r, const struct shot_place *p, uint8_t *data, size_t len);

#endif
