/* What we write to others: sealed on the worker one after the other, so that their order stays,
 * kept on disk, then sent, then waiting for the server to accept it. Without a link it goes as far
 * as it can, and the rest of the way later (outbox.h).
 *
 *     mail_send        worker                   ACCEPTED or REFUSED
 *     queue       ->   sealing, kept       ->   sent      ->   reported and forgotten */
#ifndef DEN_CLIENT_MAIL_H
#define DEN_CLIENT_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "client/unsent.h"
#include "platform/paths.h"
#include "proto/envelope.h"

#define LIMIT_MAIL 4096 /* messages that wait, in all */

struct client;
struct mail_item;

struct mail {
    struct mail_item *queue, *queue_last; /* the first is being sealed if sealing */
    struct mail_item *sent, *sent_last;
    size_t count; /* in both */
    bool sealing;
    bool opened, kept;   /* the outbox is; what waits is kept in dir */
    bool warned, told;   /* that something is left; that the server can't store */
    int64_t again;       /* when what the server could not store is sent again; 0: nothing */
    char dir[PATHS_MAX]; /* does not change while the worker is at it */
};

/* Seals a text for one member, or somebody who was met before and is away, or with to NULL for
 * everyone else who is here, and sends it. Says what is wrong itself. ERR_UNKNOWN: no such member, or nobody else is here; ERR_KEY: the
 * receiver's key has changed; ERR_LIMIT; ERR_IO. */
enum err mail_send(struct client *c, const char *to, struct span text);
/* Seals something of another kind, which den sends by itself, for one key. Nothing is told of it but
 * what keeps it from being sealed. ERR_LIMIT, ERR_MEMORY, ERR_IO. */
enum err mail_post(struct client *c, enum envelope_kind kind, const char *name,
                   const struct public_key *to, struct span body);
/* False if the id is none of ours. */
bool mail_accepted(struct client *c, uint64_t id, uint64_t number);
bool mail_refused(struct client *c, uint64_t id, uint16_t code, struct span why);
/* One that an earlier den sealed: it comes behind the last. ERR_MEMORY, ERR_LIMIT. */
enum err mail_restore(struct client *c, const struct unsent *u);
/* Sends what was sent and not accepted again; refused: only what the server could not store. */
void mail_resend(struct client *c, bool refused);
/* A receipt came for it: true if it is one of ours to that key that was not accepted yet. */
bool mail_delivered(struct client *c, uint64_t id, const uint8_t to[static SIZE_FINGERPRINT]);
/* Texts that no server has accepted. */
size_t mail_waiting(const struct mail *m);
/* Seals and keeps what the worker did not come to, and forgets it all; call it when the worker is
 * closed. */
void mail_free(struct mail *m);

#endif
