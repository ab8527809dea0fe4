/* Keys that are not let in: a text file, its first line "den bans 1", then a line for each ban: the
 * fingerprint, and behind a space the name it had, if that is known. */
#ifndef DEN_SERVER_BANS_H
#define DEN_SERVER_BANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"

struct ban {
    uint8_t fingerprint[SIZE_FINGERPRINT];
    char name[LIMIT_NAME + 1]; /* empty if there was none */
};

/* Zeroed: an empty list, which nothing saves. */
struct bans {
    char *path;       /* owned */
    struct ban *list; /* owned; in the order in which they were made */
    size_t count, cap;
};

/* Reads the file; none is an empty list. Otherwise nothing was changed: ERR_IO (errno tells),
 * ERR_VERSION (a newer one), ERR_BROKEN, ERR_LIMIT, ERR_MEMORY. */
enum err bans_open(struct bans *b, const char *path);
/* Idempotent. */
void bans_close(struct bans *b);

/* NULL if the key is not banned. Valid until the next change. */
const struct ban *bans_find(const struct bans *b,
                            const uint8_t fingerprint[static SIZE_FINGERPRINT]);
/* Both save before they return, for a few milliseconds on the caller's thread, or as long as two syncs of
 * a slow disk take: only an operator asks for it. The file has at most 1 MB. On failure the list is as
 * it was: ERR_EXISTS / ERR_UNKNOWN, ERR_LIMIT, ERR_MEMORY, ERR_IO (errno tells). */
enum err bans_add(struct bans *b, const struct ban *new);
enum err bans_remove(struct bans *b, const uint8_t fingerprint[static SIZE_FINGERPRINT]);

#endif
