#include "base/text.h"

#include <string.h>

/* The length of the UTF-8 sequence at p and its code point; 0 if it is not valid. */
static size_t utf8_next(const uint8_t *p, size_t left, uint32_t *code)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len;

    if (p[0] < 0x80) {
        *code = p[0];
        return 1;
    }
    len = p[0] >= 0xf0 && p[0] < 0xf8 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc0 || p[0] >= 0xf8 || len > left)
        return 0;
    *code = p[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (p[i] & 0x3fu);
    }
    if (*code < least[len] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
        return 0;
    return len;
}

size_t text_fit(const void *p, size_t len, size_t max)
{
    const uint8_t *b = p;
    uint32_t code;
    size_t fit = 0, n;

    while (fit < len && (n = utf8_next(b + fit, len - fit, &code)) > 0 && n <= max - fit)
        fit += n;
    return fit;
}

bool text_valid(const void *p, size_t len)
{
    return text_fit(p, len, len) == len;
}

static bool code_unsafe(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff ||
           c == 0x061c;
}

void text_clean(struct buf *out, const void *p, size_t len, bool lines)
{
    const uint8_t *b = p;

    for (size_t i = 0; i < len;) {
        uint32_t code = 0;
        size_t n = utf8_next(b + i, len - i, &code);

        if (n == 1 && (code == '\n' || code == '\t'))
            buf_add8(out, lines ? (uint8_t)code : ' ');
        else if (n == 0 || code_unsafe(code))
            buf_add(out, "\xef\xbf\xbd", 3);
        else
            buf_add(out, b + i, n);
        i += n == 0 ? 1 : n;
    }
}

static bool name_char(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
}

const char *text_next_part(const char **list, size_t *len)
{
    const char *part = *list;

    if (part == NULL)
        return NULL;
    *len = strcspn(part, ",");
    *list = part[*len] == ',' ? part + *len + 1 : NULL;
    return part;
}

bool text_name_valid(const void *p, size_t len)
{
    const uint8_t *b = p;

    if (len < 1 || len > LIMIT_NAME)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!name_char(b[i]))
            return false;
    }
    return true;
}

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

int text_name_compare(const char *a, const char *b)
{
    while (*a != 0 && fold(*a) == fold(*b)) {
        a++;
        b++;
    }
    return (unsigned char)fold(*a) - (unsigned char)fold(*b);
}

bool text_name_same(const char *a, const char *b)
{
    return text_name_compare(a, b) == 0;
}

void text_name_fold(char out[static LIMIT_NAME + 1], const char *name)
{
    size_t i;

    for (i = 0; i < LIMIT_NAME && name[i] != 0; i++)
        out[i] = fold(name[i]);
    out[i] = 0;
}

bool text_to_u64(const char *s, uint64_t max, uint64_t *out)
{
    uint64_t v = 0;

    if (*s == 0)
        return false;
    for (; *s != 0; s++) {
        uint64_t digit = (uint64_t)(*s - '0');

        if (*s < '0' || *s > '9' || digit > max || v > (max - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *out = v;
    return true;
}

bool text_to_size(const char *s, uint64_t max, uint64_t *out)
{
    static const char units[] = "KMG";
    char number[24];
    size_t len = strlen(s);
    const char *unit = len == 0 ? NULL : strchr(units, s[len - 1]);
    unsigned shift = unit == NULL ? 0 : 10 * (unsigned)(unit - units + 1);
    uint64_t v;

    if (len == 0 || len >= sizeof number)
        return false;
    memcpy(number, s, len + 1);
    if (unit != NULL)
        number[len - 1] = 0;
    if (!text_to_u64(number, max >> shift, &v))
        return false;
    *out = v << shift;
    return true;
}

void text_hex(char *out, const void *p, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *b = p;

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[b[i] >> 4];
        out[2 * i + 1] = digits[b[i] & 15];
    }
    out[2 * len] = 0;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = fold(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_from_hex(void *out, size_t len, const char *hex)
{
    uint8_t *b = out;

    if (strlen(hex) != 2 * len)
        return false;
    for (size_t i = 0; i < len; i++) {
        int hi = hex_value(hex[2 * i]), lo = hex_value(hex[2 * i + 1]);

        if (hi < 0 || lo < 0)
            return false;
        b[i] = (uint8_t)(hi << 4 | lo);
    }
    return true;
}

void text_base64(struct buf *out, const void *p, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *b = p;

    for (size_t i = 0; i < len; i += 3) {
        uint32_t v = (uint32_t)b[i] << 16;
        char four[4];

        if (i + 1 < len)
            v |= (uint32_t)b[i + 1] << 8;
        if (i + 2 < len)
            v |= b[i + 2];
        four[0] = digits[v >> 18];
        four[1] = digits[v >> 12 & 63];
        four[2] = i + 1 < len ? digits[v >> 6 & 63] : '=';
        four[3] = i + 2 < len ? digits[v & 63] : '=';
        buf_add(out, four, 4);
    }
}

static void json_char(struct buf *out, uint32_t code, const uint8_t *p, size_t n)
{
    if (code == '"' || code == '\\')
        buf_printf(out, "\\%c", (int)code);
    else if (code == '\n')
        buf_add_text(out, "\\n");
    else if (code_unsafe(code))
        buf_printf(out, "\\u%04x", (unsigned)code);
    else
        buf_add(out, p, n);
}

void text_json(struct buf *out, const void *p, size_t len)
{
    const uint8_t *b = p;

    buf_add8(out, '"');
    for (size_t i = 0; i < len;) {
        uint32_t code = 0;
        size_t n = utf8_next(b + i, len - i, &code);

        if (n == 0)
            buf_add(out, "\xef\xbf\xbd", 3);
        else
            json_char(out, code, b + i, n);
        i += n == 0 ? 1 : n;
    }
    buf_add8(out, '"');
}
