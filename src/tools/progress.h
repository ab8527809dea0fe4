/* A line on a terminal that says how far the work is. Nothing where standard error is no terminal. */
#ifndef DEN_TOOLS_PROGRESS_H
#define DEN_TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *what; /* borrowed */
    int64_t began, shown;
    bool terminal;
    bool drawn; /* there is a line to be cleared */
};

void progress_begin(struct progress *p, const char *what);
/* done and total in frames; a total of 0 is unknown. Draws at most ten times a second. */
void progress_show(struct progress *p, uint64_t done, uint64_t total);
/* Clears the line, so that what is said next stands alone. Idempotent. */
void progress_end(struct progress *p);

#endif
