#include "proto/binding.h"

#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "crypto/digest.h"

void binding_encode(struct buf *out, const struct binding *entry)
{
    buf_add64(out, entry->n);
    buf_add8(out, (uint8_t)entry->kind);
    buf_add_sized8(out, entry->name, strlen(entry->name));
    buf_add(out, entry->fingerprint, SIZE_FINGERPRINT);
}

enum err binding_decode(struct binding *entry, struct cursor *in)
{
    *entry = (struct binding){0};
    entry->n = cursor_get64(in);
    uint8_t kind = cursor_get8(in);
    size_t len = cursor_get8(in);
    const uint8_t *name = cursor_take(in, len);
    cursor_copy(in, entry->fingerprint, SIZE_FINGERPRINT);
    if (in->failed)
        return ERR_SHORT;
    if (kind != BINDING_BIND && kind != BINDING_RELEASE)
        return ERR_FORMAT;
    if (!text_name_valid(name, len))
        return ERR_NAME;
    entry->kind = kind == BINDING_BIND ? BINDING_BIND : BINDING_RELEASE;
    memcpy(entry->name, name, len);
    return ERR_OK;
}

void binding_chain(uint8_t h[static DIGEST_SIZE], const struct binding *entry)
{
    uint8_t head[10];
    size_t len = strlen(entry->name);
    struct digest d;

    bytes_put64(head, entry->n);
    head[8] = (uint8_t)entry->kind;
    head[9] = (uint8_t)len;
    digest_start(&d);
    digest_add(&d, h, DIGEST_SIZE);
    digest_add(&d, head, sizeof head);
    digest_add(&d, entry->name, len);
    digest_add(&d, entry->fingerprint, SIZE_FINGERPRINT);
    digest_get(&d, h);
}
