#include "wire/room.h"

#include <string.h>

#include "base/text.h"
#include "wire/hello.h"

#define LIMIT_ADDRESS 46
/* No entry of a list is larger: a member with its key, name, address and fixed fields. */
#define LIST_ENTRY (SIZE_SPKI + LIMIT_NAME + LIMIT_ADDRESS + 32)

void wire_put_welcome(struct buf *out, const struct wire_welcome *m)
{
    size_t begin = message_begin(out, MESSAGE_WELCOME);

    buf_add_sized8(out, m->room.data, m->room.len);
    buf_add(out, m->log_id, SIZE_LOG_ID);
    buf_add64(out, m->last);
    buf_add64(out, m->n);
    buf_add(out, m->h, SIZE_FINGERPRINT);
    message_end(out, begin);
}

enum err wire_get_welcome(struct span payload, struct wire_welcome *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->room = cursor_sized8(&c, LIMIT_ROOM);
    m->log_id = cursor_take(&c, SIZE_LOG_ID);
    m->last = cursor_get64(&c);
    m->n = cursor_get64(&c);
    m->h = cursor_take(&c, SIZE_FINGERPRINT);
    if (!c.failed && !text_valid(m->room.data, m->room.len))
        return ERR_UTF8;
    return cursor_end_fields(&c);
}

bool wire_list_fits(const struct buf *out, size_t begin)
{
    return out->len - begin + LIST_ENTRY <= LIMIT_LIST;
}

size_t wire_members_begin(struct buf *out, uint8_t type)
{
    size_t begin = message_begin(out, type);

    buf_add8(out, 0);
    return begin;
}

/* Each member carries its length, so that later fields of it can be skipped. */
void wire_members_add(struct buf *out, const struct wire_member *m)
{
    size_t name = strlen(m->name);

    buf_add16(out, (uint16_t)(1 + 1 + name + SIZE_SPKI + 1 + m->address.len + 2));
    buf_add8(out, m->flags);
    buf_add_sized8(out, m->name, name);
    buf_add(out, m->spki, SIZE_SPKI);
    buf_add_sized8(out, m->address.data, m->address.len);
    buf_add16(out, m->direct_port);
}

void wire_members_end(struct buf *out, size_t begin, bool more)
{
    if (!out->failed)
        out->data[begin + MESSAGE_HEADER] = more;
    message_end(out, begin);
}

static bool list_over(struct wire_list *list, enum err *e)
{
    if (list->c.left > 0 && !list->c.failed)
        return false;
    *e = cursor_end(&list->c);
    return true;
}

struct wire_list wire_members_open(struct span payload)
{
    struct wire_list list = {.c = cursor_over(payload.data, payload.len)};

    list.more = cursor_get8(&list.c) != 0;
    return list;
}

static enum err get_member(struct span entry, struct wire_member *m)
{
    struct cursor c = cursor_over(entry.data, entry.len);
    enum err e;

    m->flags = cursor_get8(&c);
    e = wire_get_name(&c, m->name);
    if (e != ERR_OK)
        return e;
    m->spki = cursor_take(&c, SIZE_SPKI);
    m->address = cursor_sized8(&c, LIMIT_ADDRESS);
    m->direct_port = cursor_get16(&c);
    if (!c.failed && !text_valid(m->address.data, m->address.len))
        return ERR_UTF8;
    return cursor_end_fields(&c);
}

bool wire_members_next(struct wire_list *list, struct wire_member *m, enum err *e)
{
    struct span entry;

    if (list_over(list, e))
        return false;
    entry = cursor_sized16(&list->c, UINT16_MAX);
    *e = list->c.failed ? ERR_SHORT : get_member(entry, m);
    return *e == ERR_OK;
}

size_t wire_left_begin(struct buf *out)
{
    return message_begin(out, MESSAGE_LEFT);
}

void wire_left_add(struct buf *out, const struct wire_left *m)
{
    buf_add8(out, m->reason);
    buf_add(out, m->fingerprint, SIZE_FINGERPRINT);
    buf_add_sized8(out, m->name, strlen(m->name));
}

struct wire_list wire_left_open(struct span payload)
{
    return (struct wire_list){.c = cursor_over(payload.data, payload.len)};
}

bool wire_left_next(struct wire_list *list, struct wire_left *m, enum err *e)
{
    if (list_over(list, e))
        return false;
    m->reason = cursor_get8(&list->c);
    m->fingerprint = cursor_take(&list->c, SIZE_FINGERPRINT);
    *e = wire_get_name(&list->c, m->name);
    return *e == ERR_OK;
}

size_t wire_bindings_begin(struct buf *out)
{
    return message_begin(out, MESSAGE_BINDINGS);
}

void wire_bindings_add(struct buf *out, const struct wire_binding *m)
{
    buf_add64(out, m->n);
    buf_add8(out, m->kind);
    buf_add_sized8(out, m->name, strlen(m->name));
    buf_add(out, m->fingerprint, SIZE_FINGERPRINT);
}

struct wire_list wire_bindings_open(struct span payload)
{
    return (struct wire_list){.c = cursor_over(payload.data, payload.len)};
}

bool wire_bindings_next(struct wire_list *list, struct wire_binding *m, enum err *e)
{
    if (list_over(list, e))
        return false;
    m->n = cursor_get64(&list->c);
    m->kind = cursor_get8(&list->c);
    *e = wire_get_name(&list->c, m->name);
    if (*e != ERR_OK)
        return false;
    m->fingerprint = cursor_take(&list->c, SIZE_FINGERPRINT);
    if (list->c.failed || m->kind < 1 || m->kind > 2)
        *e = list->c.failed ? ERR_SHORT : ERR_FORMAT;
    return *e == ERR_OK;
}

void wire_put_send(struct buf *out, uint64_t id, struct span envelope)
{
    size_t begin = message_begin(out, MESSAGE_SEND);

    buf_add64(out, id);
    buf_add(out, envelope.data, envelope.len);
    message_end(out, begin);
}

enum err wire_get_send(struct span payload, struct wire_send *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    m->id = cursor_get64(&c);
    m->envelope = (struct span){c.at, c.left};
    return c.failed ? ERR_SHORT : ERR_OK;
}

size_t wire_sealed_begin(struct buf *out, uint64_t number, const char *from,
                         const uint8_t fingerprint[static SIZE_FINGERPRINT])
{
    size_t begin = message_begin(out, MESSAGE_SEALED);

    buf_add64(out, number);
    buf_add_sized8(out, from, strlen(from));
    buf_add(out, fingerprint, SIZE_FINGERPRINT);
    return begin;
}

enum err wire_get_sealed(struct span payload, struct wire_sealed *m)
{
    struct cursor c = cursor_over(payload.data, payload.len);
    enum err e;

    m->number = cursor_get64(&c);
    e = wire_get_name(&c, m->from);
    if (e != ERR_OK)
        return e;
    m->fingerprint = cursor_take(&c, SIZE_FINGERPRINT);
    m->envelope = (struct span){c.at, c.left};
    return c.failed ? ERR_SHORT : ERR_OK;
}

void wire_put_accepted(struct buf *out, uint64_t id, uint64_t number)
{
    size_t begin = message_begin(out, MESSAGE_ACCEPTED);

    buf_add64(out, id);
    buf_add64(out, number);
    message_end(out, begin);
}

enum err wire_get_accepted(struct span payload, uint64_t *id, uint64_t *number)
{
    struct cursor c = cursor_over(payload.data, payload.len);

    *id = cursor_get64(&c);
    *number = cursor_get64(&c);
    return cursor_end_fields(&c);
}
