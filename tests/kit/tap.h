/* A TLS client over the loopback that costs little, for loads: it reads much at once, and what came
 * is given out in place and forgotten. One thread, non-blocking. */
#ifndef DEN_TESTS_KIT_TAP_H
#define DEN_TESTS_KIT_TAP_H

#include "base/buf.h"
#include "crypto/pin.h"
#include "crypto/profile.h"

struct tap {
    int fd;                 /* -1: closed */
    bool connected, shaken; /* TCP is there; TLS is, and opened() was called */
    struct pin pin;
    br_ssl_client_context tls;
    struct buf out; /* to be encrypted */
    /* TLS is there; application data. Both may call tap_send. */
    void (*opened)(struct tap *t);
    void (*got)(struct tap *t, const uint8_t *p, size_t len);
    void *owner;
    uint8_t buffer[PROFILE_BUFFER];
};

/* Starts to connect to 127.0.0.1. suite: the only one offered, 0 for Den's profile. False: errno tells. */
bool tap_open(struct tap *t, uint16_t port, uint16_t suite, struct random *random);
/* Idempotent; without a goodbye. */
void tap_close(struct tap *t);
/* Queues a copy; tap_work sends it. */
void tap_send(struct tap *t, const void *p, size_t len);
/* Does what can be done now. False once the other side, or TLS, has ended it: it is closed then. */
bool tap_work(struct tap *t);
bool tap_wants_write(const struct tap *t);

#endif
