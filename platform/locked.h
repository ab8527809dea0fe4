/* Memory for keys. */
#ifndef DEN_PLATFORM_LOCKED_H
#define DEN_PLATFORM_LOCKED_H

#include <stdbool.h>
#include <stddef.h>

/* Keeps the pages that these bytes lie in out of swap and of core files for as long as they are
 * mapped. Call it before the secret is there, and not for what many share: pages are not counted.
 * False with errno if they may be swapped out, which RLIMIT_MEMLOCK decides. */
bool locked_hold(void *p, size_t len);

#endif
