/* A crowd: many clients of one server in one process, on one loop, whichever server it is. */
#ifndef DEN_BENCH_CROWD_H
#define DEN_BENCH_CROWD_H

#include <stdint.h>

#include "crypto/identity.h"
#include "crypto/random.h"
#include "platform/address.h"
#include "tests/bench/crowd/conn.h"

/* What is said to all: as many bytes as a sealed text of a few lines has (1,024 of them sealed). The
 * last eight are its number, in hexadecimal digits. */
#define CROWD_MESSAGE 1319
#define CROWD_DIGITS 8

/* How one kind of server is spoken to. */
struct speech {
    const char *name;
    /* TLS is there: greets. */
    void (*begin)(struct conn *c);
    /* Bytes came. Calls crowd_ready once, and crowd_heard for each message to all. */
    void (*take)(struct conn *c, const uint8_t *p, size_t len);
    /* Says the message to all others. */
    void (*say)(struct conn *c, const uint8_t message[static CROWD_MESSAGE]);
};

extern const struct speech speech_den, speech_mqtt, speech_irc, speech_bare;

struct crowd {
    const struct speech *speech;
    struct loop *loop;
    struct random random;
    struct address address;
    const char *prefix;  /* of their names */
    const uint8_t *keys; /* CROWD_KEY bytes for each, from crowd_keys.py; den's alone */
    struct conn **all;
    unsigned count, opened, ready, lost;
    unsigned opening; /* opened, and not ready */
    void (*heard)(struct crowd *crowd, uint32_t number);
};

/* n, p, q, dp, dq, iq. */
#define CROWD_KEY (256 + 5 * 128)

void crowd_ready(struct conn *c);
void crowd_heard(struct conn *c, const uint8_t digits[static CROWD_DIGITS]);
/* Ends the program with a line. */
_Noreturn void crowd_fail(const char *why, ...) __attribute__((format(printf, 1, 2)));

#endif
