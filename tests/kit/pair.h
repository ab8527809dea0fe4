/* Two links over a socket pair, in one loop: a server's and a client's, each with what it saw. */
#ifndef DEN_TESTS_KIT_PAIR_H
#define DEN_TESTS_KIT_PAIR_H

#include "net/link.h"

struct pair_side {
    struct link *link;
    struct pair *pair;
    bool opened, broken, ended;
    enum link_end how;
    struct buf seen; /* every message that came, whole */
    size_t messages;
    struct buf to_fill; /* what fill gives, in pieces */
    size_t fills;       /* how often it was asked */
    char why[128];
    /* NULL, or: called with each message. */
    void (*on_message)(struct pair_side *side, const struct message *m);
};

struct pair {
    struct loop *loop;
    struct random random;
    struct link_hub hub;
    struct pair_side server, client;
    int raw;        /* the other end of the server's link if the test has it, else -1 */
    int raw_client; /* the same of the client's */
};

/* Keys 0 (server's) of tests/kit/keys.h. pin NULL: any key. Aborts if anything fails. */
void pair_open(struct pair *p, const uint8_t *pin);
/* Over TCP on the loopback, any key. Returns the server's socket, to look at. */
int pair_open_tcp(struct pair *p);
/* The server's link is closed, and another one takes its place; p->raw is the other end. */
void pair_renew_raw(struct pair *p);
/* The server's link alone; p->raw is the other end, for bytes that are no TLS. */
void pair_open_raw(struct pair *p);
/* Two links that the test is between: p->raw and p->raw_client are the other ends. */
void pair_open_apart(struct pair *p, const uint8_t *pin);
void pair_close(struct pair *p);

/* Two more links of the same hub. */
struct pair_extra {
    struct pair_side server, client;
};
void pair_more(struct pair *p, struct pair_extra *more);
void pair_less(struct pair_extra *more);

/* One turn without waiting: how many links had something to do. */
int pair_turn(struct pair *p);
/* A few turns without waiting, until nothing more moves. */
void pair_settle(struct pair *p);
/* TLS is there, and messages of the room may come both ways. */
void pair_open_room(struct pair *p);

/* Sends a SEND (client) or SEALED (server) with len bytes that depend on seed. */
void pair_send(struct pair_side *side, size_t len, uint64_t seed);
/* Appends the same message to out. */
void pair_message(struct buf *out, uint8_t type, size_t len, uint64_t seed);

#endif
