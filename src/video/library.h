/* A directory with a folder for each clip. */
#ifndef DEN_VIDEO_LIBRARY_H
#define DEN_VIDEO_LIBRARY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/limits.h"

/* Where clips are; read-only for everybody, so threads may share it. Strings are borrowed. */
struct library {
    const char *dir;
    const char *cache;       /* where indexes go if dir can't be written; NULL: nowhere */
    const atomic_bool *stop; /* if not NULL and true, work in progress ends with ERR_STATE */
};

struct library_names {
    char (*names)[LIMIT_CLIP + 1]; /* owned; in the order of their bytes */
    size_t count;
};

/* 1 to LIMIT_CLIP of A-Za-z0-9_.- and no dot in front: so no name leaves the library. */
bool library_name_valid(const char *name);

/* The names of all folders that could be clips. ERR_UNKNOWN: no such library; ERR_LIMIT: more than
 * LIMIT_CLIPS; ERR_IO. Blocks. */
enum err library_list(const struct library *lib, struct library_names *out);
/* Idempotent. */
void library_names_free(struct library_names *n);

#endif
