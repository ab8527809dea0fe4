/* As much DER (X.690) as an encrypted private key needs, strictly: definite lengths of at most 65,535
 * in their shortest form. As with a cursor, what is wrong sets `failed`, checked once at the end. */
#ifndef DEN_CRYPTO_DER_H
#define DEN_CRYPTO_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"

enum der_tag {
    DER_INTEGER = 0x02,
    DER_OCTETS = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_SEQUENCE = 0x30
};

/* The next element's content; a span with data NULL, and c failed, if it has another tag or is not
 * whole. */
struct span der_take(struct cursor *c, enum der_tag tag);
/* The same to read on inside; it has failed if c has. */
struct cursor der_inside(struct cursor *c, enum der_tag tag);
/* An INTEGER from 0 to 2^32 - 1. */
uint32_t der_number(struct cursor *c);
/* True if the next element has that tag. */
bool der_next(const struct cursor *c, enum der_tag tag);

/* Appends an element with that content; fails above 65,535 bytes. */
void der_add(struct buf *out, enum der_tag tag, const void *p, size_t len);
void der_add_number(struct buf *out, uint32_t number);

#endif
