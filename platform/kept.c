#include "platform/kept.h"

#include <stdlib.h>
#include <string.h>

/* Drops the oldest lines, so that at most so many bytes are left. */
static void cut(struct kept *k, size_t most)
{
    const char *end;
    size_t gone;

    if (k->len <= most)
        return;
    end = memchr(k->bytes + (k->len - most) - 1, '\n', most + 1);
    gone = end == NULL ? k->len : (size_t)(end - k->bytes) + 1;
    memmove(k->bytes, k->bytes + gone, k->len - gone);
    k->len -= gone;
    k->mark = k->mark > gone ? k->mark - gone : 0;
}

/* They are what people said. */
static void wipe_bytes(struct kept *k)
{
    if (k->bytes != NULL)
        explicit_bzero(k->bytes, k->size);
    free(k->bytes);
}

void kept_add(struct kept *k, const char *text, size_t len, bool marked)
{
    size_t most = marked ? KEPT_MOST : KEPT_LEAST;

    if (len > most) {
        const char *end = memchr(text + (len - most), '\n', most);
        size_t gone = end == NULL ? len : (size_t)(end - text) + 1;

        text += gone;
        len -= gone;
    }
    cut(k, most - len);
    if (k->size < k->len + len) {
        size_t size = k->len + len > KEPT_LEAST ? KEPT_MOST : KEPT_LEAST;
        char *more = malloc(size);

        if (more == NULL)
            return;
        if (k->len > 0)
            memcpy(more, k->bytes, k->len);
        wipe_bytes(k);
        k->bytes = more;
        k->size = size;
    }
    if (len > 0)
        memcpy(k->bytes + k->len, text, len);
    k->len += len;
}

void kept_mark(struct kept *k)
{
    k->mark = k->len;
}

const char *kept_last(const struct kept *k, size_t lines, size_t *len)
{
    size_t from = k->len;

    for (; lines > 0 && from > 0; lines--) {
        const char *before = from > 1 ? memrchr(k->bytes, '\n', from - 1) : NULL;

        from = before == NULL ? 0 : (size_t)(before - k->bytes) + 1;
    }
    *len = k->len - from;
    return k->bytes == NULL ? "" : k->bytes + from;
}

const char *kept_marked(const struct kept *k, size_t *len)
{
    *len = k->len - k->mark;
    return k->bytes == NULL ? "" : k->bytes + k->mark;
}

void kept_free(struct kept *k)
{
    wipe_bytes(k);
    *k = (struct kept){0};
}
