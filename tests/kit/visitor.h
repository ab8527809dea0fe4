/* A client over a real link to a server that the test plays, with the real worker, in one loop.
 *
 * Keys of tests/kit/keys.h: 0 the server's, 1 ours ("me"), 2 bob's, 3 carol's. */
#ifndef DEN_TESTS_KIT_VISITOR_H
#define DEN_TESTS_KIT_VISITOR_H

#include "client/client.h"
#include "proto/envelope.h"
#include "tests/kit/pair.h"

enum { VISITOR_SERVER, VISITOR_ME, VISITOR_BOB, VISITOR_CAROL };

struct visitor {
    struct client client;
    struct client_config config;
    struct pair pair;         /* its server's side is the server's link */
    struct bindings bindings; /* of the server: me, bob and carol */
    struct random random;
    struct buf said; /* what was reported, as JSON; checked to be that */
    unsigned entered;
    uint64_t number; /* of the last envelope that the server passed on */
    /* What the server says of itself: features beside the usual ones; in WELCOME its log's first byte
     * (7 unless changed) and last number. */
    uint64_t features, last;
    uint8_t log;
    int64_t stands; /* the time that the client is told; 0: as it goes */
};

/* TLS is there and HELLO came. Aborts if it does not get there. */
void visitor_open(struct visitor *v);
/* The same, and in the room with bob and carol; nothing is said or seen yet. */
void visitor_open_room(struct visitor *v);
void visitor_close(struct visitor *v);

/* In HELLO: goes into the room with bob and carol, the server saying what v says. */
void visitor_go_in(struct visitor *v);
/* The link breaks. The client waits, and its time stands still from here on: it comes back only by
 * visitor_return. */
void visitor_lose(struct visitor *v);
/* A new link, as if it had dialled: TLS is there and HELLO came. What the server saw before is forgotten. */
void visitor_return(struct visitor *v);
/* It is that late for the client. */
void visitor_at(struct visitor *v, int64_t now);

/* One turn of the loop, which waits for a job if one is under way; false if nothing moved. */
bool visitor_turn(struct visitor *v);
/* Turns the loop until nothing moves and no job is under way. */
void visitor_settle(struct visitor *v);
/* Sends messages as the server, settles; frees them. */
void visitor_send(struct visitor *v, struct buf *messages);
/* HELLO+ACK as it should be, and the link's next phase; the ACK has come then. */
void visitor_ack(struct visitor *v);
/* Appends WELCOME; n and h are those of v->bindings. */
void visitor_put_welcome(struct visitor *v, struct buf *out);
/* Appends BINDINGS with all entries of the list from number `from` on. */
void visitor_put_bindings(const struct visitor *v, uint64_t from, struct buf *out);
/* Appends MEMBERS or JOINED with one member. */
void visitor_put_member(struct buf *out, uint8_t type, const char *name, unsigned key,
                        uint8_t flags, bool more);
/* Appends SEALED with that envelope and the next number, from that member. */
void visitor_put_sealed(struct visitor *v, const char *from, unsigned key,
                        const struct buf *envelope, struct buf *out);

/* Appends a text of bob to us: SEALED with the next number, or PAST with that one. */
void visitor_put_text(struct visitor *v, uint64_t id, const char *text, struct buf *out);
void visitor_put_past(struct visitor *v, uint64_t number, uint64_t id, const char *text,
                      struct buf *out);

/* A text of bob to us as it should be; change it, then seal it. */
struct envelope_content visitor_content(const struct visitor *v, uint64_t id, const char *text);

/* How many messages of that type the server saw; *last: the payload of the last of them. */
size_t visitor_saw(const struct visitor *v, uint8_t type, struct span *last);
/* The nth SEND that the server saw, from 0; aborts if there is none, or anything else before. */
struct wire_send visitor_seen(const struct visitor *v, size_t nth);
/* Opens it as that member; its body points into plain, which is initialised. */
struct envelope_content visitor_opened(const struct wire_send *m, unsigned key, struct buf *plain);

/* How often the text stands in what was reported. */
size_t visitor_said(struct visitor *v, const char *text);
/* Forgets what was reported and what the server saw. */
void visitor_forget(struct visitor *v);

#endif
