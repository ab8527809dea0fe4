#include "tests/fuzz/memory.h"

#include <malloc.h>

/* There when a sanitizer is, whose heap the C library knows nothing of. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

size_t memory_used(void)
{
    if (__sanitizer_get_current_allocated_bytes != NULL)
        return __sanitizer_get_current_allocated_bytes();
    return mallinfo2().uordblks + mallinfo2().hblkhd;
}
