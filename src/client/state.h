/* What den keeps between runs, in one directory: its key, numbers, servers and contacts. An
 * ephemeral den keeps nothing. */
#ifndef DEN_CLIENT_STATE_H
#define DEN_CLIENT_STATE_H

#include "client/client.h"

/* Makes or loads everything that the config asks for; an interactive den locks the directory. On
 * failure why is a sentence; what was opened is closed by state_close. */
enum client_exit state_open(struct client *c, char why[static 512]);
/* Saves the contacts, wipes the key. Idempotent. */
void state_close(struct client *c);

/* Loads the identity of a state directory, or makes one; telling: a line about the making goes to
 * standard error. For den key as well. */
enum client_exit state_identity(struct identity *id, struct random *random, const char *dir,
                                bool make, char why[static 512]);
/* Seeds from the kernel. */
bool state_seed(struct random *random);

#endif
