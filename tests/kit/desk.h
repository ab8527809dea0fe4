/* A worker pool whose work is done when the test says so, and a directory for it. */
#ifndef DEN_TESTS_KIT_DESK_H
#define DEN_TESTS_KIT_DESK_H

#include "crypto/random.h"
#include "platform/worker.h"
#include "tests/kit/scratch.h"

struct desk {
    struct scratch scratch;
    struct worker *worker;
    struct random random;
};

void desk_open(struct desk *d);
void desk_close(struct desk *d);
/* Waits until nothing is pending at the worker, and collects it all. */
void desk_finish(struct desk *d);
/* Files larger than that can't be written (EFBIG) from here on; 0 lifts it again. */
void desk_limit_files(size_t bytes);

#endif
