#include "crypto/pem.h"

#include <bearssl.h>
#include <stdbool.h>
#include <string.h>

#include "base/cursor.h"

void pem_write(struct buf *out, const char *label, const void *der, size_t len)
{
    size_t size = br_pem_encode(NULL, NULL, len, label, BR_PEM_LINE64);
    uint8_t *to = buf_reserve(out, size + 1);

    if (to == NULL)
        return;
    br_pem_encode(to, der, len, label, BR_PEM_LINE64);
    buf_grew(out, size);
}

static bool take_text(struct cursor *c, const char *text)
{
    size_t len = strlen(text);

    if (c->left < len || memcmp(c->at, text, len) != 0)
        return false;
    cursor_take(c, len);
    return true;
}

static bool take_line_end(struct cursor *c)
{
    return take_text(c, "\r\n") || take_text(c, "\n");
}

/* "-----BEGIN LABEL-----" or the same with END. */
static bool take_boundary(struct cursor *c, const char *which, const char *label)
{
    return take_text(c, "-----") && take_text(c, which) && take_text(c, " ") &&
           take_text(c, label) && take_text(c, "-----");
}

/* All ones if lo <= c <= hi, else zero. */
static uint32_t range(uint32_t c, uint32_t lo, uint32_t hi)
{
    return 0 - (((lo - 1 - c) & (c - hi - 1)) >> 31);
}

/* The value of a digit; *bad gets bits if it is none. No table: its cache lines would tell. */
static uint32_t digit(uint32_t c, uint32_t *bad)
{
    uint32_t upper = range(c, 'A', 'Z'), lower = range(c, 'a', 'z'), number = range(c, '0', '9');
    uint32_t plus = range(c, '+', '+'), slash = range(c, '/', '/');

    *bad |= ~(upper | lower | number | plus | slash);
    return (upper & (c - 'A')) | (lower & (c - 'a' + 26)) | (number & (c - '0' + 52)) |
           (plus & 62) | (slash & 63);
}

/* Four characters, of which the last `pad` are '='. */
static void add_group(struct buf *out, const uint8_t *four, unsigned pad, uint32_t *bad)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < 4; i++)
        v = v << 6 | (i < 4 - pad ? digit(four[i], bad) : 0);
    uint8_t three[3] = {(uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
    /* Bits that padding leaves over are zero: or one key would have many spellings. */
    for (unsigned i = 3 - pad; i < 3; i++)
        *bad |= three[i];
    buf_add(out, three, 3 - pad);
}

/* A line of base64; *last is set by padding, after which no line may come. */
static bool take_base64(struct cursor *c, struct buf *out, bool *last, uint32_t *bad)
{
    const uint8_t *end = memchr(c->at, '\n', c->left);

    if (*last || end == NULL)
        return false;
    size_t len = (size_t)(end - c->at);
    if (len > 0 && c->at[len - 1] == '\r')
        len--;
    if (len == 0 || len % 4 != 0)
        return false;
    const uint8_t *line = cursor_take(c, len);
    for (size_t i = 0; i < len; i += 4) {
        unsigned pad = i + 4 < len || line[i + 3] != '=' ? 0 : line[i + 2] != '=' ? 1 : 2;
        add_group(out, line + i, pad, bad);
        *last = pad > 0;
    }
    return take_line_end(c);
}

static enum err read_body(struct cursor *c, struct buf *out, const char *label)
{
    uint32_t bad = 0;
    bool last = false;

    while (c->left > 0 && c->at[0] != '-')
        if (!take_base64(c, out, &last, &bad))
            return ERR_FORMAT;
    if (bad != 0 || !take_boundary(c, "END", label))
        return ERR_FORMAT;
    while (c->left > 0)
        if (memchr(" \t\r\n", cursor_get8(c), 4) == NULL)
            return ERR_FORMAT;
    return ERR_OK;
}

enum err pem_read(struct buf *out, const char *label, const void *text, size_t len)
{
    struct cursor c = cursor_over(text, len);

    if (!take_boundary(&c, "BEGIN", label))
        return len > 11 && memcmp(text, "-----BEGIN ", 11) == 0 ? ERR_UNKNOWN : ERR_FORMAT;
    if (!take_line_end(&c))
        return ERR_FORMAT;
    enum err e = read_body(&c, out, label);
    if (e == ERR_OK && out->failed)
        e = out->limit - out->len < 3 ? ERR_LIMIT : ERR_MEMORY;
    return e;
}
