/* One link as the server sees it: the hello, then a member of the room. Pure: it is given messages
 * and writes to a port, so a test can stand in for the network.
 *
 * state    what has happened                      phase of the link  what ends it well
 * HELLO    TLS is there                           PHASE_HELLO        HELLO
 * PROOF    HELLO+ACK sent, key and name known     PHASE_ACK          ACK whose signature holds
 * JOINING  proven; the name's binding is not      PHASE_ACK          the binding is on disk
 *          on disk yet (joins_at)
 * ROOM     WELCOME sent                           PHASE_ROOM         QUIT, or the link's end
 * OVER     out of the room, goodbye under way     any                - */
#ifndef DEN_SERVER_SESSION_H
#define DEN_SERVER_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/limits.h"
#include "crypto/public_key.h"
#include "platform/address.h"
#include "server/clips.h"
#include "server/intake.h"
#include "server/share.h"
#include "server/talk.h"
#include "server/tempo.h"
#include "wire/message.h"
#include "wire/room.h"

struct room;
struct past;
struct stream;
struct watcher;

/* The way out; net/link.h's functions in the program. */
struct session_port {
    bool (*send)(void *link, struct blob *b); /* holds it as long as it needs; false: no memory */
    size_t (*queued)(void *link);             /* bytes that wait to be sent */
    void (*phase)(void *link, enum message_phase phase);
    void (*pause)(void *link, bool paused);
    void (*kick)(void *link);   /* session_fill may have something */
    void (*finish)(void *link); /* a goodbye once all is sent */
    void (*exporter)(void *link, uint8_t out[static SIZE_EXPORTER]);
};

enum session_state { SESSION_HELLO, SESSION_PROOF, SESSION_JOINING, SESSION_ROOM, SESSION_OVER };

/* What passing a message on touches stands first. */
struct session {
    const struct session_port *port;
    void *link;
    struct room *room;
    enum session_state state;
    bool paused;
    bool ephemeral;            /* its name is its own only while it is here */
    bool one_shot;             /* in the room, but not a listed member */
    size_t allowance;          /* bytes that it was given at once, beyond the queue's limit */
    size_t unanswered;         /* envelopes that wait for the log */
    struct intake_lane intake; /* those that wait for their turn */
    struct tempo tempo;
    char name[LIMIT_NAME + 1];
    struct public_key key;
    char address[ADDRESS_TEXT]; /* the peer's host, without port */
    uint8_t group[16];          /* address_group of it */
    uint16_t direct_port;
    uint64_t features;    /* that the client announced and we know */
    uint64_t joins_at;    /* entries of the binding list that must be on disk */
    struct session *next; /* in room->joining or room->visiting */
    struct stream *streams[LIMIT_STREAMS];
    struct watcher
        *watchers[LIMIT_STREAMS]; /* casts that it watches; with streams that many in all */
    size_t next_stream;           /* whose turn it is to fill */
    struct share_seat seat;       /* what it may send of the streams, in room->share */
    struct clips_wait list_wait;
    struct talk talk;              /* with us */
    uint64_t past_from, past_last; /* it may be given what the log has above from up to last */
    struct past *past;             /* that it is being given, NULL if not now */
};

/* The session stays where it is until session_end. */
void session_start(struct session *s, struct room *room, const struct session_port *port,
                   void *link, const char *address);
void session_message(struct session *s, const struct message *m);
/* What came was no message, or can't be taken. */
void session_broken(struct session *s, enum message_code code, const char *why);
/* As link_events.fill. */
size_t session_fill(struct session *s, uint8_t *out, size_t room);
/* Has those filled whose turn it is to send video. */
void session_serve(struct share *share, int64_t now);
/* The link is gone: leaves the room and frees what the session holds. Idempotent. */
void session_end(struct session *s);

/* ERROR with a code and a sentence, then the goodbye; without memory for the ERROR the goodbye alone. */
void session_refuse(struct session *s, enum message_code code, const char *text);
/* The same for want of memory: whoever can't be told all there is to tell must not stay, for it would
 * miss something without knowing. */
void session_starve(struct session *s);
/* QUIT with a sentence, then the goodbye. */
void session_dismiss(struct session *s, const char *text);

/* Queues; a session for which too much waits is refused as too slow. */
void session_send(struct session *s, struct blob *b);
/* The same with a message in two parts. */
void session_send_parts(struct session *s, struct blob *head, struct blob *tail);
/* The same with a buffer, which is freed; one that failed ends the session. */
void session_send_buf(struct session *s, struct buf *out);
/* Reads on or not, by what waits for it and from it. */
void session_balance(struct session *s);

#endif
