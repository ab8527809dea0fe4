/* The inside of a link, and what moves bytes through it: for link.c and pump.c alone. */
#ifndef DEN_NET_PUMP_H
#define DEN_NET_PUMP_H

#include "crypto/pin.h"
#include "crypto/profile.h"
#include "net/link.h"
#include "net/outbox.h"

#define PUMP_AHEAD (32 * 1024) /* bytes that are read at once */

enum link_state { STATE_OPENING, STATE_OPEN, STATE_FINISHING, STATE_DRAINING, STATE_CLOSED };

/* What every message touches stands first and together: a room's links are many, and none of them is in
 * the caches when its turn comes. */
struct link {
    struct link_hub *hub;
    const struct link_events *events;
    void *owner;
    struct outbox out;
    br_ssl_engine_context *engine; /* inside tls */
    size_t dirty_at;               /* where it stands in hub->dirty, from 1; 0: not there */
    enum link_state state;
    int fd;          /* owned until link_close */
    int writes_left; /* in this turn */
    bool server;
    bool connecting; /* a client's TCP is not decided yet */
    bool flown;      /* the server's first flight, with its signature, was made */
    bool paused;
    bool more_to_fill; /* fill may have something */
    bool record_used;  /* something may stand in the record that is open */
    bool notified;     /* close_notify is on its way */
    bool held_back;    /* the last record was written as if more followed */
    struct link_place {
        struct link *before, *next;
        bool taken;
    } places[LINK_ROWS];
    int64_t used_at, looked_at; /* see cooler.h */
    size_t hoarded;             /* see hoard.h */
    struct loop_watch watch;
    struct buf ahead; /* came, and could not be taken before the link was paused */
    struct framer framer;
    union {
        br_ssl_client_context client;
        br_ssl_server_context server;
    } tls;
    struct pin pin; /* a client's */
    uint8_t buffer[PROFILE_BUFFER];
};

/* Does what can be done now: TLS, messages in, queue and fill out; readable: the socket says so. At
 * the end the loop knows what the link waits for. */
void pump_work(struct link *l, bool readable);
/* The part of it that makes the next record of what waits to be sent, without sending it. */
void pump_prepare(struct link *l);
/* Tells the loop what the link waits for. */
void pump_wants(struct link *l);
/* CLOSED: calls ended() if it was not before. */
void pump_end(struct link *l, enum link_end how, const char *why);

#endif
