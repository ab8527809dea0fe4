/* What den keeps between runs, in one directory: its key, numbers, servers and contacts. An
 * ephemeral den keeps nothing. */
#ifndef DEN_CLIENT_STATE_H
#define DEN_CLIENT_STATE_H

#include "client/client.h"
#include "crypto/passphrase.h"
#include "platform/paths.h"

/* Makes or loads everything that the config asks for; an interactive den locks the directory. On
 * failure why is a sentence; what was opened is closed by state_close. */
enum client_exit state_open(struct client *c, char why[static 512]);
/* Where a file about this room alone is kept; its directories are made. False if there is no place:
 * for an ephemeral identity, or where they can't be made. */
bool state_room_file(const struct client *c, const char *name, char out[static PATHS_MAX]);
/* Saves the contacts, wipes the key. Idempotent. */
void state_close(struct client *c);

/* Loads the identity of the config's state directory, or makes one and says so on standard error.
 * *iterations: of its encryption, 0 if it is not. For den key as well. */
enum client_exit state_identity(struct identity *id, struct random *random,
                                const struct client_config *config, uint32_t *iterations,
                                char why[static 512]);
/* Where a passphrase comes from that the config does not give: the terminal. */
struct passphrase_source state_source(const char *file);
/* A failure about the key's file as a sentence, and its exit code. */
enum client_exit state_fail_key(char why[static 512], const char *path, enum err e,
                                const struct passphrase_source *source);
/* Seeds from the kernel. */
bool state_seed(struct random *random);

#endif
