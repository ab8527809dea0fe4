/* Where newcomers come in: the listening socket, also while no descriptor is left for them. */
#ifndef DEN_NET_DOOR_H
#define DEN_NET_DOOR_H

#include <stdbool.h>
#include <stdint.h>

#include "net/loop.h"
#include "platform/address.h"

struct door {
    struct loop *loop; /* NULL: never opened */
    /* Takes the descriptor over; NULL before door_admit. */
    void (*arrived)(void *owner, int fd, const struct address *from);
    void *owner;
    struct loop_watch watch;
    int listen;
    int reserve;   /* the same once more: a descriptor to give up when none is left */
    int64_t again; /* while no descriptor is free; INT64_MAX: it listens */
};

/* Listens, and lets nobody in yet. 0 or a negative errno; door_close is allowed in any case. */
int door_open(struct door *d, struct loop *loop, const struct address *at, int backlog);
/* From here on. */
void door_admit(struct door *d, void (*arrived)(void *owner, int fd, const struct address *from),
                void *owner);
/* Idempotent. */
void door_close(struct door *d);

/* When door_tick has something to do; INT64_MAX if never. */
int64_t door_due(const struct door *d);
void door_tick(struct door *d, int64_t now);

#endif
