#include "wire/talk.h"

void wire_put_session_key(struct buf *out, const struct wire_session_key *m)
{
    size_t begin = message_begin(out, MESSAGE_SESSION_KEY);

    buf_add(out, m->wrapped, SIZE_WRAPPED);
    buf_add(out, m->signature, SIZE_SIGNATURE);
    message_end(out, begin);
}

void wire_put_line(struct buf *out, const struct wire_line *m)
{
    size_t begin = message_begin(out, MESSAGE_LINE);

    buf_add64(out, m->counter);
    buf_add(out, m->sealed.data, m->sealed.len);
    message_end(out, begin);
}

void wire_put_close(struct buf *out)
{
    message_end(out, message_begin(out, MESSAGE_CLOSE));
}

enum err wire_get_session_key(struct span payload, struct wire_session_key *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->wrapped = cursor_take(&c, SIZE_WRAPPED);
    m->signature = cursor_take(&c, SIZE_SIGNATURE);
    return cursor_end_fields(&c);
}

enum err wire_get_line(struct span payload, struct wire_line *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->counter = cursor_get64(&c);
    m->sealed = (struct span){c.at, c.left};
    return c.failed || c.left <= WIRE_TALK_TAG ? ERR_SHORT : ERR_OK;
}

enum err wire_get_close(struct span payload)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    return cursor_end_fields(&c);
}
