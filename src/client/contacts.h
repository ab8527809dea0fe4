/* Whom we have met: in which room, under which name, with which key. A text file, one line each:
 *
 *     den contacts 1
 *     SERVER NAME SPKI FIRST LAST MARKS
 *
 * SERVER: the room's server's fingerprint, hexadecimal. NAME: in lower case. SPKI: the whole public
 * key, hexadecimal. FIRST, LAST: seconds since 1970 when first and last seen. MARKS: v for verified, i for
 * ignored, vi for both, - for neither. What a newer version wrote is refused untouched.
 *
 * Several processes may have the file: each save takes a lock (PATH.lock), reads it again and adds
 * what this process changed. */
#ifndef DEN_CLIENT_CONTACTS_H
#define DEN_CLIENT_CONTACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/public_key.h"

#define LIMIT_CONTACTS 20000

struct contact {
    uint8_t server[SIZE_FINGERPRINT];
    char name[LIMIT_NAME + 1]; /* lower case */
    struct public_key key;
    uint64_t first, last; /* seconds since 1970 */
    bool verified;        /* its safety number was compared; of this key, as the next */
    bool ignored;         /* its messages are not shown */

    /* of this run: not stored */
    bool fresh;               /* first met */
    bool met;                 /* first or last are to be saved */
    bool marked;              /* verified and ignored are */
    bool replaced;            /* the key is */
    struct public_key *shown; /* owned: the other key that the user was told of last; NULL: none */
};

struct contacts {
    struct contact **list; /* owned, sorted by server, then name */
    size_t count, cap;
    char *path; /* owned; NULL: kept in memory alone */
    bool changed;
    bool unkept; /* somebody was met for the first time since the last save */
};

enum contact_trust {
    CONTACT_NEW,     /* met for the first time in this run */
    CONTACT_PINNED,  /* the key that we knew */
    CONTACT_CHECKED, /* and its safety number was compared */
    CONTACT_CHANGED  /* another key than the one we know */
};

/* path is copied; NULL for none; no such file is an empty one. ERR_IO (errno tells), ERR_VERSION,
 * ERR_BROKEN, ERR_MEMORY. */
enum err contacts_open(struct contacts *c, const char *path);
/* Writes what changed, atomically; c then holds what other processes wrote as well. ERR_IO (errno
 * tells), ERR_VERSION, ERR_BROKEN, ERR_MEMORY: nothing was written. */
enum err contacts_save(struct contacts *c);
void contacts_close(struct contacts *c);

/* The name was seen with this key: remembers it if it is new (unless ephemeral), else compares. */
enum contact_trust contacts_meet(struct contacts *c, const uint8_t server[static SIZE_FINGERPRINT],
                                 const char *name, const struct public_key *key, bool ephemeral,
                                 uint64_t now_s);
/* The same without remembering: a key of a name that we never met is new. */
enum contact_trust contacts_trust(const struct contacts *c,
                                  const uint8_t server[static SIZE_FINGERPRINT], const char *name,
                                  const struct public_key *key);
/* NULL if we never met. Good until the next save. */
const struct contact *contacts_find(const struct contacts *c,
                                    const uint8_t server[static SIZE_FINGERPRINT],
                                    const char *name);
/* The same, for contacts_mark.c: says itself what changed. */
struct contact *contacts_edit(struct contacts *c, const uint8_t server[static SIZE_FINGERPRINT],
                              const char *name);
const char *contacts_trust_text(enum contact_trust t);

#endif
