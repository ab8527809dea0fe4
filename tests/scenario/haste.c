/* Loaded before den (LD_PRELOAD), makes its time run four times as fast: its monotonic clock, and what
 * it waits for in select. For what den does seconds later by design; that it is so many seconds is
 * tested where time is the test's (tests/unit/test_receipts.c, test_witness.c). */
#include <signal.h>
#include <stdint.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define HASTE 4
#define SECOND INT64_C(1000000000)

/* Not by way of the C library: a sanitizer's may not be ready yet. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    int failed = (int)syscall(SYS_clock_gettime, clock, now);
    int64_t ns;

    if (failed != 0 || clock != CLOCK_MONOTONIC)
        return failed;
    ns = HASTE * (now->tv_sec * SECOND + now->tv_nsec);
    now->tv_sec = ns / SECOND;
    now->tv_nsec = ns % SECOND;
    return 0;
}

int select(int count, fd_set *read, fd_set *write, fd_set *others, struct timeval *wait)
{
    struct timespec shorter;

    if (wait != NULL) {
        int64_t ns = (wait->tv_sec * SECOND + wait->tv_usec * 1000) / HASTE;

        shorter = (struct timespec){.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};
    }
    return (int)syscall(SYS_pselect6, count, read, write, others, wait != NULL ? &shorter : NULL,
                        NULL);
}
