/* Who comes into a room over a tap, as an ephemeral guest, and is told all that follows. Loads are
 * made of many; they may share one key. */
#ifndef DEN_TESTS_KIT_COMER_H
#define DEN_TESTS_KIT_COMER_H

#include "tests/kit/tap.h"
#include "wire/framer.h"

struct comer {
    struct tap tap; /* its owner is this */
    struct framer framer;
    const struct identity *identity;
    struct random *random;
    char name[LIMIT_NAME + 1];
    uint64_t features; /* that it announces beside FEATURE_VIDEO */
    bool entered;      /* WELCOME came */
    bool failed;       /* an ERROR or a message that can't be */
    /* NULL, or: WELCOME came; every message after it. Both may call tap_send. */
    void (*came_in)(struct comer *c);
    void (*message)(struct comer *c, const struct message *m);
    void *owner;
};

/* As tap_open; what else is set stays as it is. Everything is borrowed. */
bool comer_open(struct comer *c, uint16_t port, uint16_t suite, const char *name,
                const struct identity *identity, struct random *random);
/* Idempotent. */
void comer_close(struct comer *c);
/* As tap_work. */
bool comer_work(struct comer *c);

#endif
