#include "wire/past.h"

#include <string.h>

#include "wire/hello.h"

void wire_put_resume(struct buf *out, const struct wire_resume *m)
{
    size_t begin = message_begin(out, MESSAGE_RESUME);

    buf_add(out, m->log_id, SIZE_LOG_ID);
    buf_add64(out, m->after);
    message_end(out, begin);
}

enum err wire_get_resume(struct span payload, struct wire_resume *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->log_id = cursor_take(&c, SIZE_LOG_ID);
    m->after = cursor_get64(&c);
    return cursor_end_fields(&c);
}

size_t wire_past_begin(struct buf *out, uint64_t number, const char *from,
                       const uint8_t fingerprint[static SIZE_FINGERPRINT], uint64_t time_ms)
{
    size_t begin = message_begin(out, MESSAGE_PAST);

    buf_add64(out, number);
    buf_add_sized8(out, from, strlen(from));
    buf_add(out, fingerprint, SIZE_FINGERPRINT);
    buf_add64(out, time_ms);
    return begin;
}

enum err wire_get_past(struct span payload, struct wire_past *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);
    enum err e;

    m->sealed.number = cursor_get64(&c);
    e = wire_get_name(&c, m->sealed.from);
    if (e != ERR_OK)
        return e;
    m->sealed.fingerprint = cursor_take(&c, SIZE_FINGERPRINT);
    m->time_ms = cursor_get64(&c);
    m->sealed.envelope = (struct span){c.at, c.left};
    return c.failed ? ERR_SHORT : ERR_OK;
}

void wire_put_past_end(struct buf *out, const struct wire_past_end *m)
{
    size_t begin = message_begin(out, MESSAGE_PAST_END);

    buf_add64(out, m->from);
    buf_add64(out, m->last);
    buf_add64(out, m->lost);
    message_end(out, begin);
}

enum err wire_get_past_end(struct span payload, struct wire_past_end *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);
    enum err e;

    m->from = cursor_get64(&c);
    m->last = cursor_get64(&c);
    m->lost = cursor_get64(&c);
    e = cursor_end_fields(&c);
    if (e == ERR_OK && (m->from > m->last || m->lost > m->last - m->from))
        e = ERR_FORMAT;
    return e;
}
