#include "wire/video.h"

#include "base/bytes.h"
#include "base/text.h"
#include "wire/hello.h"

#define LIMIT_SCHEDULE 16
#define CLIP_ENTRY (LIMIT_CLIP + LIMIT_TITLE + 2 * LIMIT_RENDITIONS + 32)

void wire_put_list(struct buf *out)
{
    message_end(out, message_begin(out, MESSAGE_LIST));
}

static void put_clip(struct buf *out, const struct wire_clip *m)
{
    buf_add_sized8(out, m->name.data, m->name.len);
    buf_add_sized8(out, m->title.data, m->title.len);
    buf_add32(out, m->fps_num);
    buf_add32(out, m->fps_den);
    buf_add32(out, m->frames);
    buf_add8(out, (uint8_t)m->count);
    for (size_t i = 0; i < m->count; i++)
        buf_add16(out, m->heights[i]);
}

static enum err get_clip(struct cursor *c, struct wire_clip *m)
{
    m->name = cursor_sized8(c, LIMIT_CLIP);
    m->title = cursor_sized8(c, LIMIT_TITLE);
    m->fps_num = cursor_get32(c);
    m->fps_den = cursor_get32(c);
    m->frames = cursor_get32(c);
    m->count = cursor_get8(c);
    if (c->failed)
        return ERR_SHORT;
    if (m->count > LIMIT_RENDITIONS || m->frames > LIMIT_FRAMES)
        return ERR_LIMIT;
    if (m->fps_num == 0 || m->fps_den == 0 || m->frames == 0 || m->count == 0)
        return ERR_FORMAT;
    for (size_t i = 0; i < m->count; i++)
        m->heights[i] = cursor_get16(c);
    if (!text_valid(m->name.data, m->name.len) || !text_valid(m->title.data, m->title.len))
        return ERR_UTF8;
    return c->failed ? ERR_SHORT : ERR_OK;
}

size_t wire_clips_begin(struct buf *out)
{
    size_t begin = message_begin(out, MESSAGE_CLIPS);

    buf_add8(out, 0);
    return begin;
}

/* Each clip carries its length, so that later fields of it can be skipped. */
void wire_clips_add(struct buf *out, const struct wire_clip *m)
{
    buf_add16(out, (uint16_t)(2 + m->name.len + m->title.len + 13 + 2 * m->count));
    put_clip(out, m);
}

void wire_clips_end(struct buf *out, size_t begin, bool more)
{
    if (!out->failed)
        out->data[begin + MESSAGE_HEADER] = more;
    message_end(out, begin);
}

bool wire_clips_fits(const struct buf *out, size_t begin)
{
    return out->len - begin + CLIP_ENTRY <= LIMIT_LIST;
}

struct cursor wire_clips_open(struct span payload, bool *more)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    *more = cursor_get8(&c) != 0;
    return c;
}

bool wire_clips_next(struct cursor *c, struct wire_clip *m, enum err *e)
{
    struct span entry;
    struct cursor inner;

    if (c->failed || c->left == 0) {
        *e = cursor_end(c);
        return false;
    }
    entry = cursor_sized16(c, UINT16_MAX);
    inner = cursor_over(entry.data, entry.len);
    *e = c->failed ? ERR_SHORT : get_clip(&inner, m);
    if (*e == ERR_OK)
        *e = cursor_end_fields(&inner);
    return *e == ERR_OK;
}

void wire_put_play(struct buf *out, const struct wire_play *m)
{
    size_t begin = message_begin(out, MESSAGE_PLAY);

    buf_add32(out, m->stream);
    buf_add_sized8(out, m->clip.data, m->clip.len);
    buf_add_sized8(out, m->schedule.data, m->schedule.len);
    buf_add32(out, m->start);
    buf_add32(out, m->credit);
    message_end(out, begin);
}

enum err wire_get_play(struct span payload, struct wire_play *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->stream = cursor_get32(&c);
    m->clip = cursor_sized8(&c, UINT8_MAX);
    m->schedule = cursor_sized8(&c, LIMIT_SCHEDULE);
    m->start = cursor_get32(&c);
    m->credit = cursor_get32(&c);
    if (!c.failed && m->credit > LIMIT_CREDIT)
        return ERR_LIMIT;
    return cursor_end_fields(&c);
}

void wire_put_stream(struct buf *out, const struct wire_stream *m)
{
    size_t begin = message_begin(out, MESSAGE_STREAM);

    buf_add32(out, m->stream);
    put_clip(out, &m->clip);
    for (size_t i = 0; i < m->clip.count; i++) {
        buf_add16(out, m->widths[i]);
        buf_add16(out, m->real_heights[i]);
    }
    buf_add_sized8(out, m->schedule.data, m->schedule.len);
    message_end(out, begin);
}

enum err wire_get_stream(struct span payload, struct wire_stream *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);
    enum err e;

    m->stream = cursor_get32(&c);
    e = get_clip(&c, &m->clip);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < m->clip.count; i++) {
        m->widths[i] = cursor_get16(&c);
        m->real_heights[i] = cursor_get16(&c);
    }
    m->schedule = cursor_sized8(&c, LIMIT_SCHEDULE);
    if (!c.failed && !text_valid(m->schedule.data, m->schedule.len))
        return ERR_UTF8;
    return cursor_end_fields(&c);
}

