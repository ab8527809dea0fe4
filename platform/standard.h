/* Standard input, output and error of this process. */
#ifndef DEN_PLATFORM_STANDARD_H
#define DEN_PLATFORM_STANDARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Call it first: takes the numbers of those that are closed, so that no file or socket gets one of
 * them and is read or written as if it were. Using them fails. False if that can't be done. */
bool standard_hold(void);

/* What is printed to standard output goes there at once, and no copy stays in a buffer of the C
 * library. Call it before anything is printed. */
void standard_unbuffered(void);

/* Writes to standard output as long as it takes something within patience_ns; false if it did not
 * take all: a terminal that was stopped, a pipe that nobody reads. Bypasses stdio. */
bool standard_print(const void *text, size_t len, int64_t patience_ns);

#endif
