/* A growing row of bytes with a limit, and the writer for everything on the wire.
 *
 * Once an append fails (memory or limit) the buffer remembers it in `failed`, and later appends do
 * nothing: so a message can be written field by field and checked once at its end. */
#ifndef DEN_BASE_BUF_H
#define DEN_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    uint8_t *data; /* owned */
    size_t len;
    size_t cap;
    size_t limit; /* len never exceeds it */
    bool failed;
};

/* An empty buffer that holds at most limit bytes; allocates nothing yet. */
void buf_init(struct buf *b, size_t limit);
/* Wipes and frees what it holds; the buffer is then empty and usable again. Idempotent. */
void buf_free(struct buf *b);
/* Empties without giving memory back; clears `failed`. */
void buf_clear(struct buf *b);

/* Makes room for extra bytes and returns where they go, NULL on failure. len is not changed: add
 * what was written with buf_grew. */
uint8_t *buf_reserve(struct buf *b, size_t extra);
void buf_grew(struct buf *b, size_t extra);

void buf_add(struct buf *b, const void *p, size_t len);
void buf_add8(struct buf *b, uint8_t v);
void buf_add16(struct buf *b, uint16_t v);
void buf_add32(struct buf *b, uint32_t v);
void buf_add64(struct buf *b, uint64_t v);
void buf_add_text(struct buf *b, const char *text); /* without the NUL */
/* A length of 1, 2 or 4 bytes (network order), then the bytes; fails if the length does not fit. */
void buf_add_sized8(struct buf *b, const void *p, size_t len);
void buf_add_sized16(struct buf *b, const void *p, size_t len);
void buf_add_sized32(struct buf *b, const void *p, size_t len);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Drops the first n bytes (n <= len), and wipes what the others leave behind in moving up. */
void buf_drop(struct buf *b, size_t n);
/* Appends a NUL that is not counted and returns the whole as a string; "" on failure. */
const char *buf_text(struct buf *b);

#endif
