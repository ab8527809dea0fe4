/* What the user is told of a contact's key, and decides about it. All return ERR_UNKNOWN if we never
 * met. */
#ifndef DEN_CLIENT_CONTACTS_MARK_H
#define DEN_CLIENT_CONTACTS_MARK_H

#include "client/contacts.h"

/* The user is told that the name has another key now, or, with NULL, that it has its own again.
 * *news: that is not what was told last. ERR_MEMORY. */
enum err contacts_mark_show(struct contacts *c, const uint8_t server[static SIZE_FINGERPRINT],
                            const char *name, const struct public_key *key, bool *news);
/* The key that was told last becomes the one that we know, without any mark. ERR_STATE: none was. */
enum err contacts_mark_accept(struct contacts *c, const uint8_t server[static SIZE_FINGERPRINT],
                              const char *name, uint64_t now_s);
/* The safety number with this key was compared. ERR_KEY: it is not the one that we know. */
enum err contacts_mark_verify(struct contacts *c, const uint8_t server[static SIZE_FINGERPRINT],
                              const char *name, const struct public_key *key);
/* Messages of the key that we know by this name are not shown any more, or are again. */
enum err contacts_mark_ignore(struct contacts *c, const uint8_t server[static SIZE_FINGERPRINT],
                              const char *name, bool on);
/* Is this key ignored in this room, whatever name it has now? */
bool contacts_mark_ignores(const struct contacts *c, const uint8_t server[static SIZE_FINGERPRINT],
                           const uint8_t fingerprint[static SIZE_FINGERPRINT]);

#endif
