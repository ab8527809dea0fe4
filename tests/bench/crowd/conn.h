/* One TLS connection of a crowd (crowd.h): the client's end, whatever is spoken over it. It is made to
 * cost little, for it shares a core with all the others: what came is taken from the socket at once. */
#ifndef DEN_BENCH_CONN_H
#define DEN_BENCH_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "crypto/pin.h"
#include "crypto/profile.h"
#include "net/loop.h"
#include "wire/framer.h"

struct crowd;

struct conn {
    struct crowd *crowd;
    unsigned number;
    struct loop_watch watch;
    bool connecting; /* TCP is not decided yet */
    bool secure;     /* TLS is there */
    bool ready;      /* it hears what is said to all */
    bool over;
    struct buf partial;   /* of a line or packet, for the speeches that need it */
    struct framer framer; /* for den's */
    br_ssl_client_context tls;
    struct pin pin;
    uint8_t buffer[PROFILE_BUFFER];
};

/* Aborts the program when it can't. */
struct conn *conn_open(struct crowd *crowd, unsigned number);
void conn_close(struct conn *c);
/* Sends all of it now, in one record where it fits. */
void conn_send(struct conn *c, const void *p, size_t len);

#endif
