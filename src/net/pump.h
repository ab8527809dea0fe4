/* The inside of a link, and what moves bytes through it: for link.c and pump.c alone. */
#ifndef DEN_NET_PUMP_H
#define DEN_NET_PUMP_H

#include "crypto/pin.h"
#include "crypto/profile.h"
#include "net/link.h"
#include "net/outbox.h"

enum link_state { STATE_OPENING, STATE_OPEN, STATE_FINISHING, STATE_DRAINING, STATE_CLOSED };

struct link {
    struct link_hub *hub;
    const struct link_events *events;
    void *owner;
    struct loop_watch watch;
    int fd;          /* owned until link_close */
    int writes_left; /* in this turn */
    enum link_state state;
    struct framer framer;
    struct outbox out;
    br_ssl_engine_context *engine; /* inside tls */
    union {
        br_ssl_client_context client;
        br_ssl_server_context server;
    } tls;
    struct pin pin; /* a client's */
    struct link *dirty_next;
    struct link *warm_before, *warm_next; /* see cooler.h */
    int64_t used_at;
    bool server;
    bool dirty;
    bool warm;
    bool connecting; /* a client's TCP is not decided yet */
    bool flown;      /* the server's first flight, with its signature, was made */
    bool paused;
    bool more_to_fill; /* fill may have something */
    bool record_used;  /* something may stand in the record that is open */
    bool notified;     /* close_notify is on its way */
    uint8_t buffer[PROFILE_BUFFER];
};

/* Does what can be done now: TLS, messages in, queue and fill out; readable: the socket says so. At
 * the end the loop knows what the link waits for. */
void pump_work(struct link *l, bool readable);
/* Tells the loop what the link waits for. */
void pump_wants(struct link *l);
/* CLOSED: calls ended() if it was not before. */
void pump_end(struct link *l, enum link_end how, const char *why);

#endif
