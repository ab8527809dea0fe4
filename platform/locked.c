#include "platform/locked.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

bool locked_hold(void *p, size_t len)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    size_t before = (uintptr_t)p % page;
    size_t whole = (before + len + page - 1) / page * page;
    void *from = (char *)p - before;

    madvise(from, whole, MADV_DONTDUMP);
    return mlock(from, whole) == 0;
}
