/* What this process takes of the machine. */
#ifndef DEN_PLATFORM_USAGE_H
#define DEN_PLATFORM_USAGE_H

#include <stdbool.h>
#include <stdint.h>

/* A descriptor for usage_resident, which then works where no file can be opened any more; negative errno
 * if the system does not tell. */
int usage_open(void);
/* Bytes of memory that are resident now; false if the system does not tell. */
bool usage_resident(int fd, uint64_t *bytes);
/* Makes it -1. Idempotent. */
void usage_close(int *fd);

#endif
