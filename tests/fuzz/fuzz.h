/* A fuzz target: a function that takes any bytes and must come back. Under clang's libFuzzer it is
 * explored (`make fuzz`); with replay.c it is run over its seeds, what was found before, and damaged
 * copies of both (`make test`). */
#ifndef DEN_TESTS_FUZZ_H
#define DEN_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Like assert, in every build: what the target promises about any input. */
#define FUZZ_HOLDS(condition)                                                              \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                       \
        }                                                                                  \
    } while (0)

typedef void fuzz_put(void *context, const void *p, size_t len);

/* libFuzzer's name and shape. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
/* Gives some inputs that are good, to begin with. */
void fuzz_seeds(fuzz_put *put, void *context);
/* A target of which a run takes milliseconds has it, true: then fewer damaged copies are tried. */
extern const bool fuzz_slow __attribute__((weak));

#endif
