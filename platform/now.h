/* The clocks: two to measure with, one to show. */
#ifndef DEN_PLATFORM_NOW_H
#define DEN_PLATFORM_NOW_H

#include <stdint.h>

/* Nanoseconds of CLOCK_MONOTONIC: never goes back, starts anywhere. */
int64_t now_ns(void);

/* Seconds since the machine started, also those for which it slept. */
int64_t now_since_boot(void);

/* Milliseconds since 1970 by the wall clock: for show and for ids, never for waiting. */
uint64_t now_wall_ms(void);

#endif
