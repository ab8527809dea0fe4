/* What every decoder of a message must stand: the whole is read, no cut of it is, bytes behind it
 * are refused unless they are fields, and changed bytes do no harm. */
#ifndef DEN_TESTS_KIT_CUTS_H
#define DEN_TESTS_KIT_CUTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"

/* The payload of the one message that b holds; fails the test if it is not one of that type. */
struct span cuts_payload(const struct buf *b, uint8_t type);

/* get reads a payload and returns its verdict. Each cut lies in memory of exactly its size. */
void cuts_check(struct span payload, enum err (*get)(struct span payload));
/* Unknown fields behind it are skipped, and must be whole. */
void cuts_check_fields(struct span payload, enum err (*get)(struct span payload));
/* Changed at random, in rounds; get checks what it accepts. */
void cuts_check_changed(struct span payload, enum err (*get)(struct span payload));

#endif
