#include "tests/fuzz/way.h"

#include <string.h>
#include <sys/socket.h>

#include "base/bytes.h"

void way_init(struct way *w, int from, int to)
{
    *w = (struct way){.from = from, .to = to};
    buf_init(&w->in, WAY_LIMIT);
    buf_init(&w->held, WAY_LIMIT);
    buf_init(&w->out, WAY_LIMIT);
}

void way_free(struct way *w)
{
    buf_free(&w->in);
    buf_free(&w->held);
    buf_free(&w->out);
}

bool way_read(struct way *w)
{
    uint8_t bytes[8192];
    ssize_t n = w->over ? -1 : recvfrom(w->from, bytes, sizeof bytes, 0, NULL, NULL);

    if (n > 0)
        buf_add(&w->in, bytes, (size_t)n);
    if (n == 0)
        w->over = true;
    return n >= 0;
}

bool way_write(struct way *w, size_t at_once)
{
    size_t len = w->out.len < at_once ? w->out.len : at_once;
    ssize_t n;

    if (len == 0) {
        if (w->halted || !w->over || w->in.len > 0)
            return false;
        w->halted = true;
        shutdown(w->to, SHUT_WR);
        return true;
    }
    n = sendto(w->to, w->out.data, len, MSG_NOSIGNAL, NULL, 0);
    if (n > 0)
        buf_drop(&w->out, (size_t)n);
    return n > 0;
}

static void insert(struct buf *b, size_t at, const void *p, size_t len)
{
    size_t behind = b->len - at;

    buf_add(b, p, len);
    if (b->failed || len == 0)
        return;
    memmove(b->data + at + len, b->data + at, behind);
    memcpy(b->data + at, p, len);
}

static void cut(struct buf *b, size_t at, size_t len)
{
    memmove(b->data + at, b->data + at + len, b->len - at - len);
    b->len -= len;
}

static void repeat(struct buf *b, size_t at, size_t len)
{
    uint8_t copy[256];

    memcpy(copy, b->data + at, len);
    insert(b, at, copy, len);
}

static void split(struct buf *b, size_t at)
{
    uint8_t header[WAY_HEADER];

    if (at < WAY_HEADER)
        return;
    memcpy(header, b->data, sizeof header);
    bytes_put16(header + 3, (uint16_t)(b->len - at));
    bytes_put16(b->data + 3, (uint16_t)(at - WAY_HEADER));
    insert(b, at, header, sizeof header);
}

void way_change(struct buf *b, const struct way_step *s)
{
    size_t at = s->where % b->len;
    size_t len = s->len < b->len - at ? s->len : b->len - at;

    if (s->act == MIDDLE_FLIP)
        b->data[at] ^= s->value;
    else if (s->act == MIDDLE_CUT)
        cut(b, at, len);
    else if (s->act == MIDDLE_REPEAT)
        repeat(b, at, len);
    else if (s->act == MIDDLE_INSERT)
        insert(b, at, s->bytes.data, s->bytes.len);
    else if (s->act == MIDDLE_REPLACE && s->bytes.len > 0)
        memcpy(b->data + at, s->bytes.data, s->bytes.len < len ? s->bytes.len : len);
    else if (s->act == MIDDLE_SPLIT)
        split(b, at);
    else if (s->act == MIDDLE_LENGTH && b->len >= WAY_HEADER)
        bytes_put16(b->data + 3, (uint16_t)(s->value << 8 | s->len));
    if (s->mend && s->act != MIDDLE_SPLIT && b->len >= WAY_HEADER)
        bytes_put16(b->data + 3, (uint16_t)(b->len - WAY_HEADER));
}
