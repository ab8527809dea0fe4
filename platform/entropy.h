/* Randomness from the kernel: the seed of everything else. */
#ifndef DEN_PLATFORM_ENTROPY_H
#define DEN_PLATFORM_ENTROPY_H

#include <stdbool.h>
#include <stddef.h>

/* Fills all len bytes from getrandom(2), waiting at boot until the kernel has some; false if it
 * can't, and then nothing at p may be used. */
bool entropy_get(void *p, size_t len);

#endif
