/* The outside of an envelope: what the server sees, taken apart and checked. */
#ifndef DEN_PROTO_ENVELOPE_OUTER_H
#define DEN_PROTO_ENVELOPE_OUTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "proto/envelope.h"

#define ENVELOPE_VERSION 1
#define ENVELOPE_SUITE 1
#define ENVELOPE_HEAD 19 /* version, suite, form, 16 reserved bytes; authenticated with the body */
#define ENVELOPE_HINT 4
#define ENVELOPE_SLOT (ENVELOPE_HINT + SIZE_WRAPPED)

/* All borrowed from the bytes that were parsed. */
struct envelope_outer {
    enum envelope_form form;
    struct span head;
    const uint8_t *wrapped; /* to one */
    struct span sealed;     /* ciphertext and tag */
    const uint8_t *slots;   /* to all: count of them, in rising order of hints */
    size_t count;
};

/* ERR_VERSION: another version or suite. ERR_FORMAT: form, size class, order of hints or a top bit
 * is wrong. ERR_LIMIT, ERR_SHORT, ERR_TRAILING. */
enum err envelope_outer_parse(struct envelope_outer *out, const void *bytes, size_t len);

/* The same without looking into the slots: for one that was parsed before. */
enum err envelope_outer_locate(struct envelope_outer *out, const void *bytes, size_t len);

/* The slots for this receiver: index of the first, and how many (LIMIT_HINTS at most). */
size_t envelope_outer_slots(const struct envelope_outer *e, const uint8_t *fingerprint,
                            size_t *first);

/* The smallest size class (1024, 1536, 2048, 3072, ... 98304) that holds len bytes; 0 if none. */
size_t envelope_outer_class(size_t len);

#endif
