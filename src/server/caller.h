/* The other end of the control socket: `dend ctl COMMAND`. */
#ifndef DEN_SERVER_CALLER_H
#define DEN_SERVER_CALLER_H

#include <stddef.h>

/* Gives the words, with spaces between, to the dend that has that state directory, and writes its
 * answer to standard output, or standard error if it is a refusal. Returns the exit code: 0 done, 1
 * not done (or nobody there), 2 not understood. */
int caller_run(const char *state, char *const *words, size_t count);

#endif
