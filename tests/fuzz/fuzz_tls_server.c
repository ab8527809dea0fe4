/* The server's link while somebody changes what its client sends (middle.h). */
#include "tests/fuzz/middle.h"

const bool fuzz_slow = true;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    middle_run(data, len, true);
    return 0;
}

void fuzz_seeds(fuzz_put *put, void *context)
{
    middle_seeds(put, context, true);
}
