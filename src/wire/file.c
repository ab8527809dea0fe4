#include "wire/file.h"

#include "base/bytes.h"
#include "base/text.h"

void wire_put_offer(struct buf *out, const struct wire_offer *m)
{
    size_t begin = message_begin(out, MESSAGE_OFFER);

    buf_add32(out, m->file);
    buf_add(out, m->token, SIZE_FILE_TOKEN);
    buf_add64(out, m->size);
    buf_add64(out, m->mtime);
    buf_add_sized16(out, m->name.data, m->name.len);
    message_end(out, begin);
}

enum err wire_get_offer(struct span payload, struct wire_offer *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->file = cursor_get32(&c);
    m->token = cursor_take(&c, SIZE_FILE_TOKEN);
    m->size = cursor_get64(&c);
    m->mtime = cursor_get64(&c);
    m->name = cursor_sized16(&c, LIMIT_FILE_NAME);
    if (!c.failed && m->name.len == 0)
        return ERR_EMPTY;
    if (!c.failed && m->size > LIMIT_PARCEL_SIZE)
        return ERR_LIMIT;
    if (!c.failed && !text_valid(m->name.data, m->name.len))
        return ERR_UTF8;
    return cursor_end_fields(&c);
}

void wire_put_take(struct buf *out, const struct wire_take *m)
{
    size_t begin = message_begin(out, MESSAGE_TAKE);

    buf_add32(out, m->file);
    buf_add64(out, m->offset);
    buf_add(out, m->hash, SIZE_FILE_HASH);
    message_end(out, begin);
}

enum err wire_get_take(struct span payload, struct wire_take *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->file = cursor_get32(&c);
    m->offset = cursor_get64(&c);
    m->hash = cursor_take(&c, SIZE_FILE_HASH);
    return cursor_end_fields(&c);
}

void wire_put_begin(struct buf *out, const struct wire_begin *m)
{
    size_t begin = message_begin(out, MESSAGE_BEGIN);

    buf_add32(out, m->file);
    buf_add64(out, m->offset);
    message_end(out, begin);
}

enum err wire_get_begin(struct span payload, struct wire_begin *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->file = cursor_get32(&c);
    m->offset = cursor_get64(&c);
    return cursor_end_fields(&c);
}

size_t wire_data_head(uint8_t *out, uint32_t file, size_t len)
{
    message_header(out, MESSAGE_DATA, FILE_DATA_HEAD + len);
    bytes_put32(out + MESSAGE_HEADER, file);
    return MESSAGE_HEADER + FILE_DATA_HEAD;
}

enum err wire_get_data(struct span payload, struct wire_data *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->file = cursor_get32(&c);
    m->bytes = (struct span){c.at, c.left};
    if (c.failed)
        return ERR_SHORT;
    return c.left == 0 ? ERR_EMPTY : ERR_OK;
}

void wire_put_file_end(struct buf *out, const struct wire_file_end *m)
{
    size_t begin = message_begin(out, MESSAGE_END);

    buf_add32(out, m->file);
    buf_add(out, m->hash, SIZE_FILE_HASH);
    message_end(out, begin);
}

enum err wire_get_file_end(struct span payload, struct wire_file_end *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->file = cursor_get32(&c);
    m->hash = cursor_take(&c, SIZE_FILE_HASH);
    return cursor_end_fields(&c);
}

void wire_put_kept(struct buf *out, uint32_t file)
{
    size_t begin = message_begin(out, MESSAGE_KEPT);

    buf_add32(out, file);
    message_end(out, begin);
}

enum err wire_get_kept(struct span payload, uint32_t *file)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    *file = cursor_get32(&c);
    return cursor_end_fields(&c);
}

void wire_put_drop(struct buf *out, const struct wire_drop_file *m)
{
    size_t begin = message_begin(out, MESSAGE_DROP);

    buf_add32(out, m->file);
    buf_add8(out, m->why);
    message_end(out, begin);
}

enum err wire_get_drop(struct span payload, struct wire_drop_file *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->file = cursor_get32(&c);
    m->why = cursor_get8(&c);
    return cursor_end_fields(&c);
}
