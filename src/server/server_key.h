/* The server's key and its randomness, in memory that is not swapped out where that is allowed. */
#ifndef DEN_SERVER_SERVER_KEY_H
#define DEN_SERVER_SERVER_KEY_H

#include <stdbool.h>

#include "crypto/cert.h"
#include "crypto/identity.h"
#include "crypto/random.h"

/* Seeds it from the kernel. False with a sentence in why, as below. */
bool server_key_random(struct random *random, char why[static 512]);
/* Reads the key out of the state directory, or makes it there, with the passphrase that the first line
 * of a file is (NULL: none). */
bool server_key_open(struct identity *id, struct cert *cert, const char *state,
                     const char *passphrase_file, struct random *random, char why[static 512]);

#endif
