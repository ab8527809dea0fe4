/* How long to wait before the next try to reach the server: longer each time, and by chance, so that a
 * whole room does not come back at the same moment. */
#ifndef DEN_CLIENT_BACKOFF_H
#define DEN_CLIENT_BACKOFF_H

#include <stdint.h>

#include "crypto/random.h"

#define BACKOFF_LEAST_NS INT64_C(500000000)
#define BACKOFF_MOST_NS INT64_C(30000000000)

/* The wait before try number `tries` (0: the first): the least doubled that often, and up to half as
 * much again by chance; never outside of the two limits. */
int64_t backoff_wait(unsigned tries, struct random *random);

#endif
