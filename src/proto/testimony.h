/* What one member tells another of the list of bindings that the server showed it (an envelope of
 * kind 3, PROTOCOL.md 8.5): marks, which are states (n, h_n) of its list, and a run of its entries.
 * Marks find the place where two lists part, entries name what differs there. Pure. */
#ifndef DEN_PROTO_TESTIMONY_H
#define DEN_PROTO_TESTIMONY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "proto/bindings.h"

#define TESTIMONY_RUN 3000 /* bytes of entries in a question at most: many may ask at once */

/* One that was read. */
struct testimony {
    bool asks;            /* wants an answer */
    const uint8_t *marks; /* borrowed: u64 n, h[32] each, rising */
    size_t count;
    struct span entries; /* borrowed: from number `first` to `last`; none: last == first - 1 */
    uint64_t first, last;
};

enum testimony_finding {
    TESTIMONY_SAME, /* both lists are one */
    TESTIMONY_NAMED, /* the first entry that differs is known: of both sides, or of the one that has it */
    TESTIMONY_NARROWED /* they part in between; the other's entries from there are needed */
};

/* Both lists are the same up to `common`, and no more at `parted`. NAMED: parted is common + 1. */
struct testimony_gap {
    uint64_t common, parted;
    struct binding ours, theirs; /* NAMED: the entries `parted`; n is 0 where a list has ended */
};

/* The question of one who saw that the other's list is another at n = upto, or longer than ours:
 * marks spread over all up to there, the entries right before, and our newest state. */
void testimony_ask(struct buf *out, const struct bindings *b, uint64_t upto);
/* The answer: our entries of that gap, as many as fit. asks: the other's are still needed. */
void testimony_answer(struct buf *out, const struct bindings *b, const struct testimony_gap *gap,
                      bool asks);

/* Reads what a member whose newest state is (n, h) wrote. Whatever does not hold together is an
 * error (ERR_LIMIT, ERR_SHORT, ERR_FORMAT, ERR_NAME) and says nothing of the server. origin: h_0. */
enum err testimony_read(struct testimony *out, struct span body, const uint8_t *origin, uint64_t n,
                        const uint8_t h[static BINDINGS_HASH]);
/* Where it parts from our list. ERR_FORMAT: no list can be like this. */
enum err testimony_compare(const struct testimony *t, const struct bindings *b,
                           enum testimony_finding *finding, struct testimony_gap *gap);

#endif
