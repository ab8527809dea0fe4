/* A bounded reader over bytes that somebody else wrote.
 *
 * Reading past the end gives zeros and sets `failed`; so a message is read field by field and
 * checked once with cursor_end, which also refuses bytes left over. */
#ifndef DEN_BASE_CURSOR_H
#define DEN_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cursor {
    const uint8_t *at; /* borrowed */
    size_t left;
    bool failed;
};

/* A row of bytes inside somebody else's memory. */
struct span {
    const uint8_t *data;
    size_t len;
};

struct cursor cursor_over(const void *p, size_t len);
uint8_t cursor_get8(struct cursor *c);
uint16_t cursor_get16(struct cursor *c);
uint32_t cursor_get32(struct cursor *c);
uint64_t cursor_get64(struct cursor *c);
/* The next len bytes, in place; NULL if there are fewer. */
const uint8_t *cursor_take(struct cursor *c, size_t len);
/* Copies the next len bytes out; zeros if there are fewer. */
void cursor_copy(struct cursor *c, void *to, size_t len);
/* A length of 1, 2 or 4 bytes and that many bytes, in place; longer than max is a failure. */
struct span cursor_sized8(struct cursor *c, size_t max);
struct span cursor_sized16(struct cursor *c, size_t max);
struct span cursor_sized32(struct cursor *c, size_t max);
/* ERR_SHORT if something was missing, ERR_TRAILING if bytes are left, else ERR_OK. */
enum err cursor_end(const struct cursor *c);
/* The same where type-length-value fields (type 8, length 16, value) may follow: they are skipped,
 * and must fill the rest exactly. */
enum err cursor_end_fields(struct cursor *c);
/* Finds the first field of that type in the rest; an empty span with data NULL if there is none.
 * Does not move the cursor. */
struct span cursor_field(const struct cursor *c, uint8_t type);

#endif
