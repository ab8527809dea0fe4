#include "base/blob.h"

#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"

struct blob *blob_make(const void *p, size_t len)
{
    struct blob *b;

    if (len > SIZE_MAX - sizeof *b)
        return NULL;
    b = malloc(sizeof *b + len);
    if (b == NULL)
        return NULL;
    b->refs = 1;
    b->len = len;
    if (len > 0)
        memcpy(b->data, p, len);
    return b;
}

struct blob *blob_hold(struct blob *b)
{
    b->refs++;
    return b;
}

void blob_drop(struct blob *b)
{
    if (b == NULL || --b->refs > 0)
        return;
    wipe(b->data, b->len);
    free(b);
}
