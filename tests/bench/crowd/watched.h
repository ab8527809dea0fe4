/* The server under load, as the kernel counts it. */
#ifndef DEN_BENCH_WATCHED_H
#define DEN_BENCH_WATCHED_H

#include <stdint.h>

struct watched {
    int64_t cpu_ns; /* user and system time of all its threads */
    int64_t wakes;  /* how often one of them went to sleep */
};

/* Of threads that are there; both servers and dend keep theirs. */
struct watched watched_now(int pid);

#endif
