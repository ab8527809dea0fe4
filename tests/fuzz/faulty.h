/* recv() and send() as a kernel may do them at its worst. Linked into every fuzz target, where they
 * stand before the C library's; nothing is wrong with them until faulty_begin. */
#ifndef DEN_TESTS_FUZZ_FAULTY_H
#define DEN_TESTS_FUZZ_FAULTY_H

#include <stdint.h>

enum faulty_errors { FAULTY_MILD, FAULTY_FATAL };

/* From here on that many of 256 calls are cut short, or say EAGAIN or EINTR though the descriptor is
 * ready; FAULTY_FATAL: one in sixteen of those says ECONNRESET. The same seed, the same faults. */
void faulty_begin(uint64_t seed, unsigned often, enum faulty_errors errors);
void faulty_end(void);

#endif
