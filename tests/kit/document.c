#include "tests/kit/document.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

bool document_load(const char *path, struct buf *text)
{
    FILE *f = fopen(path, "rb");
    char part[4096];
    size_t n;

    if (f == NULL)
        return false;
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        buf_add(text, part, n);
    fclose(f);
    buf_text(text);
    return !text->failed;
}

bool document_block(struct buf *text, const char *kind, const char *name, struct buf *out)
{
    char fence[128];
    const char *begin, *end;

    snprintf(fence, sizeof fence, "\n```%s %s\n", kind, name);
    begin = strstr(buf_text(text), fence);
    if (begin == NULL)
        return false;
    begin += strlen(fence);
    end = strstr(begin, "```");
    if (end == NULL || strstr(begin, fence) != NULL)
        return false;
    buf_clear(out);
    buf_add(out, begin, (size_t)(end - begin));
    return !out->failed;
}

bool document_hex(struct buf *text, const char *name, struct buf *out)
{
    struct buf block;
    char digits[3] = "";
    size_t have = 0;
    uint8_t byte;
    bool good;

    buf_init(&block, text->limit);
    good = document_block(text, "hex", name, &block);
    buf_clear(out);
    for (size_t i = 0; good && i < block.len; i++) {
        if (isspace(block.data[i]))
            continue;
        digits[have++] = (char)block.data[i];
        if (have < 2)
            continue;
        good = text_from_hex(&byte, 1, digits);
        buf_add8(out, byte);
        have = 0;
    }
    buf_free(&block);
    return good && have == 0 && !out->failed;
}
