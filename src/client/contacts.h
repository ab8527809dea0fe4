/* Whom we have met: in which room, under which name, with which key. A text file, one line each:
 *
 *     den contacts 1
 *     SERVER NAME SPKI FIRST LAST MARKS
 *
 * SERVER: the room's server's fingerprint, hexadecimal. NAME: in lower case. SPKI: the whole public
 * key, hexadecimal. FIRST, LAST: seconds since 1970 when first and last seen. MARKS: v for verified, - for
 * not. What a newer version wrote is refused untouched. */
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
    bool verified;
    bool fresh; /* first met in this run: not stored */
};

struct contacts {
    struct contact **list; /* owned, sorted by server, then name */
    size_t count, cap;
    char *path; /* owned; NULL: kept in memory alone */
    bool changed;
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
/* Writes it if something changed, atomically. */
enum err contacts_save(struct contacts *c);
void contacts_close(struct contacts *c);

/* The name was seen with this key: remembers it if it is new (unless ephemeral), else compares. */
enum contact_trust contacts_meet(struct contacts *c, const uint8_t server[static SIZE_FINGERPRINT],
                                 const char *name, const struct public_key *key, bool ephemeral,
                                 uint64_t now_s);
/* NULL if we never met. */
const struct contact *contacts_find(const struct contacts *c,
                                    const uint8_t server[static SIZE_FINGERPRINT],
                                    const char *name);
const char *contacts_trust_text(enum contact_trust t);

#endif
