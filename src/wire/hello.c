#include "wire/hello.h"

#include <string.h>

#include "base/text.h"

enum err wire_get_name(struct cursor *c, char name[static LIMIT_NAME + 1])
{
    struct span s = cursor_sized8(c, LIMIT_NAME);

    name[0] = 0;
    if (c->failed)
        return ERR_SHORT;
    if (!text_name_valid(s.data, s.len))
        return ERR_NAME;
    memcpy(name, s.data, s.len);
    name[s.len] = 0;
    return ERR_OK;
}

void wire_put_sentence(struct buf *out, const char *text)
{
    buf_add_sized16(out, text, text_fit(text, strlen(text), LIMIT_REASON));
}

static enum err get_sentence(struct cursor *c, struct span *text)
{
    *text = cursor_sized16(c, LIMIT_REASON);
    if (!c->failed && !text_valid(text->data, text->len))
        return ERR_UTF8;
    return cursor_end_fields(c);
}

void wire_put_hello(struct buf *out, const struct wire_hello *m)
{
    size_t begin = message_begin(out, MESSAGE_HELLO);

    buf_add16(out, m->version);
    buf_add64(out, m->features);
    buf_add8(out, m->flags);
    buf_add_sized8(out, m->name, strlen(m->name));
    buf_add_sized16(out, m->pem.data, m->pem.len);
    buf_add16(out, m->direct_port);
    message_end(out, begin);
}

enum err wire_get_hello(struct span payload, struct wire_hello *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);
    enum err e;

    m->version = cursor_get16(&c);
    m->features = cursor_get64(&c);
    m->flags = cursor_get8(&c);
    e = wire_get_name(&c, m->name);
    if (e != ERR_OK)
        return e;
    m->pem = cursor_sized16(&c, LIMIT_PEM);
    m->direct_port = cursor_get16(&c);
    return cursor_end_fields(&c);
}

void wire_put_hello_ack(struct buf *out, const struct wire_hello_ack *m)
{
    size_t begin = message_begin(out, MESSAGE_HELLO_ACK);

    buf_add16(out, m->version);
    buf_add64(out, m->features);
    buf_add_sized16(out, m->pem.data, m->pem.len);
    message_end(out, begin);
}

enum err wire_get_hello_ack(struct span payload, struct wire_hello_ack *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->version = cursor_get16(&c);
    m->features = cursor_get64(&c);
    m->pem = cursor_sized16(&c, LIMIT_PEM);
    return cursor_end_fields(&c);
}

void wire_put_ack(struct buf *out, const struct wire_ack *m)
{
    size_t begin = message_begin(out, MESSAGE_ACK);

    buf_add(out, m->signature, SIZE_SIGNATURE);
    buf_add_sized8(out, m->invitation.data, m->invitation.len);
    message_end(out, begin);
}

enum err wire_get_ack(struct span payload, struct wire_ack *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->signature = cursor_take(&c, SIZE_SIGNATURE);
    m->invitation = cursor_sized8(&c, SIZE_INVITATION);
    if (!c.failed && m->invitation.len != 0 && m->invitation.len != SIZE_INVITATION)
        return ERR_FORMAT;
    return cursor_end_fields(&c);
}

void wire_put_error(struct buf *out, uint16_t code, const char *text)
{
    size_t begin = message_begin(out, MESSAGE_ERROR);

    buf_add16(out, code);
    wire_put_sentence(out, text);
    message_end(out, begin);
}

enum err wire_get_error(struct span payload, struct wire_error *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->code = cursor_get16(&c);
    return get_sentence(&c, &m->text);
}

void wire_put_refused(struct buf *out, uint64_t about, uint16_t code, const char *text)
{
    size_t begin = message_begin(out, MESSAGE_REFUSED);

    buf_add64(out, about);
    buf_add16(out, code);
    wire_put_sentence(out, text);
    message_end(out, begin);
}

enum err wire_get_refused(struct span payload, struct wire_refused *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->about = cursor_get64(&c);
    m->code = cursor_get16(&c);
    return get_sentence(&c, &m->text);
}

void wire_put_quit(struct buf *out, const char *text)
{
    size_t begin = message_begin(out, MESSAGE_QUIT);

    wire_put_sentence(out, text);
    message_end(out, begin);
}

enum err wire_get_quit(struct span payload, struct span *text)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    return get_sentence(&c, text);
}
