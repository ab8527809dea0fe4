/* Erasing secrets in a way that no optimiser removes. */
#ifndef DEN_BASE_WIPE_H
#define DEN_BASE_WIPE_H

#include <stddef.h>

/* Sets len bytes at p to zero; p may be NULL when len is 0. */
void wipe(void *p, size_t len);

/* Overwrites 16 KiB of the stack below the caller: BearSSL leaves what it computed there, so call
 * this after every private-key operation, from the function that made the call. */
void wipe_stack(void);

#endif
