/* Bytes that a descriptor, set to non-blocking, did not take yet, in their order. */
#ifndef DEN_PLATFORM_OWED_H
#define DEN_PLATFORM_OWED_H

#include <stdbool.h>
#include <stddef.h>

enum { OWED_MOST = 1 << 20 }; /* bytes; who writes more waits */

/* Zeroed: nothing. */
struct owed {
    char *bytes; /* owned */
    size_t len, cap, sent;
};

/* Writes what is owed and then this, as far as that goes now; the rest is owed. Where it would be too
 * much, or there is no memory, this waits until all of it is taken. What fails otherwise than for want
 * of room (the terminal is gone) is forgotten. */
void owed_write(struct owed *o, int fd, const char *text, size_t len);
/* Writes more of what is owed; true if some is left. */
bool owed_push(struct owed *o, int fd);
/* Waits until nothing is owed. */
void owed_flush(struct owed *o, int fd);
void owed_free(struct owed *o);

#endif
