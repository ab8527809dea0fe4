/* From a host's name to a TCP connection: resolves on the worker, then tries one address after the
 * other. */
#ifndef DEN_CLIENT_DIAL_H
#define DEN_CLIENT_DIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "platform/address.h"
#include "platform/worker.h"

#define DIAL_ADDRESSES 8
#define DIAL_PATIENCE_NS INT64_C(10000000000) /* for one address */

struct dial_job;

struct dial {
    /* fd: a connected socket that the callee takes over, or -1 with the reason. */
    void (*done)(void *owner, int fd, const char *why);
    void *owner;
    struct loop *loop;
    struct dial_job *job; /* NULL: not resolving */
    struct loop_watch watch;
    struct address list[DIAL_ADDRESSES];
    size_t count, next;
    int fd;
    int64_t due; /* when this attempt has taken too long; INT64_MAX */
    char why[128];
};

/* False if the worker is full; done() is then not called. */
bool dial_start(struct dial *d, struct loop *loop, struct worker *worker, const char *host,
                uint16_t port);
/* The same with an address that needs no resolving; done() may be called at once. */
void dial_address(struct dial *d, struct loop *loop, const struct address *at);
/* Gives an attempt up that takes too long. */
void dial_tick(struct dial *d, int64_t now);
/* done() will not come. Idempotent. */
void dial_stop(struct dial *d);

#endif
