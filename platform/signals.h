/* Signals as something to read in a select() loop.
 *
 * A signalfd does what the self-pipe of older programs did, without a handler and without a global
 * that the handler would need. Threads that are started later inherit the blocked signals. */
#ifndef DEN_PLATFORM_SIGNALS_H
#define DEN_PLATFORM_SIGNALS_H

#include <stddef.h>

/* Blocks the given signals for the process and returns a non-blocking, close-on-exec descriptor
 * that is readable when one arrived; negative errno on failure. Also ignores SIGPIPE,
 * and SIGXFSZ: a file that may grow no more is an error like others. */
int signals_open(const int *numbers, size_t count);

/* The next signal that arrived, 0 when there is none left. */
int signals_next(int fd);

#endif
