/* A passphrase, and how one is come by: from a file, or by asking. Never from argv. */
#ifndef DEN_CRYPTO_PASSPHRASE_H
#define DEN_CRYPTO_PASSPHRASE_H

#include "base/cursor.h"
#include "base/err.h"
#include "base/limits.h"

#define PASSPHRASE_WHY 256
#define PASSPHRASE_TRIES 3 /* when it is asked for */

struct passphrase {
    size_t len; /* 0: none */
    char text[LIMIT_PASSPHRASE + 2];
};

/* What it is asked for. */
enum passphrase_for {
    PASSPHRASE_OPEN,
    PASSPHRASE_AGAIN, /* what came was wrong */
    PASSPHRASE_NEW,
    PASSPHRASE_REPEAT,
    PASSPHRASE_ANEW, /* the repetition was another one */
};

/* Where a passphrase comes from: the file if there is one, else ask. */
struct passphrase_source {
    const char *file; /* --passphrase-file; NULL: none */
    /* On the terminal, without echo: ERR_OK, ERR_LIMIT if it is over LIMIT_PASSPHRASE, ERR_UNKNOWN
     * if there is no terminal, ERR_IO. NULL: nobody can be asked. path: the key's file. */
    enum err (*ask)(enum passphrase_for what, const char *path, struct passphrase *out);
    char why[PASSPHRASE_WHY]; /* a sentence about what failed; "" if err_text says it */
};

/* The first line of the file, without its line feed, 0 to LIMIT_PASSPHRASE bytes without NUL. Anything
 * else, or a file that others than its owner may read or write, or whose owner is neither we nor root,
 * is ERR_PASSPHRASE, with a sentence that names the file in why. */
enum err passphrase_read(struct passphrase *out, const char *file, char why[static PASSPHRASE_WHY]);
/* One passphrase from the source; ERR_PASSPHRASE and a sentence in why if there is none to be had. */
enum err passphrase_get(struct passphrase_source *s, enum passphrase_for what, const char *path,
                        struct passphrase *out);
/* A new one: from the file, else asked twice until both are the same, PASSPHRASE_TRIES times. May be
 * empty. */
enum err passphrase_get_new(struct passphrase_source *s, const char *path, struct passphrase *out);

struct span passphrase_span(const struct passphrase *p);
void passphrase_wipe(struct passphrase *p);

#endif
