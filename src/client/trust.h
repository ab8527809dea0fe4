/* Whose key it is: what the user is told of it, and the commands that decide about it. A name with
 * another key than the one we know gets nothing from us until the user accepts that key. */
#ifndef DEN_CLIENT_TRUST_H
#define DEN_CLIENT_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#include "client/contacts.h"
#include "client/members.h"

struct client;

/* A member came: remembers the key, or says loudly that it is another one. */
void trust_joined(struct client *c, const struct member *m);
/* Writes whom we met for the first time, if anybody: so that a kill does not make them new again. Call
 * it each turn. */
void trust_keep_met(struct client *c);
/* A message of that name and key came; another key is told, once. */
enum contact_trust trust_sender(struct client *c, const char *name, const struct public_key *key);
/* May anything be sent to the member, or a direct chat begin? */
bool trust_allows(const struct client *c, const struct member *m);
/* Why not; NULL: it may. */
struct trust_objection {
    const char *code; /* for programs */
    const char *what; /* behind "the key" */
};
const struct trust_objection *trust_objects(const struct client *c, const struct member *m);
/* Are messages of this key kept from the user? */
bool trust_ignores(const struct client *c, const char *name,
                   const uint8_t fingerprint[static SIZE_FINGERPRINT]);

/* The commands; all say what they did, or why not. */

/* /verify NAME: shows the safety number; checked: the user has compared it, so it is marked. */
void trust_verify(struct client *c, const char *name, bool checked);
/* /trust NAME: the key that was last told to be another is the right one from now on. */
void trust_accept(struct client *c, const char *name);
/* /ignore NAME: bound to the key, and kept; for an ephemeral identity as long as it is here. */
void trust_ignore(struct client *c, const char *name, bool on);

#endif
