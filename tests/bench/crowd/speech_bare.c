/* That of the least that can be a server of a room (tests/bench/bare_room.c): TLS, and in it nothing but
 * what is said, as long as den's message about it. */
#include <string.h>

#include "tests/bench/bare.h"
#include "tests/bench/crowd/crowd.h"

static void begin(struct conn *c)
{
    crowd_ready(c);
}

/* The one that speaks gets answers, which are shorter. */
static void take(struct conn *c, const uint8_t *p, size_t len)
{
    if (c->number == 0)
        return;
    buf_add(&c->partial, p, len);
    while (c->partial.len >= BARE_MESSAGE) {
        crowd_heard(c, c->partial.data + BARE_MESSAGE - CROWD_DIGITS);
        buf_drop(&c->partial, BARE_MESSAGE);
    }
}

static void say(struct conn *c, const uint8_t message[static CROWD_MESSAGE])
{
    uint8_t out[BARE_MESSAGE] = {0};

    memcpy(out + BARE_MESSAGE - CROWD_MESSAGE, message, CROWD_MESSAGE);
    conn_send(c, out, sizeof out);
}

const struct speech speech_bare = {"bare", begin, take, say};
