#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/wipe.h"

void buf_init(struct buf *b, size_t limit)
{
    *b = (struct buf){.limit = limit};
}

void buf_free(struct buf *b)
{
    size_t limit = b->limit;

    wipe(b->data, b->cap);
    free(b->data);
    buf_init(b, limit);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = false;
}

/* Not realloc: it may leave a copy of what we hold in freed memory. */
static bool buf_grow(struct buf *b, size_t want)
{
    size_t cap = b->cap < 64 ? 64 : b->cap;
    uint8_t *data;

    while (cap < want)
        cap = cap > SIZE_MAX / 2 ? want : cap * 2;
    data = malloc(cap);
    if (data == NULL)
        return false;
    if (b->len > 0)
        memcpy(data, b->data, b->len);
    wipe(b->data, b->cap);
    free(b->data);
    b->data = data;
    b->cap = cap;
    return true;
}

uint8_t *buf_reserve(struct buf *b, size_t extra)
{
    if (b->failed)
        return NULL;
    if (extra > b->limit - b->len || (b->len + extra > b->cap && !buf_grow(b, b->len + extra))) {
        b->failed = true;
        return NULL;
    }
    if (b->data == NULL && !buf_grow(b, 1)) {
        b->failed = true;
        return NULL;
    }
    return b->data + b->len;
}

void buf_grew(struct buf *b, size_t extra)
{
    b->len += extra;
}

void buf_add(struct buf *b, const void *p, size_t len)
{
    uint8_t *to = buf_reserve(b, len);

    if (to == NULL || len == 0)
        return;
    memcpy(to, p, len);
    b->len += len;
}

void buf_add8(struct buf *b, uint8_t v)
{
    buf_add(b, &v, 1);
}

void buf_add16(struct buf *b, uint16_t v)
{
    uint8_t p[2];

    bytes_put16(p, v);
    buf_add(b, p, sizeof p);
}

void buf_add32(struct buf *b, uint32_t v)
{
    uint8_t p[4];

    bytes_put32(p, v);
    buf_add(b, p, sizeof p);
}

void buf_add64(struct buf *b, uint64_t v)
{
    uint8_t p[8];

    bytes_put64(p, v);
    buf_add(b, p, sizeof p);
}

void buf_add_text(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void buf_add_sized8(struct buf *b, const void *p, size_t len)
{
    if (len > UINT8_MAX)
        b->failed = true;
    buf_add8(b, (uint8_t)len);
    buf_add(b, p, len);
}

void buf_add_sized16(struct buf *b, const void *p, size_t len)
{
    if (len > UINT16_MAX)
        b->failed = true;
    buf_add16(b, (uint16_t)len);
    buf_add(b, p, len);
}

void buf_add_sized32(struct buf *b, const void *p, size_t len)
{
    if (len > UINT32_MAX)
        b->failed = true;
    buf_add32(b, (uint32_t)len);
    buf_add(b, p, len);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    uint8_t *to;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) {
        b->failed = true;
        return;
    }
    to = buf_reserve(b, (size_t)len + 1);
    if (to == NULL)
        return;
    va_start(args, format);
    vsnprintf((char *)to, (size_t)len + 1, format, args);
    va_end(args);
    b->len += (size_t)len;
}

void buf_drop(struct buf *b, size_t n)
{
    b->len -= n;
    if (b->len > 0 && n > 0)
        memmove(b->data, b->data + n, b->len);
    if (n > 0)
        wipe(b->data + b->len, n);
}

const char *buf_text(struct buf *b)
{
    uint8_t *end = buf_reserve(b, 1);

    if (end == NULL)
        return "";
    *end = 0;
    return (const char *)b->data;
}
