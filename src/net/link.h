/* One TCP connection with TLS on it, cut into messages.
 *
 * state      what it means                                     what is read     what is sent
 * OPENING    TLS hello under way (a client: TCP too)            TLS records      TLS records
 * OPEN       messages flow                                      messages         queue, then fill
 * FINISHING  we said goodbye: the queue is sent, then close_notify   thrown away  queue, alert
 * DRAINING   our half is closed; until the peer's is            thrown away      nothing
 * CLOSED     ended() was called; only link_close is left        nothing          nothing
 *
 * Callbacks come from link_ready (the loop), link_hub_turn and link_hub_flush alone, never from inside
 * link_send and the like, so an owner may call those anywhere. link_close must not be called in a callback:
 * mark, and reap after the turn. */
#ifndef DEN_NET_LINK_H
#define DEN_NET_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "base/limits.h"
#include "crypto/cert.h"
#include "crypto/identity.h"
#include "crypto/random.h"
#include "net/loop.h"
#include "net/row.h"
#include "platform/address.h"
#include "wire/framer.h"

struct link;

enum link_end {
    LINK_GONE,      /* TCP ended without a goodbye */
    LINK_GOODBYE,   /* closed in order, by either side */
    LINK_WRONG_KEY, /* the server's key is not the pinned one */
    LINK_TLS        /* TLS failed */
};

struct link_events {
    /* TLS is there: exporter and peer key can be asked. */
    void (*opened)(struct link *l);
    void (*message)(struct link *l, const struct message *m);
    /* What came is not a message that may come now: nothing more is read, and a goodbye follows.
     * The owner may queue an ERROR. why: a short English phrase. */
    void (*broken)(struct link *l, const char *why);
    /* NULL, or: nothing waits to be sent and a TLS record has room bytes free: write whole messages
     * into out and return how many bytes, 0 for nothing (link_kick when that changes). */
    size_t (*fill)(struct link *l, uint8_t *out, size_t room);
    /* The last callback, once. why: a short English phrase. */
    void (*ended)(struct link *l, enum link_end end, const char *why);
};

struct link_row {
    struct link *first, *last;
};

/* What all links of a program share. */
struct link_hub {
    struct loop *loop;
    struct random *random;
    struct link **dirty; /* those with something to send, in no order; has room for all */
    size_t dirty_count, dirty_cap;
    size_t links;
    struct link_row rows[LINK_ROWS];
    size_t hoarded; /* see hoard.h */
    bool step;      /* a private-key step may be made now */
};

void link_hub_init(struct link_hub *hub, struct loop *loop, struct random *random);
/* Before each turn, or before some of them where something else is more urgent: of the links whose next
 * step needs the private key, the one that has waited longest makes it. */
void link_hub_turn(struct link_hub *hub);
/* Whether there is such a link: then link_hub_turn shall come soon. */
bool link_hub_waits(const struct link_hub *hub);
/* After each turn: sends what was queued, several messages in one record. */
void link_hub_flush(struct link_hub *hub);

/* Both take the descriptor over, also on failure (NULL: no memory, or past the loop's limit). id
 * and cert are shared by all links and outlive them. */
struct link *link_open_server(struct link_hub *hub, int fd, const struct identity *id,
                              const struct cert *cert, const struct link_events *events,
                              void *owner);
/* pin: the only key accepted, NULL to accept any RSA-2048 key and look at it when opened. */
struct link *link_open_client(struct link_hub *hub, int fd, const uint8_t *pin,
                              const struct link_events *events, void *owner);
/* Frees at once, without a goodbye; NULL is fine. */
void link_close(struct link *l);

void *link_owner(const struct link *l);
/* Whether messages can still be sent. */
bool link_is_open(const struct link *l);
/* Why what came was refused, in events.broken; 0 if it was not. */
enum message_code link_refused(const struct link *l);
/* Which messages may come now. */
void link_phase(struct link *l, enum message_phase phase);

/* Queues a copy of whole messages; nothing happens when the link is not OPEN. False: no memory. */
bool link_send(struct link *l, const struct buf *messages);
/* The same without a copy: holds the blob until it is sent. */
bool link_send_blob(struct link *l, struct blob *b);
/* Bytes that wait. */
size_t link_queued(const struct link *l);
/* There is something for fill. */
void link_kick(struct link *l);
/* Stops reading while the owner has no room (true), or goes on. */
void link_pause(struct link *l, bool paused);
/* A goodbye: what is queued is sent, then TLS and TCP are closed in order. The owner ends it with
 * link_close when its patience is over. */
void link_finish(struct link *l);

/* Once opened. */
void link_exporter(struct link *l, uint8_t out[static SIZE_EXPORTER]);
/* The server's key, on the client's side. */
const struct public_key *link_peer_key(const struct link *l);

#endif
