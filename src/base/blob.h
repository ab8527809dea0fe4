/* Bytes that many hold and nobody changes: a message framed once for a whole room. One thread
 * only: the count is not atomic. */
#ifndef DEN_BASE_BLOB_H
#define DEN_BASE_BLOB_H

#include <stddef.h>
#include <stdint.h>

struct blob {
    size_t refs;
    size_t len;
    uint8_t data[];
};

/* A copy of len bytes, held once by the caller; NULL without memory. */
struct blob *blob_make(const void *p, size_t len);
struct blob *blob_hold(struct blob *b);
/* Gives a hold back; with the last one it is wiped and freed. NULL is fine. */
void blob_drop(struct blob *b);

#endif
