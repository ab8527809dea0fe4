#include "base/cursor.h"

#include <string.h>

#include "base/bytes.h"

struct cursor cursor_over(const void *p, size_t len)
{
    return (struct cursor){.at = p, .left = len};
}

const uint8_t *cursor_take(struct cursor *c, size_t len)
{
    const uint8_t *p = c->at;

    if (c->failed || len > c->left) {
        c->failed = true;
        return NULL;
    }
    if (len > 0)
        c->at += len;
    c->left -= len;
    return p;
}

uint8_t cursor_get8(struct cursor *c)
{
    const uint8_t *p = cursor_take(c, 1);

    return p == NULL ? 0 : *p;
}

uint16_t cursor_get16(struct cursor *c)
{
    uint8_t p[2];

    cursor_copy(c, p, sizeof p);
    return bytes_get16(p);
}

uint32_t cursor_get32(struct cursor *c)
{
    uint8_t p[4];

    cursor_copy(c, p, sizeof p);
    return bytes_get32(p);
}

uint64_t cursor_get64(struct cursor *c)
{
    uint8_t p[8];

    cursor_copy(c, p, sizeof p);
    return bytes_get64(p);
}

void cursor_copy(struct cursor *c, void *to, size_t len)
{
    const uint8_t *p = cursor_take(c, len);

    if (len == 0)
        return;
    if (p == NULL)
        memset(to, 0, len);
    else
        memcpy(to, p, len);
}

static struct span take_span(struct cursor *c, size_t len, size_t max)
{
    struct span s = {0};

    if (len > max)
        c->failed = true;
    s.data = cursor_take(c, len);
    s.len = s.data == NULL ? 0 : len;
    return s;
}

struct span cursor_sized8(struct cursor *c, size_t max)
{
    return take_span(c, cursor_get8(c), max);
}

struct span cursor_sized16(struct cursor *c, size_t max)
{
    return take_span(c, cursor_get16(c), max);
}

struct span cursor_sized32(struct cursor *c, size_t max)
{
    return take_span(c, cursor_get32(c), max);
}

enum err cursor_end(const struct cursor *c)
{
    if (c->failed)
        return ERR_SHORT;
    return c->left > 0 ? ERR_TRAILING : ERR_OK;
}

enum err cursor_end_fields(struct cursor *c)
{
    while (!c->failed && c->left > 0) {
        cursor_get8(c);
        cursor_sized16(c, UINT16_MAX);
    }
    return cursor_end(c);
}

struct span cursor_field(const struct cursor *c, uint8_t type)
{
    struct cursor rest = *c;

    while (!rest.failed && rest.left > 0) {
        uint8_t t = cursor_get8(&rest);
        struct span value = cursor_sized16(&rest, UINT16_MAX);

        if (!rest.failed && t == type)
            return value;
    }
    return (struct span){0};
}
