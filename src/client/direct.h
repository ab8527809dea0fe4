/* Where direct calls come in, and all that there are of them: calls and chats without the server. */
#ifndef DEN_CLIENT_DIRECT_H
#define DEN_CLIENT_DIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/bell.h"
#include "client/peer.h"
#include "net/door.h"

struct client;
struct member;

struct direct {
    struct door door;
    struct address own; /* our end of the link to the server */
    struct cert cert;   /* made when we listen */
    struct call_self self;
    struct bell bell;
    struct peer *peers; /* owned */
};

/* TCP to the server is there: our end of it is where we listen, and there alone. */
void direct_reached(struct client *c, int fd);
/* Listens if the config says so and the link to the server is one of IP. *port: 0 if we don't. False
 * if the port that the user named is not to be had: said, and the client is over. */
bool direct_listen(struct client *c, uint16_t *port);
/* Without a word; for the end of the client. */
void direct_close(struct client *c);

int64_t direct_due(const struct client *c);
void direct_tick(struct client *c, int64_t now);
/* Frees what is over; when no link calls back. */
void direct_reap(struct client *c);

/* Calls and chats that the user has. */
size_t direct_count(const struct client *c);
/* And links for files: they all keep den going when the server is gone. */
size_t direct_links(const struct client *c);
/* The call or chat with that name that the user knows of; NULL if there is none. */
struct peer *direct_find(const struct client *c, const char *name);
/* Where the member takes calls. False if nowhere that we can reach; *why says why. */
bool direct_address(const struct client *c, const struct member *m, struct address *out,
                    const char **why);

#endif
