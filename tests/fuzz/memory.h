/* How much of the heap is in use. */
#ifndef DEN_TESTS_FUZZ_MEMORY_H
#define DEN_TESTS_FUZZ_MEMORY_H

#include <stddef.h>

/* In bytes, of all threads. */
size_t memory_used(void);

#endif
