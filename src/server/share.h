/* What all viewers together may be sent a second, shared fairly: a bucket of bytes that fills by time,
 * and those who want of it in a row. Each gets a portion in its turn, whatever its link; who uses
 * its portions up more slowly waits less often in the row, and what it leaves is the others'. Pure:
 * the caller brings the time.
 *
 * seat       granted   waiting
 * idle       <= 0      no        wants nothing, or did not ask yet; below 0 is a debt
 * serving    > 0       no        may send
 * waiting    <= 0      yes       in the row */
#ifndef DEN_SERVER_SHARE_H
#define DEN_SERVER_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/bucket.h"

#define SHARE_RATE_LEAST 1024              /* bytes a second */
#define SHARE_RATE_MOST (INT64_C(1) << 30) /* the same at most; within BUCKET_RATE_MAX */

/* Embedded by who wants; zeros at first. */
struct share_seat {
    struct share_seat *next, *previous;
    int64_t granted;
    bool waiting;
};

/* All zeros: no bound. */
struct share {
    struct bucket bytes; /* to give out, as of its own time, which only share_next moves */
    struct share_seat *first, *last;
};

/* rate: 0, or SHARE_RATE_LEAST to SHARE_RATE_MOST. */
void share_start(struct share *s, int64_t rate, int64_t now);
/* How much of room the seat may use now, 0 if it must wait: then share_next names it in time. What
 * it then uses it tells by share_spent; it may be less. */
size_t share_ask(struct share *s, struct share_seat *seat, size_t room);
void share_spent(struct share *s, struct share_seat *seat, size_t bytes);
/* It wants nothing now, or is gone: what it has goes back. Idempotent. */
void share_leave(struct share *s, struct share_seat *seat);

/* When share_next may have somebody; INT64_MAX while nobody waits. */
int64_t share_due(const struct share *s);
/* The next whose turn it is, out of the row; NULL if there is none now. */
struct share_seat *share_next(struct share *s, int64_t now);

#endif
