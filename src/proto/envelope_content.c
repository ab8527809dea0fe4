#include "proto/envelope_content.h"

#include <string.h>

#include "base/bytes.h"
#include "base/cursor.h"
#include "base/text.h"
#include "crypto/pss.h"

#define PURPOSE "envelope"
#define LENGTH 4 /* bytes of the length before the content */
#define REST_AT (LENGTH + SIZE_SIGNATURE)
/* What stands around name and body: lengths, key, address, server, id, time, n, h, kind. */
#define FIXED (1 + SIZE_SPKI + 1 + 2 * SIZE_FINGERPRINT + 3 * 8 + 32 + 1 + 4)

size_t envelope_content_size(const struct envelope_content *c)
{
    return REST_AT + FIXED + strlen(c->sender) + c->body.len;
}

static void write_rest(struct buf *b, const struct envelope_content *c)
{
    buf_add_sized8(b, c->sender, strlen(c->sender));
    buf_add(b, c->key.spki, SIZE_SPKI);
    buf_add8(b, (uint8_t)c->to);
    buf_add(b, c->receiver, SIZE_FINGERPRINT);
    buf_add(b, c->server, SIZE_FINGERPRINT);
    buf_add64(b, c->id);
    buf_add64(b, c->time_ms);
    buf_add64(b, c->n);
    buf_add(b, c->h, sizeof c->h);
    buf_add8(b, c->kind);
    buf_add_sized32(b, c->body.data, c->body.len);
}

enum err envelope_content_write(uint8_t *plain, size_t size, const struct envelope_content *c,
                                const struct identity *id, struct random *random)
{
    struct buf rest;
    enum err e = ERR_OK;

    buf_init(&rest, size - REST_AT);
    memset(plain, 0, size);
    write_rest(&rest, c);
    struct span field = {rest.data, rest.len};
    if (rest.failed)
        e = ERR_MEMORY;
    else if (!pss_sign(plain + LENGTH, id, random, PURPOSE, &field, 1))
        e = ERR_KEY;
    if (e == ERR_OK) {
        bytes_put32(plain, (uint32_t)(SIZE_SIGNATURE + rest.len));
        memcpy(plain + REST_AT, rest.data, rest.len);
    }
    buf_free(&rest);
    return e;
}

static enum err read_address(struct envelope_content *out, struct cursor *c)
{
    static const uint8_t nobody[SIZE_FINGERPRINT];
    uint8_t to = cursor_get8(c);

    cursor_copy(c, out->receiver, sizeof out->receiver);
    if (to != ENVELOPE_ONE && to != ENVELOPE_ALL)
        return ERR_FORMAT;
    out->to = to == ENVELOPE_ONE ? ENVELOPE_ONE : ENVELOPE_ALL;
    if (to == ENVELOPE_ALL && memcmp(out->receiver, nobody, sizeof nobody) != 0)
        return ERR_FORMAT;
    return ERR_OK;
}

static enum err read_sender(struct envelope_content *out, struct cursor *c)
{
    struct span name = cursor_sized8(c, LIMIT_NAME);
    const uint8_t *spki = cursor_take(c, SIZE_SPKI);

    if (spki == NULL)
        return ERR_SHORT;
    if (!text_name_valid(name.data, name.len))
        return ERR_NAME;
    memcpy(out->sender, name.data, name.len);
    out->sender[name.len] = 0;
    return public_key_from_spki(&out->key, spki, SIZE_SPKI);
}

static enum err read_rest(struct envelope_content *out, struct cursor c)
{
    enum err e = read_sender(out, &c);

    if (e == ERR_OK)
        e = read_address(out, &c);
    if (e != ERR_OK)
        return e;
    cursor_copy(&c, out->server, sizeof out->server);
    out->id = cursor_get64(&c);
    out->time_ms = cursor_get64(&c);
    out->n = cursor_get64(&c);
    cursor_copy(&c, out->h, sizeof out->h);
    out->kind = cursor_get8(&c);
    out->body = cursor_sized32(&c, LIMIT_BODY);
    return cursor_end_fields(&c);
}

static bool all_zero(const uint8_t *p, size_t len)
{
    uint8_t any = 0;

    for (size_t i = 0; i < len; i++)
        any |= p[i];
    return any == 0;
}

enum err envelope_content_read(struct envelope_content *out, const uint8_t *plain, size_t size)
{
    *out = (struct envelope_content){0};
    if (size < REST_AT)
        return ERR_SHORT;
    size_t len = bytes_get32(plain);
    if (len < SIZE_SIGNATURE || len > size - LENGTH)
        return ERR_FORMAT;
    if (!all_zero(plain + LENGTH + len, size - LENGTH - len))
        return ERR_FORMAT;
    struct span rest = {plain + REST_AT, len - SIZE_SIGNATURE};
    enum err e = read_rest(out, cursor_over(rest.data, rest.len));
    if (e == ERR_OK && !pss_verify(plain + LENGTH, &out->key, PURPOSE, &rest, 1))
        e = ERR_SIGNATURE;
    return e;
}
