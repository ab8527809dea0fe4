#include "wire/live.h"

#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "wire/hello.h"
#include "wire/video.h"

static void put_names(struct buf *out, const struct wire_cast *m)
{
    buf_add_sized8(out, m->name.data, m->name.len);
    buf_add_sized8(out, m->title.data, m->title.len);
}

static enum err get_names(struct cursor *c, struct wire_cast *m)
{
    m->name = cursor_sized8(c, LIMIT_CLIP);
    m->title = cursor_sized8(c, LIMIT_TITLE);
    if (c->failed)
        return ERR_SHORT;
    return text_valid(m->name.data, m->name.len) && text_valid(m->title.data, m->title.len)
               ? ERR_OK
               : ERR_UTF8;
}

/* What CAST and LIVE begin with. */
static void put_head(struct buf *out, const struct wire_cast *m)
{
    buf_add32(out, m->cast);
    buf_add8(out, m->flags);
    buf_add(out, m->id, SIZE_CAST_ID);
    put_names(out, m);
}

static enum err get_head(struct cursor *c, struct wire_cast *m)
{
    *m = (struct wire_cast){.cast = cursor_get32(c)};
    m->flags = cursor_get8(c);
    m->id = cursor_take(c, SIZE_CAST_ID);
    return get_names(c, m);
}

void wire_put_cast(struct buf *out, const struct wire_cast *m)
{
    size_t begin = message_begin(out, MESSAGE_CAST);

    put_head(out, m);
    message_end(out, begin);
}

enum err wire_get_cast(struct span payload, struct wire_cast *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);
    enum err e = get_head(&c, m);

    return e == ERR_OK ? cursor_end_fields(&c) : e;
}

void wire_put_live(struct buf *out, const struct wire_cast *m)
{
    size_t begin = message_begin(out, MESSAGE_LIVE);

    put_head(out, m);
    buf_add_sized8(out, m->from, strlen(m->from));
    buf_add(out, m->spki, SIZE_SPKI);
    message_end(out, begin);
}

enum err wire_get_live(struct span payload, struct wire_cast *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);
    enum err e = get_head(&c, m);

    if (e == ERR_OK)
        e = wire_get_name(&c, m->from);
    if (e != ERR_OK)
        return e;
    m->spki = cursor_take(&c, SIZE_SPKI);
    return cursor_end_fields(&c);
}

void wire_casts_add(struct buf *out, const struct wire_cast *m)
{
    size_t from = strlen(m->from);

    buf_add16(out, (uint16_t)(4 + m->name.len + m->title.len + from));
    buf_add8(out, m->flags);
    put_names(out, m);
    buf_add_sized8(out, m->from, from);
}

bool wire_casts_next(struct cursor *c, struct wire_cast *m, enum err *e)
{
    struct span entry;
    struct cursor inner;

    if (c->failed || c->left == 0) {
        *e = cursor_end(c);
        return false;
    }
    entry = cursor_sized16(c, UINT16_MAX);
    inner = cursor_over(entry.data, entry.len);
    *m = (struct wire_cast){.flags = cursor_get8(&inner)};
    *e = c->failed ? ERR_SHORT : get_names(&inner, m);
    if (*e == ERR_OK)
        *e = wire_get_name(&inner, m->from);
    if (*e == ERR_OK)
        *e = cursor_end_fields(&inner);
    return *e == ERR_OK;
}

size_t wire_shot_head(uint8_t *out, const struct wire_shot *m, size_t len)
{
    uint8_t *p = out + MESSAGE_HEADER;

    bytes_put32(p, m->stream);
    p[4] = m->track;
    p[5] = m->flags;
    bytes_put64(p + 6, m->number);
    p += SHOT_CHUNK_HEAD;
    if ((m->flags & FRAME_FIRST) != 0) {
        bytes_put32(p, m->epoch);
        bytes_put32(p + 4, m->length);
        bytes_put64(p + 8, (uint64_t)m->pts_ns);
        p += SHOT_FIRST_HEAD;
    }
    message_header(out, MESSAGE_SHOT, (size_t)(p - out) - MESSAGE_HEADER + len);
    return (size_t)(p - out);
}

