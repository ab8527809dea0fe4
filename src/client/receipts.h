/* Receipts, both ways (wire/PROTOCOL.md 9.6): who wrote to us alone learns that it was shown, and we
 * learn it of what we wrote. They are sealed, wait a while at random and go several in one, so that the
 * server can't tell by them who got what; they are owed on disk (received.h), and awaited (awaited.h),
 * until they are through. */
#ifndef DEN_CLIENT_RECEIPTS_H
#define DEN_CLIENT_RECEIPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/limits.h"
#include "client/awaited.h"
#include "proto/envelope.h"

#define LIMIT_RECEIPTS 256 /* keys to which some are due at a time */
#define RECEIPT_IDS 38     /* in one: it is then as large as a short text, whatever the name */

struct client;

struct receipts_batch {
    uint8_t to[SIZE_FINGERPRINT];
    int64_t due;
    bool sent; /* and not accepted yet */
};

struct receipts {
    bool open;
    struct awaited awaited;
    struct receipts_batch batches[LIMIT_RECEIPTS];
    size_t count;
};

/* The room is entered: what an earlier den owed is due. */
void receipts_enter(struct client *c);
/* Whether a text to one is answered at all. */
bool receipts_wanted(const struct client *c);
/* One more is owed to that key. */
void receipts_owe(struct client *c, const uint8_t to[static SIZE_FINGERPRINT]);
/* The server has ours; or can't take it now. body: the ids. */
void receipts_accepted(struct client *c, const uint8_t to[static SIZE_FINGERPRINT],
                       struct span body);
void receipts_refused(struct client *c, const uint8_t to[static SIZE_FINGERPRINT]);
/* The server has our text to that key. */
void receipts_await(struct client *c, uint64_t id, const uint8_t to[static SIZE_FINGERPRINT]);
/* One came. False if it is not well formed. */
bool receipts_take(struct client *c, const char *from, const struct envelope_content *e);

int64_t receipts_due(const struct client *c);
void receipts_tick(struct client *c, int64_t now);
void receipts_free(struct client *c);

#endif
