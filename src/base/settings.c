#include "base/settings.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define SHOWN 40 /* bytes of a wrong value that a sentence repeats */

static const char *trim(const char *p, size_t *len)
{
    while (*len > 0 && (*p == ' ' || *p == '\t')) {
        p++;
        --*len;
    }
    while (*len > 0 && (p[*len - 1] == ' ' || p[*len - 1] == '\t' || p[*len - 1] == '\r'))
        --*len;
    return p;
}

static struct setting split(unsigned number, const char *line, size_t len)
{
    struct setting s = {.line = number, .name = line, .name_len = len};
    const char *equals = memchr(line, '=', len);

    if (equals == NULL)
        return s;
    s.name_len = (size_t)(equals - line);
    s.name = trim(line, &s.name_len);
    s.value_len = (size_t)(line + len - equals - 1);
    s.value = trim(equals + 1, &s.value_len);
    return s;
}

enum err settings_parse(const char *text, size_t len,
                        enum err (*take)(void *owner, const struct setting *s), void *owner)
{
    enum err e = ERR_OK;

    for (unsigned number = 1; e == ERR_OK && len > 0; number++) {
        const char *end = memchr(text, '\n', len), *line;
        size_t whole = end == NULL ? len : (size_t)(end - text) + 1, n = whole - (end != NULL);

        line = trim(text, &n);
        if (n > 0 && *line != '#') {
            const struct setting s = split(number, line, n);

            e = take(owner, &s);
        }
        text += whole;
        len -= whole;
    }
    return e;
}

void settings_say(char *why, size_t room, const char *file, unsigned line, const char *what,
                  const char *value, size_t len)
{
    struct buf clean;

    buf_init(&clean, 4 * SHOWN);
    text_clean(&clean, value, len > SHOWN ? SHOWN : len, false);
    snprintf(why, room, "%s line %u: %s '%s'", file, line, what, buf_text(&clean));
    buf_free(&clean);
}
