/* What this process takes of the machine. */
#ifndef DEN_PLATFORM_USAGE_H
#define DEN_PLATFORM_USAGE_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of memory that are resident now; false if the system does not tell. */
bool usage_resident(uint64_t *bytes);

#endif
