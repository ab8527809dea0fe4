#include "base/wipe.h"

#include <string.h>

void wipe(void *p, size_t len)
{
    if (len > 0)
        explicit_bzero(p, len);
}

__attribute__((noinline)) void wipe_stack(void)
{
    unsigned char below[16 * 1024];

    wipe(below, sizeof below);
}
