/* A directory for one test, and commands of strangers that run in it. */
#ifndef DEN_TESTS_KIT_SCRATCH_H
#define DEN_TESTS_KIT_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct scratch {
    char path[256];
};

/* Below $TMPDIR. All of these abort the test program when the system fails them. */
void scratch_make(struct scratch *s);
/* Removes it with all it holds. */
void scratch_remove(struct scratch *s);

/* PATH/NAME, in memory of the caller. */
void scratch_path(const struct scratch *s, const char *name, char out[static 512]);
void scratch_put(const struct scratch *s, const char *name, const void *p, size_t len);
/* Replaces what out holds by the file's bytes. */
void scratch_get(const struct scratch *s, const char *name, struct buf *out);

/* Runs a shell command in the directory, its output in the file `output` there; true if it exits
 * with 0. */
bool scratch_run(const struct scratch *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
