/* The last lines that were written to a terminal, in memory, to be written there again. */
#ifndef DEN_PLATFORM_KEPT_H
#define DEN_PLATFORM_KEPT_H

#include <stdbool.h>
#include <stddef.h>

enum { KEPT_MOST = 64 * 1024, KEPT_LEAST = 4 * 1024 }; /* bytes kept since a mark; else */

/* Zeroed to begin with. */
struct kept {
    char *bytes; /* owned */
    size_t len, size;
    size_t mark; /* where the lines since the mark begin */
};

/* Whole lines. marked: all since the mark are wanted, up to KEPT_MOST; else KEPT_LEAST will do.
 * Without memory they are lost. */
void kept_add(struct kept *k, const char *text, size_t len, bool marked);
void kept_mark(struct kept *k);
/* What follows is valid until the next change. The last lines, so many at most. */
const char *kept_last(const struct kept *k, size_t lines, size_t *len);
const char *kept_marked(const struct kept *k, size_t *len);
void kept_free(struct kept *k);

#endif
