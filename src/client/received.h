/* What this key was sent in one room and has shown, kept on disk: so that a message is shown once, and
 * who comes back asks for the rest (design 5).
 *
 * A message is begun, shown, and then done. Who is killed between begun and done may have shown it: it
 * is then new the next time, and said to be again.
 *
 * The file is one of slots.h, 4096 bytes each, little-endian. Slot 1 is the place: log id (16), number
 * 64, and nine messages, each its sender's fingerprint (32) and id 64: first the one begun last, then
 * those of which a killed process left it open whether they were shown. Every other slot is a sender:
 * fingerprint (32), how many ids 32, how many are owed 32, place for 384 ids, place for 100 that are
 * owed. */
#ifndef DEN_CLIENT_RECEIVED_H
#define DEN_CLIENT_RECEIVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "client/replay.h"
#include "client/slots.h"

#define RECEIVED_LOG_ID 16
#define RECEIVED_DOUBTS 8

struct received_one {
    uint8_t from[SIZE_FINGERPRINT];
    uint64_t id; /* 0: none */
};

struct received {
    struct replay replay;
    struct slots file;
    uint8_t log_id[RECEIVED_LOG_ID]; /* zeros: never in the room */
    uint64_t number;                 /* of the log: all up to it are dealt with */
    struct received_one begun;
    struct received_one doubts[RECEIVED_DOUBTS]; /* perhaps shown, by processes that were killed */
    enum err load;                               /* of open */
};

/* path NULL: in memory alone. As slots_open; ERR_MEMORY. */
enum err received_open(struct received *r, const char *path);
/* Idempotent. */
void received_close(struct received *r);

/* ERR_REPLAY if it was shown before, or is too old to know. *again: perhaps it was. */
enum err received_look(const struct received *r, const uint8_t fingerprint[static SIZE_FINGERPRINT],
                       uint64_t id, bool *again);
/* Before it is shown, and after. owed: a receipt is to be sent. ERR_IO (errno tells), ERR_LIMIT (too many
 * senders), ERR_MEMORY, ERR_REPLAY. */
enum err received_begin(struct received *r, const uint8_t fingerprint[static SIZE_FINGERPRINT],
                        uint64_t id);
enum err received_done(struct received *r, const uint8_t fingerprint[static SIZE_FINGERPRINT],
                       uint64_t id, bool owed);

/* All up to this number of that log are dealt with. ERR_IO (errno tells). */
enum err received_reached(struct received *r, const uint8_t log_id[static RECEIVED_LOG_ID],
                          uint64_t number);

/* The first sender, from number *at on, to whom receipts are owed: *at is set to it, ids to the oldest
 * of them. How many, 0 if there is none. */
size_t received_owed(const struct received *r, size_t *at, uint64_t *ids, size_t max);
/* They are on their way. ERR_IO (errno tells), ERR_UNKNOWN. */
enum err received_settle(struct received *r, const uint8_t fingerprint[static SIZE_FINGERPRINT],
                         const uint64_t *ids, size_t count);

#endif
