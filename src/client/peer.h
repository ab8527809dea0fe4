/* One direct call with its link: dials or was dialled, has the proof signed on the worker, and
 * carries what the call leaves to be sent. What the call has to tell goes to the switchboard. */
#ifndef DEN_CLIENT_PEER_H
#define DEN_CLIENT_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "client/call.h"
#include "client/dial.h"
#include "net/link.h"

struct client;
struct peer_job;

struct peer {
    struct call call;
    struct client *client;
    struct peer *next; /* in direct.peers */
    struct dial dial;
    struct peer_job *job;  /* the proof that is being signed; NULL: none */
    struct link *link;     /* NULL: not yet, or never */
    uint8_t group[16];     /* who called: address_group */
    char at[ADDRESS_TEXT]; /* the other end, for people */
    char why[128];         /* of the link's end */
    struct {
        uint32_t last;   /* the number of the last file that was offered */
        uint32_t served; /* whose bytes went last: its number for the user */
        unsigned vain;   /* offers that came to nothing before they were answered */
        bool rung;       /* the user was asked about one */
        bool began, over;
    } files;          /* of a call for them (parcels.h) */
    bool known;       /* the user was told of it */
    bool held;        /* a call that crossed ours: not told, ours goes first */
    int64_t again;    /* a call of who is in a chat with us waits so long; 0: it is none */
    bool gone;        /* nothing is left but peer_free */
    int64_t patience; /* when the goodbye has taken too long */
};

/* In front of the client's peers. NULL without memory. */
struct peer *peer_dial(struct client *c, const char *name, const struct public_key *key,
                       const struct address *at);
/* The same for files, without a word. */
struct peer *peer_dial_files(struct client *c, const char *name, const struct public_key *key,
                             const struct address *at);
/* Takes the descriptor over. */
void peer_welcome(struct client *c, int fd, const struct address *from);
/* Not in a link's callback. */
void peer_free(struct peer *p);

/* Sends what the call left, follows its phase, and says goodbye if it is OVER. After every change of
 * the call. */
void peer_push(struct peer *p);
void peer_tick(struct peer *p, int64_t now);
int64_t peer_due(const struct peer *p);

#endif
