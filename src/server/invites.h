/* Invitations: each lets one key in, once, until a day. A text file, its first line "den invites 1",
 * then a line for each: its number, SHA-256 of its code, until when (seconds since 1970), the name
 * that must be taken or "*", and the fingerprint of the key that used it or "-". Codes are not kept.
 *
 * An invitation is marked as used, on disk, before its key's name is bound. So after a crash between
 * the two nobody else comes in with it, and that key, which has no name yet, may come again. */
#ifndef DEN_SERVER_INVITES_H
#define DEN_SERVER_INVITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "proto/invitation.h"

struct invite {
    uint32_t id;
    uint8_t hash[INVITATION_HASH];
    int64_t until;             /* seconds since 1970: no more from then on */
    char name[LIMIT_NAME + 1]; /* empty: any */
    bool used;
    uint8_t by[SIZE_FINGERPRINT];
};

/* Zeroed: an empty list, which nothing saves. */
struct invites {
    char *path;          /* owned */
    struct invite *list; /* owned; in the order in which they were made */
    size_t count, cap;
    uint32_t last; /* the highest number so far */
};

/* Reads the file; none is an empty list. Otherwise nothing was changed: ERR_IO (errno tells),
 * ERR_VERSION (a newer one), ERR_BROKEN, ERR_LIMIT, ERR_MEMORY. */
enum err invites_open(struct invites *v, const char *path);
/* Idempotent. */
void invites_close(struct invites *v);

/* The one with that code that still holds for that name: not used, or by this very key; NULL if there
 * is none. now: seconds since 1970. Valid until the next change. */
const struct invite *invites_find(const struct invites *v,
                                  const uint8_t code[static SIZE_INVITATION], const char *name,
                                  const uint8_t fingerprint[static SIZE_FINGERPRINT], int64_t now);

/* These save before they return, for a few milliseconds on the caller's thread, or as long as two syncs
 * of a slow disk take: only for an operator, and once for each invitation, whose code the operator gave
 * away. Nobody else can make it write. The file has at most 200 kB. On failure the list is as it was, but
 * for those whose time was over: ERR_IO (errno tells), ERR_LIMIT, ERR_MEMORY, ERR_UNKNOWN. */

/* hash, until and name of new count. Sets new->id. Those whose time is over are dropped. */
enum err invites_add(struct invites *v, struct invite *new, int64_t now);
/* That one, of the list, belongs to this key from now on. */
enum err invites_use(struct invites *v, const struct invite *which,
                     const uint8_t fingerprint[static SIZE_FINGERPRINT]);
enum err invites_remove(struct invites *v, uint32_t id);

#endif
