/* Threads, and the loop's way to hear of what they did. */
#ifndef DEN_NET_POOL_H
#define DEN_NET_POOL_H

#include <stdbool.h>

#include "net/loop.h"
#include "platform/worker.h"

/* All zeros before it is opened, and after it is closed. */
struct pool {
    struct worker *worker;
    struct loop *loop;
    struct loop_watch watch;
};

/* worker_open, and done() of what was finished called in the loop's turns. False with errno set, and
 * nothing open. p stays where it is until it is closed; the loop goes later. */
bool pool_open(struct pool *p, struct loop *loop, unsigned threads, unsigned jobs);
/* worker_close: waits for what runs, cancels what waits. Idempotent. */
void pool_close(struct pool *p);

#endif
