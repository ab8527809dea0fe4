#include "proto/envelope_outer.h"

#include <string.h>

#include "crypto/gcm.h"

#define CLASS_FIRST 1024
#define CLASS_LAST (LIMIT_SEALED - GCM_TAG)

size_t envelope_outer_class(size_t len)
{
    for (size_t power = CLASS_FIRST; power <= CLASS_LAST; power *= 2) {
        if (len <= power)
            return power;
        if (len <= power + power / 2)
            return power + power / 2;
    }
    return 0;
}

static bool class_fits(struct span sealed)
{
    return sealed.len > GCM_TAG &&
           envelope_outer_class(sealed.len - GCM_TAG) == sealed.len - GCM_TAG;
}

/* A number below 2^2047 is below every modulus of 2048 bits: it does not tell whose it is. */
static bool top_bit_clear(const uint8_t *wrapped)
{
    return (wrapped[0] & 0x80) == 0;
}

static bool slots_fit(const struct envelope_outer *e)
{
    for (size_t i = 0; i < e->count; i++) {
        const uint8_t *slot = e->slots + i * ENVELOPE_SLOT;

        if (!top_bit_clear(slot + ENVELOPE_HINT))
            return false;
        if (i > 0 && memcmp(slot - ENVELOPE_SLOT, slot, ENVELOPE_HINT) > 0)
            return false;
    }
    return true;
}

static enum err parse_one(struct envelope_outer *e, struct cursor *c)
{
    e->wrapped = cursor_take(c, SIZE_WRAPPED);
    e->sealed = cursor_sized32(c, LIMIT_SEALED);
    enum err end = cursor_end(c);
    if (end != ERR_OK)
        return end;
    return class_fits(e->sealed) && top_bit_clear(e->wrapped) ? ERR_OK : ERR_FORMAT;
}

static enum err parse_all(struct envelope_outer *e, struct cursor *c)
{
    e->sealed = cursor_sized32(c, LIMIT_SEALED);
    e->count = cursor_get16(c);
    if (e->count > LIMIT_SLOTS)
        return ERR_LIMIT;
    e->slots = cursor_take(c, e->count * ENVELOPE_SLOT);
    enum err end = cursor_end(c);
    if (end != ERR_OK)
        return end;
    return class_fits(e->sealed) ? ERR_OK : ERR_FORMAT;
}

enum err envelope_outer_locate(struct envelope_outer *out, const void *bytes, size_t len)
{
    struct cursor c = cursor_over(bytes, len);

    *out = (struct envelope_outer){0};
    out->head = (struct span){cursor_take(&c, ENVELOPE_HEAD), ENVELOPE_HEAD};
    if (out->head.data == NULL)
        return ERR_SHORT;
    if (out->head.data[0] != ENVELOPE_VERSION || out->head.data[1] != ENVELOPE_SUITE)
        return ERR_VERSION;
    switch (out->head.data[2]) {
    case ENVELOPE_ONE:
        out->form = ENVELOPE_ONE;
        return parse_one(out, &c);
    case ENVELOPE_ALL:
        out->form = ENVELOPE_ALL;
        return parse_all(out, &c);
    default:
        return ERR_FORMAT;
    }
}

enum err envelope_outer_parse(struct envelope_outer *out, const void *bytes, size_t len)
{
    enum err e = envelope_outer_locate(out, bytes, len);

    return e == ERR_OK && !slots_fit(out) ? ERR_FORMAT : e;
}

size_t envelope_outer_slots(const struct envelope_outer *e, const uint8_t *fingerprint,
                            size_t *first)
{
    size_t low = 0, high = e->count, found = 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (memcmp(e->slots + middle * ENVELOPE_SLOT, fingerprint, ENVELOPE_HINT) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *first = low;
    while (found < LIMIT_HINTS && low + found < e->count &&
           memcmp(e->slots + (low + found) * ENVELOPE_SLOT, fingerprint, ENVELOPE_HINT) == 0)
        found++;
    return found;
}
