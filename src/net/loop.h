/* The one select() loop of a program.
 *
 * The sets are heap bitmaps as long as the descriptor limit, so a descriptor is never written past
 * a set, however many there are (FD_SETSIZE does not count here). A watch says what it wants; a
 * change touches two bits. Readiness is handed out once a turn, and who was first then is
 * last in the next one, so that low numbers have no privilege. */
#ifndef DEN_NET_LOOP_H
#define DEN_NET_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;

/* Owned by whoever waits; stays where it is while added. */
struct loop_watch {
    int fd; /* -1: not added */
    void (*ready)(struct loop_watch *w, bool readable, bool writable);
    void *owner;
};

/* Raises the soft descriptor limit as far as the hard one and most allow. NULL without memory. */
struct loop *loop_open(size_t most);
void loop_close(struct loop *l);

/* How many descriptors a set can hold: a descriptor at or above it can't be added. */
size_t loop_limit(const struct loop *l);

/* False if fd is not below the limit or is watched already. Wants nothing at first. */
bool loop_add(struct loop *l, struct loop_watch *w, int fd);
/* Idempotent; call it before the descriptor is closed. Allowed while readiness is handed out. */
void loop_remove(struct loop *l, struct loop_watch *w);
void loop_want(struct loop *l, const struct loop_watch *w, bool readable, bool writable);

/* Waits until something is ready or the monotonic clock reaches due_ns (INT64_MAX: for ever; a
 * time that has passed: does not wait). A negative errno on failure. */
int loop_wait(struct loop *l, int64_t due_ns);
/* The same for descriptors below that one alone: for a moment, for the others are not looked at. */
int loop_wait_below(struct loop *l, int below, int64_t due_ns);
/* The highest watched descriptor, -1 if none. */
int loop_top(const struct loop *l);
/* Calls the watches that were ready when loop_wait returned, once, and returns how many there were.
 * Who needs the time in them takes it between the two. */
int loop_hand_out(struct loop *l);
/* Both. */
int loop_turn(struct loop *l, int64_t due_ns);

#endif
