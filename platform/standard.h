/* Standard input, output and error of this process. */
#ifndef DEN_PLATFORM_STANDARD_H
#define DEN_PLATFORM_STANDARD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Call it first: takes the numbers of those that are closed, so that no file or socket gets one of
 * them and is read or written as if it were. Using them fails. False if that can't be done. */
bool standard_hold(void);

/* What is printed to standard output goes there at once, and no copy stays in a buffer of the C
 * library. Call it before anything is printed. */
void standard_unbuffered(void);

/* Standard output or error for who must not be held up by whoever reads it: a terminal that was
 * stopped, a pipe that nobody reads, or slowly. It waits a second in all, and a twentieth of the time
 * that passes; while it takes nothing there is no more waiting. */
struct standard_out {
    int fd;
    pthread_mutex_t lock; /* of those who print: any thread */
    bool mute;            /* it did not take all when it was tried last */
    int64_t left;         /* so long it may be waited for, in ns */
    int64_t tried;        /* when that was so */
};

/* fd: that of standard output or error. Before files can't be opened any more. */
void standard_open(struct standard_out *o, int fd);
/* Idempotent; leaves fd itself open. */
void standard_close(struct standard_out *o);
/* False if it did not take all. Bypasses stdio. */
bool standard_print(struct standard_out *o, const void *text, size_t len);

#endif
