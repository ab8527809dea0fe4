/* Sealed messages that no server has accepted yet, one file each, so that they outlive the process: the
 * same bytes under the same id are sent again (design 5).
 *
 * DIR/ID.sealed, ID 16 hexadecimal digits. The file: magic "DENUNSNT", version 32 (1), little-endian;
 * the room's server's fingerprint (32); the receiver's (32; zeros: everyone); its name (33, padded with
 * NUL); the envelope; CRC-32C of all before it. The text is not in it: it is sealed to others. */
#ifndef DEN_CLIENT_UNSENT_H
#define DEN_CLIENT_UNSENT_H

#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/limits.h"

#define LIMIT_UNSENT 4096 /* files that are looked at */

struct unsent {
    uint64_t id;
    uint8_t server[SIZE_FINGERPRINT];
    uint8_t to[SIZE_FINGERPRINT]; /* zeros: everyone */
    char name[LIMIT_NAME + 1];    /* the receiver's; "all" */
    struct span envelope;         /* borrowed */
};

/* Writes it durably, making the directory if need be: some milliseconds, for a worker. ERR_IO (errno
 * tells), ERR_MEMORY, ERR_LIMIT. */
enum err unsent_keep(const char *dir, const struct unsent *u);
/* The server has it, or it is given up. No file is fine. */
void unsent_drop(const char *dir, uint64_t id);
/* Gives all for that server to take, in rising order of ids; what is damaged is left where it is and
 * counted in *broken. No directory: none. ERR_IO (errno tells), ERR_MEMORY, or what take returned, which
 * ends it. */
enum err unsent_each(const char *dir, const uint8_t server[static SIZE_FINGERPRINT],
                     enum err (*take)(void *owner, const struct unsent *u), void *owner,
                     size_t *broken);

#endif
