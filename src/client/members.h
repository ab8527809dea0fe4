/* The client's own copy of the dictionary: who is in the room, with keys. Kept by what the server
 * tells once, never asked for message by message. */
#ifndef DEN_CLIENT_MEMBERS_H
#define DEN_CLIENT_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/public_key.h"
#include "wire/room.h"

#define MEMBER_ADDRESS 46 /* an IPv6 address in digits at most */

struct member {
    char name[LIMIT_NAME + 1];
    struct public_key key;
    char address[MEMBER_ADDRESS + 1]; /* as the server told it: not checked yet */
    uint16_t direct_port;             /* 0: takes no direct calls */
    bool ephemeral;
    bool ignored; /* by the user, while it is here and no contact stands for it */
};

struct members {
    struct member **list; /* owned, sorted by name without case */
    size_t count, cap;
};

/* NULL if nobody has that name. */
const struct member *members_find(const struct members *m, const char *name);
/* Adds one as the server told it; *added is false if the same name and key were there already. A
 * member of that name with another key is replaced. ERR_KEY if the key is none, ERR_MEMORY,
 * ERR_LIMIT. */
enum err members_add(struct members *m, const struct wire_member *w, bool *added);
/* Takes out the member of that name if it has that key; *out is then a copy. */
bool members_remove(struct members *m, const char *name, const uint8_t *fingerprint,
                    struct member *out);
/* Nothing happens if nobody has that name. */
void members_ignore(struct members *m, const char *name, bool on);
/* The list becomes what arrived, which is empty then; the user's marks stay with the keys. */
void members_replace(struct members *m, struct members *arrived);
/* Idempotent. */
void members_clear(struct members *m);

#endif