enum err wire_get_shot(struct span payload, struct wire_shot *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    *m = (struct wire_shot){0};
    m->stream = cursor_get32(&c);
    m->track = cursor_get8(&c);
    m->flags = cursor_get8(&c);
    m->number = cursor_get64(&c);
    if ((m->flags & FRAME_FIRST) != 0) {
        m->epoch = cursor_get32(&c);
        m->length = cursor_get32(&c);
        m->pts_ns = (int64_t)cursor_get64(&c);
        if (!c.failed && (m->length == 0 || m->length > LIMIT_FRAME || m->pts_ns < 0))
            return ERR_LIMIT;
    }
    m->data = (struct span){c.at, c.left};
    return c.failed || c.left == 0 ? ERR_SHORT : ERR_OK;
}

void wire_put_number(struct buf *out, enum message_type type, uint32_t number)
{
    size_t begin = message_begin(out, (uint8_t)type);

    buf_add32(out, number);
    message_end(out, begin);
}

enum err wire_get_number(struct span payload, uint32_t *number)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    *number = cursor_get32(&c);
    return cursor_end_fields(&c);
}

void wire_put_pair(struct buf *out, enum message_type type, uint32_t number, uint32_t other)
{
    size_t begin = message_begin(out, (uint8_t)type);

    buf_add32(out, number);
    buf_add32(out, other);
    message_end(out, begin);
}

enum err wire_get_pair(struct span payload, uint32_t *number, uint32_t *other)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    *number = cursor_get32(&c);
    *other = cursor_get32(&c);
    return cursor_end_fields(&c);
}

size_t wire_ask_begin(struct buf *out, uint32_t stream)
{
    size_t begin = message_begin(out, MESSAGE_ASK);

    buf_add32(out, stream);
    return begin;
}

size_t wire_asked_begin(struct buf *out, const struct wire_pass *m)
{
    size_t begin = message_begin(out, MESSAGE_ASKED);

    buf_add32(out, m->number);
    buf_add32(out, m->viewer);
    buf_add_sized8(out, m->from, strlen(m->from));
    buf_add(out, m->fingerprint, SIZE_FINGERPRINT);
    return begin;
}

size_t wire_give_begin(struct buf *out, uint32_t cast, uint32_t viewer)
{
    size_t begin = message_begin(out, MESSAGE_GIVE);

    buf_add32(out, cast);
    buf_add32(out, viewer);
    return begin;
}

size_t wire_given_begin(struct buf *out, uint32_t stream)
{
    size_t begin = message_begin(out, MESSAGE_GIVEN);

    buf_add32(out, stream);
    return begin;
}

static enum err get_envelope(const struct cursor *c, struct wire_pass *m)
{
    m->envelope = (struct span){c->at, c->left};
    return c->failed || c->left == 0 ? ERR_SHORT : ERR_OK;
}

enum err wire_get_ask(struct span payload, struct wire_pass *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    *m = (struct wire_pass){.number = cursor_get32(&c)};
    return get_envelope(&c, m);
}

enum err wire_get_asked(struct span payload, struct wire_pass *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);
    enum err e;

    *m = (struct wire_pass){.number = cursor_get32(&c)};
    m->viewer = cursor_get32(&c);
    e = wire_get_name(&c, m->from);
    if (e != ERR_OK)
        return e;
    m->fingerprint = cursor_take(&c, SIZE_FINGERPRINT);
    return get_envelope(&c, m);
}

enum err wire_get_give(struct span payload, struct wire_pass *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    *m = (struct wire_pass){.number = cursor_get32(&c)};
    m->viewer = cursor_get32(&c);
    return get_envelope(&c, m);
}
