#include "tests/kit/grammar.h"

#include <string.h>

#include "base/text.h"

struct reader {
    const char *at, *end;
    unsigned depth;
};

static bool value(struct reader *r);

static bool next_is(const struct reader *r, char c)
{
    return r->at < r->end && *r->at == c;
}

static bool take(struct reader *r, char c)
{
    bool there = next_is(r, c);

    r->at += there;
    return there;
}

static bool word(struct reader *r, const char *text)
{
    size_t len = strlen(text);

    if ((size_t)(r->end - r->at) < len || memcmp(r->at, text, len) != 0)
        return false;
    r->at += len;
    return true;
}

static bool one_of(struct reader *r, const char *set)
{
    if (r->at == r->end || *r->at == 0 || strchr(set, *r->at) == NULL)
        return false;
    r->at++;
    return true;
}

static size_t digits(struct reader *r)
{
    size_t n = 0;

    while (one_of(r, "0123456789"))
        n++;
    return n;
}

static bool number(struct reader *r)
{
    take(r, '-');
    if (!take(r, '0') && digits(r) == 0)
        return false;
    if (take(r, '.') && digits(r) == 0)
        return false;
    if (!one_of(r, "eE"))
        return true;
    one_of(r, "+-");
    return digits(r) > 0;
}

static bool escape(struct reader *r)
{
    if (!take(r, 'u'))
        return one_of(r, "\"\\/bfnrt");
    for (int i = 0; i < 4; i++) {
        if (!one_of(r, "0123456789abcdefABCDEF"))
            return false;
    }
    return true;
}

static bool string(struct reader *r)
{
    if (!take(r, '"'))
        return false;
    while (r->at < r->end && *r->at != '"') {
        if ((unsigned char)*r->at < 0x20)
            return false;
        if (*r->at++ == '\\' && !escape(r))
            return false;
    }
    return take(r, '"');
}

static bool member(struct reader *r)
{
    return string(r) && take(r, ':') && value(r);
}

/* Members or values with commas between, until the bracket that ends them. */
static bool row(struct reader *r, bool (*one)(struct reader *r), char last)
{
    if (take(r, last))
        return true;
    do {
        if (!one(r))
            return false;
    } while (take(r, ','));
    return take(r, last);
}

static bool value(struct reader *r)
{
    bool good;

    if (++r->depth > 16)
        return false;
    if (take(r, '{'))
        good = row(r, member, '}');
    else if (take(r, '['))
        good = row(r, value, ']');
    else if (next_is(r, '"'))
        good = string(r);
    else
        good = word(r, "true") || word(r, "false") || word(r, "null") || number(r);
    r->depth--;
    return good;
}

bool grammar_json(const char *text, size_t len)
{
    struct reader r = {.at = text, .end = text + len};

    return text_valid(text, len) && value(&r) && r.at == r.end;
}

bool grammar_json_lines(const char *text, size_t len)
{
    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t line = end == NULL ? 0 : (size_t)(end - text);

        if (end == NULL || *text != '{' || !grammar_json(text, line))
            return false;
        text += line + 1;
        len -= line + 1;
    }
    return true;
}

bool grammar_harmless(const char *text, size_t len)
{
    static const char *const turning[] = {"\u061c", "\u200e", "\u200f", "\u2028", "\u2029",
                                          "\u202a", "\u202e", "\u2066", "\u2069", "\ufeff"};

    for (size_t i = 0; i < len; i++) {
        if (((unsigned char)text[i] < 0x20 && text[i] != '\n' && text[i] != '\t') ||
            text[i] == 0x7f)
            return false;
        if ((unsigned char)text[i] == 0xc2 && i + 1 < len && (unsigned char)text[i + 1] < 0xa0)
            return false; /* C1 */
    }
    for (size_t i = 0; i < sizeof turning / sizeof *turning; i++) {
        if (memmem(text, len, turning[i], strlen(turning[i])) != NULL)
            return false;
    }
    return text_valid(text, len);
}
