#include "platform/usage.h"

#include <stdio.h>
#include <unistd.h>

bool usage_resident(uint64_t *bytes)
{
    FILE *f = fopen("/proc/self/statm", "re");
    unsigned long long pages = 0;
    bool ok;

    if (f == NULL)
        return false;
    ok = fscanf(f, "%*u %llu", &pages) == 1;
    fclose(f);
    *bytes = pages * (unsigned long long)sysconf(_SC_PAGESIZE);
    return ok;
}
