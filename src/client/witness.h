/* Other members as witnesses of what the server shows: an envelope's (n, h_n) that is not of our
 * list means that its sender was shown another one, or says so. Both sides then tell each other
 * enough, sealed (proto/testimony), to name the first entry that differs, and the user is told.
 *
 * what is known of a peer          and then
 * its list is another: told        a question is due 1 to 10 s later
 * its question came                an answer is due 1 to 10 s later; it may ask in turn
 * the entry is known: settled      told with both keys; its names get nothing until /trust
 *
 * At most two messages a peer and session go out: an answer is the only thing that den sends by itself
 * because an envelope could be opened, and to a server that lies it says what that is about. */
#ifndef DEN_CLIENT_WITNESS_H
#define DEN_CLIENT_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/envelope.h"
#include "proto/testimony.h"

#define LIMIT_WITNESS 64 /* peers, in a session */

struct client;

struct witness_peer {
    char name[LIMIT_NAME + 1];
    struct public_key key;
    uint64_t n; /* the state that it claimed, and that is none of ours */
    uint8_t h[BINDINGS_HASH];
    int64_t due;   /* when something is sent; INT64_MAX */
    bool question; /* that is our question; else the answer about gap, which may ask too */
    bool asks;
    struct testimony_gap gap;
    unsigned sent;
    bool told, settled, nonsense; /* what the user was told */
};

struct witness {
    struct witness_peer *peers; /* owned */
    size_t count;
    char (*disputed)[LIMIT_NAME + 1]; /* owned: names of entries that differ */
    size_t disputes;
};

/* Is the envelope's (n, h) a state of our list? */
bool witness_agrees(const struct client *c, const struct envelope_content *e);
/* It is not, in an envelope that passed all other checks: says so. */
void witness_notice(struct client *c, const char *name, const struct envelope_content *e);
/* One of kind ENVELOPE_BINDINGS came. */
void witness_take(struct client *c, const char *name, const struct envelope_content *e);

int64_t witness_due(const struct witness *w);
void witness_tick(struct client *c, int64_t now);

/* Does an entry with that name differ, and the user has not decided about it? */
bool witness_disputes(const struct witness *w, const char *name);
/* The user has; false if there was nothing to decide. */
bool witness_decided(struct witness *w, const char *name);
void witness_free(struct witness *w);

#endif
