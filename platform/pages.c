#include "platform/pages.h"

#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void pages_give_back(void *p, size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t before = (page - (uintptr_t)p % page) % page;

    if (len >= before + page)
        madvise((char *)p + before, (len - before) / page * page, MADV_DONTNEED);
}

void pages_trim(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