size_t wire_frame_head(uint8_t *out, const struct wire_frame *m, size_t len)
{
    uint8_t *p = out + MESSAGE_HEADER;

    bytes_put32(p, m->stream);
    p[4] = m->track;
    p[5] = m->flags;
    bytes_put32(p + 6, m->number);
    p += FRAME_CHUNK_HEAD;
    if ((m->flags & FRAME_FIRST) != 0) {
        bytes_put16(p, m->height);
        bytes_put32(p + 2, m->source);
        bytes_put32(p + 6, m->length);
        bytes_put64(p + 10, (uint64_t)m->pts_ns);
        p += FRAME_FIRST_HEAD;
    }
    message_header(out, MESSAGE_FRAME, (size_t)(p - out) - MESSAGE_HEADER + len);
    return (size_t)(p - out);
}

enum err wire_get_frame(struct span payload, struct wire_frame *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    *m = (struct wire_frame){0};
    m->stream = cursor_get32(&c);
    m->track = cursor_get8(&c);
    m->flags = cursor_get8(&c);
    m->number = cursor_get32(&c);
    if ((m->flags & FRAME_FIRST) != 0) {
        m->height = cursor_get16(&c);
        m->source = cursor_get32(&c);
        m->length = cursor_get32(&c);
        m->pts_ns = (int64_t)cursor_get64(&c);
        if (!c.failed && (m->length == 0 || m->length > LIMIT_FRAME || m->pts_ns < 0))
            return ERR_LIMIT;
    }
    m->data = (struct span){c.at, c.left};
    return c.failed || c.left == 0 ? ERR_SHORT : ERR_OK;
}

void wire_put_credit(struct buf *out, const struct wire_credit *m)
{
    size_t begin = message_begin(out, MESSAGE_CREDIT);

    buf_add32(out, m->stream);
    buf_add32(out, m->bytes);
    buf_add32(out, m->wanted);
    message_end(out, begin);
}

enum err wire_get_credit(struct span payload, struct wire_credit *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->stream = cursor_get32(&c);
    m->bytes = cursor_get32(&c);
    m->wanted = cursor_get32(&c);
    if (!c.failed && m->bytes > LIMIT_CREDIT)
        return ERR_LIMIT;
    return cursor_end_fields(&c);
}

void wire_put_skipped(struct buf *out, uint32_t stream, uint32_t first, uint32_t count)
{
    size_t begin = message_begin(out, MESSAGE_SKIPPED);

    buf_add32(out, stream);
    buf_add32(out, first);
    buf_add32(out, count);
    message_end(out, begin);
}

enum err wire_get_skipped(struct span payload, uint32_t *stream, uint32_t *first, uint32_t *count)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    *stream = cursor_get32(&c);
    *first = cursor_get32(&c);
    *count = cursor_get32(&c);
    if (!c.failed && (*first > LIMIT_FRAMES || *count > LIMIT_FRAMES))
        return ERR_LIMIT;
    return cursor_end_fields(&c);
}

void wire_put_seek(struct buf *out, const struct wire_seek *m)
{
    size_t begin = message_begin(out, MESSAGE_SEEK);

    buf_add32(out, m->stream);
    buf_add32(out, m->as);
    buf_add32(out, m->frame);
    message_end(out, begin);
}

enum err wire_get_seek(struct span payload, struct wire_seek *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->stream = cursor_get32(&c);
    m->as = cursor_get32(&c);
    m->frame = cursor_get32(&c);
    return cursor_end_fields(&c);
}

void wire_put_rendition(struct buf *out, const struct wire_rendition *m)
{
    size_t begin = message_begin(out, MESSAGE_RENDITION);

    buf_add32(out, m->stream);
    buf_add16(out, m->height);
    message_end(out, begin);
}

enum err wire_get_rendition(struct span payload, struct wire_rendition *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->stream = cursor_get32(&c);
    m->height = cursor_get16(&c);
    return cursor_end_fields(&c);
}

void wire_put_stop(struct buf *out, uint32_t stream)
{
    size_t begin = message_begin(out, MESSAGE_STOP);

    buf_add32(out, stream);
    message_end(out, begin);
}

enum err wire_get_stop(struct span payload, uint32_t *stream)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    *stream = cursor_get32(&c);
    return cursor_end_fields(&c);
}

void wire_put_stream_end(struct buf *out, uint32_t stream, enum wire_end reason, const char *text)
{
    size_t begin = message_begin(out, MESSAGE_STREAM_END);

    buf_add32(out, stream);
    buf_add8(out, (uint8_t)reason);
    wire_put_sentence(out, text);
    message_end(out, begin);
}

enum err wire_get_stream_end(struct span payload, struct wire_stream_end *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->stream = cursor_get32(&c);
    m->reason = cursor_get8(&c);
    m->text = cursor_sized16(&c, LIMIT_REASON);
    if (!c.failed && !text_valid(m->text.data, m->text.len))
        return ERR_UTF8;
    return cursor_end_fields(&c);
}
