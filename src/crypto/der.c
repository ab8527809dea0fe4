#include "crypto/der.h"

#include "base/bytes.h"

static size_t take_length(struct cursor *c)
{
    size_t first = cursor_get8(c), len;

    if (first < 0x80)
        return first;
    len = first == 0x81 ? cursor_get8(c) : first == 0x82 ? cursor_get16(c) : 0;
    /* Also what is not 81 or 82: one content has one spelling. */
    if (len < (first == 0x81 ? 0x80 : 0x100))
        c->failed = true;
    return len;
}

struct span der_take(struct cursor *c, enum der_tag tag)
{
    struct span s = {NULL, 0};

    if (cursor_get8(c) != tag)
        c->failed = true;
    size_t len = take_length(c);
    if (c->failed)
        return s;
    s.data = cursor_take(c, len);
    s.len = s.data != NULL ? len : 0;
    return s;
}

struct cursor der_inside(struct cursor *c, enum der_tag tag)
{
    struct span s = der_take(c, tag);
    struct cursor inside = cursor_over(s.data, s.len);

    inside.failed = c->failed;
    return inside;
}

uint32_t der_number(struct cursor *c)
{
    struct span s = der_take(c, DER_INTEGER);
    uint32_t v = 0;

    bool good = s.len > 0 && s.len <= 5 && s.data[0] < 0x80;
    if (good && s.len > 1 && s.data[0] == 0 && s.data[1] < 0x80)
        good = false; /* not the shortest form */
    if (good && s.len == 5 && s.data[0] != 0)
        good = false;
    if (!good)
        c->failed = true;
    for (size_t i = 0; good && i < s.len; i++)
        v = v << 8 | s.data[i];
    return v;
}

bool der_next(const struct cursor *c, enum der_tag tag)
{
    return !c->failed && c->left > 0 && c->at[0] == tag;
}

void der_add(struct buf *out, enum der_tag tag, const void *p, size_t len)
{
    if (len > 0xffff)
        out->failed = true;
    buf_add8(out, (uint8_t)tag);
    if (len >= 0x100) {
        buf_add8(out, 0x82);
        buf_add16(out, (uint16_t)len);
    } else {
        if (len >= 0x80)
            buf_add8(out, 0x81);
        buf_add8(out, (uint8_t)len);
    }
    buf_add(out, p, len);
}

void der_add_number(struct buf *out, uint32_t number)
{
    uint8_t bytes[5] = {0};
    size_t skip = 0;

    bytes_put32(bytes + 1, number);
    while (skip < 4 && bytes[skip] == 0 && bytes[skip + 1] < 0x80)
        skip++;
    der_add(out, DER_INTEGER, bytes + skip, sizeof bytes - skip);
}
