#include "client/parcel_name.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Longer ends are part of the stem. */
#define LIMIT_EXTENSION 16

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD, of text_clean */

/* Behind the last separator. */
static struct span base_name(struct span raw)
{
    size_t at = raw.len;

    while (at > 0 && raw.data[at - 1] != '/')
        at--;
    return (struct span){raw.data + at, raw.len - at};
}

void parcel_name_clean(char out[static LIMIT_FILE_NAME + 1], struct span raw)
{
    struct span base = base_name(raw);
    struct buf clean;
    size_t n = 0;

    buf_init(&clean, 3 * 4096);
    text_clean(&clean, base.data, base.len, false);
    for (size_t i = 0; i < clean.len && n < LIMIT_FILE_NAME; i++) {
        char one = (char)clean.data[i];

        if (clean.len - i >= 3 && memcmp(clean.data + i, replacement, 3) == 0) {
            one = '_';
            i += 2;
        }
        if (n > 0 || (one != '.' && one != ' '))
            out[n++] = one == '\\' ? '_' : one;
    }
    buf_free(&clean);
    n = text_fit(out, n, LIMIT_FILE_NAME);
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = 0;
    if (n == 0)
        strcpy(out, "file");
}

void parcel_name_nth(char out[static LIMIT_FILE_NAME + 1], const char *name, unsigned n)
{
    const char *dot = strrchr(name, '.');
    size_t len = strlen(name), stem;
    char number[16] = "";

    if (dot == NULL || dot == name || strlen(dot) > LIMIT_EXTENSION)
        dot = name + len;
    if (n > 1)
        snprintf(number, sizeof number, " (%u)", n);
    stem = text_fit(name, (size_t)(dot - name), LIMIT_FILE_NAME - strlen(number) - strlen(dot));
    snprintf(out, LIMIT_FILE_NAME + 1, "%.*s%s%s", (int)stem, name, number, dot);
}
