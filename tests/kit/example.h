/* The worked example of src/wire/PROTOCOL.md: what is given stands in the document (keys) or here
 * (exporter, seed, names, text); everything else is made of it. */
#ifndef DEN_TESTS_KIT_EXAMPLE_H
#define DEN_TESTS_KIT_EXAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "crypto/identity.h"
#include "crypto/random.h"
#include "proto/bindings.h"
#include "proto/envelope.h"
#include "proto/hello.h"

#define EXAMPLE_TIME_MS UINT64_C(1767225600000) /* 2026-01-01 00:00:00 UTC */

#define EXAMPLE_BODY     \
    "Gr\xc3\xbc\xc3\x9f" \
    "e, Bob: only you can read this."

struct example {
    struct buf document; /* ends with a NUL that its len does not count */
    struct identity alice, bob;
    struct public_key server;
    struct random random;
    struct hello_proof proof;
    uint8_t exporter[SIZE_EXPORTER];
    struct bindings bindings;
    struct envelope_content content;
    struct buf scratch;
};

/* One block of the document, and who makes its bytes. */
struct example_value {
    const char *name;
    void (*make)(struct buf *out);
};
extern const struct example_value example_values[];
extern const size_t example_count;

/* Reads the document ($DEN_PROTOCOL, else src/wire/PROTOCOL.md below the working directory); NULL
 * if it is not there. There is one example at a time. */
struct example *example_open(void);
void example_close(void);

/* For example_*.c: the one that is open, and its randomness from the beginning. */
const struct example *example_now(void);
struct random *example_random(void);

#endif
