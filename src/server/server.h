/* The server: sockets, links and workers around the room. */
#ifndef DEN_SERVER_SERVER_H
#define DEN_SERVER_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "net/loop.h"
#include "platform/address.h"
#include "server/limits.h"
#include "server/shelf.h"

/* Borrowed strings; they outlive the server. */
struct server_config {
    struct address listen;
    const char *library;         /* directory with the clips */
    const char *state;           /* directory for keys, names, the log and indexes */
    const char *passphrase_file; /* of the private key, NULL: none */
    const char *room;            /* UTF-8, at most LIMIT_ROOM bytes */
    bool invite_only;            /* keys that have no name here need an invitation */
    struct shelf_bounds log;     /* how large the log may grow, how old */
    uint64_t rate;               /* of video, bytes a second to all together; 0: no bound */
    struct limits limits;
    bool sandbox;  /* take from the process what it needs no more */
    bool terminal; /* standard input is one: take commands from it */
};

struct server;

/* Opens state, log and socket. NULL with a sentence in why. */
struct server *server_open(const struct server_config *config, char why[static 512]);
/* The loop, for the program's own descriptors (signals). */
struct loop *server_loop(struct server *s);
/* Where it listens, and its key's fingerprint as text. */
void server_address(const struct server *s, char out[static ADDRESS_TEXT]);
const char *server_fingerprint(const struct server *s);

/* Waits for what comes next and does it. False: the loop itself failed. */
bool server_turn(struct server *s);
/* Takes no more newcomers and says goodbye to everybody with that sentence. Idempotent. */
void server_stop(struct server *s, const char *text);
/* True when everybody is gone after server_stop. */
bool server_stopped(const struct server *s);
/* Frees all, at once. s may be NULL. */
void server_close(struct server *s);

#endif
