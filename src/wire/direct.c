#include "wire/direct.h"

#include <string.h>

#include "base/text.h"
#include "wire/hello.h"

#define FIELD_PURPOSE 1

void wire_put_call(struct buf *out, const struct wire_call *m)
{
    size_t begin = message_begin(out, MESSAGE_CALL);

    buf_add16(out, m->version);
    buf_add64(out, m->features);
    buf_add_sized8(out, m->name, strlen(m->name));
    buf_add(out, m->spki, SIZE_SPKI);
    buf_add(out, m->server, SIZE_FINGERPRINT);
    buf_add(out, m->signature, SIZE_SIGNATURE);
    if (m->purpose != PURPOSE_CHAT)
        buf_add(out, (const uint8_t[]){FIELD_PURPOSE, 0, 1, m->purpose}, 4);
    message_end(out, begin);
}

enum err wire_get_call(struct span payload, struct wire_call *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);
    struct span purpose;
    enum err e;

    m->version = cursor_get16(&c);
    m->features = cursor_get64(&c);
    e = wire_get_name(&c, m->name);
    if (e != ERR_OK)
        return e;
    m->spki = cursor_take(&c, SIZE_SPKI);
    m->server = cursor_take(&c, SIZE_FINGERPRINT);
    m->signature = cursor_take(&c, SIZE_SIGNATURE);
    purpose = cursor_field(&c, FIELD_PURPOSE);
    if (purpose.data != NULL && purpose.len != 1)
        return ERR_FORMAT;
    m->purpose = purpose.data != NULL ? purpose.data[0] : PURPOSE_CHAT;
    return cursor_end_fields(&c);
}

void wire_put_ringing(struct buf *out, const struct wire_ringing *m)
{
    size_t begin = message_begin(out, MESSAGE_RINGING);

    buf_add16(out, m->version);
    buf_add64(out, m->features);
    message_end(out, begin);
}

enum err wire_get_ringing(struct span payload, struct wire_ringing *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->version = cursor_get16(&c);
    m->features = cursor_get64(&c);
    return cursor_end_fields(&c);
}

void wire_put_bare(struct buf *out, uint8_t type)
{
    message_end(out, message_begin(out, type));
}

enum err wire_get_bare(struct span payload)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    return cursor_end_fields(&c);
}

void wire_put_text(struct buf *out, struct span text)
{
    size_t begin = message_begin(out, MESSAGE_TEXT);

    buf_add_sized16(out, text.data, text.len);
    message_end(out, begin);
}

enum err wire_get_text(struct span payload, struct span *text)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    *text = cursor_sized16(&c, LIMIT_TEXT);
    if (!c.failed && text->len == 0)
        return ERR_EMPTY;
    if (!c.failed && !text_valid(text->data, text->len))
        return ERR_UTF8;
    return cursor_end_fields(&c);
}
