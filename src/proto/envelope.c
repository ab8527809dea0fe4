#include "proto/envelope.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "base/wipe.h"
#include "crypto/gcm.h"
#include "crypto/oaep.h"
#include "proto/envelope_content.h"
#include "proto/envelope_outer.h"

static const uint8_t label_bytes[] = "den1 envelope";
static const struct span label = {label_bytes, sizeof label_bytes - 1};
/* Each key seals one envelope, so its nonce needs no variety. */
static const uint8_t nonce[GCM_NONCE];

static enum err check_content(const struct envelope_content *c)
{
    if (!text_name_valid(c->sender, strlen(c->sender)))
        return ERR_NAME;
    return c->body.len > LIMIT_BODY ? ERR_LIMIT : ERR_OK;
}

static void add_head(struct buf *out, enum envelope_form form, struct random *random)
{
    uint8_t reserved[16];

    random_bytes(random, reserved, sizeof reserved);
    buf_add8(out, ENVELOPE_VERSION);
    buf_add8(out, ENVELOPE_SUITE);
    buf_add8(out, (uint8_t)form);
    buf_add(out, reserved, sizeof reserved);
}

/* Appends length, ciphertext and tag; head is where the head stands in out. */
static enum err add_sealed(struct buf *out, size_t head, const uint8_t *key,
                           const struct envelope_content *c, const struct identity *id,
                           struct random *random)
{
    size_t size = envelope_outer_class(envelope_content_size(c));

    buf_add32(out, (uint32_t)(size + GCM_TAG));
    uint8_t *plain = buf_reserve(out, size + GCM_TAG);
    if (plain == NULL)
        return ERR_MEMORY;
    enum err e = envelope_content_write(plain, size, c, id, random);
    if (e != ERR_OK) {
        wipe(plain, size);
        return e;
    }
    struct span aad = {out->data + head, ENVELOPE_HEAD};
    gcm_seal(key, nonce, aad, plain, size, plain + size);
    buf_grew(out, size + GCM_TAG);
    return ERR_OK;
}

static enum err add_wrapped(struct buf *out, const uint8_t *key, const struct public_key *to,
                            struct random *random)
{
    uint8_t *wrapped = buf_reserve(out, SIZE_WRAPPED);

    if (wrapped == NULL)
        return ERR_MEMORY;
    if (!oaep_wrap(wrapped, random, to, label, key, GCM_KEY))
        return ERR_KEY;
    buf_grew(out, SIZE_WRAPPED);
    return ERR_OK;
}

enum err envelope_seal_one(struct buf *out, const struct identity *id, struct random *random,
                           const struct envelope_content *c, const struct public_key *to)
{
    struct envelope_content own = *c;
    uint8_t key[GCM_KEY];
    size_t head = out->len;
    enum err e = check_content(c);

    if (e != ERR_OK)
        return e;
    own.key = id->public;
    own.to = ENVELOPE_ONE;
    memcpy(own.receiver, to->fingerprint, sizeof own.receiver);
    random_bytes(random, key, sizeof key);
    add_head(out, ENVELOPE_ONE, random);
    e = add_wrapped(out, key, to, random);
    if (e == ERR_OK)
        e = add_sealed(out, head, key, &own, id, random);
    wipe(key, sizeof key);
    return e;
}

static int compare_keys(const void *a, const void *b)
{
    const struct public_key *const *x = a, *const *y = b;

    return memcmp((*x)->fingerprint, (*y)->fingerprint, SIZE_FINGERPRINT);
}

/* The server finds a receiver's slots by bisection, so they are sorted. */
static enum err add_slots(struct buf *out, const uint8_t *key, const struct public_key *const *to,
                          size_t count, struct random *random)
{
    const struct public_key **sorted = calloc(count + 1, sizeof(struct public_key *));
    enum err e = sorted == NULL ? ERR_MEMORY : ERR_OK;

    buf_add16(out, (uint16_t)count);
    if (sorted != NULL && count > 0) {
        memcpy(sorted, to, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, compare_keys);
    }
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        buf_add(out, sorted[i]->fingerprint, ENVELOPE_HINT);
        e = add_wrapped(out, key, sorted[i], random);
    }
    free(sorted);
    return e == ERR_OK && out->failed ? ERR_MEMORY : e;
}

enum err envelope_seal_all(struct buf *out, const struct identity *id, struct random *random,
                           const struct envelope_content *c, const struct public_key *const *to,
                           size_t count)
{
    struct envelope_content own = *c;
    uint8_t key[GCM_KEY];
    size_t head = out->len;
    enum err e = count > LIMIT_SLOTS ? ERR_LIMIT : check_content(c);

    if (e != ERR_OK)
        return e;
    own.key = id->public;
    own.to = ENVELOPE_ALL;
    memset(own.receiver, 0, sizeof own.receiver);
    random_bytes(random, key, sizeof key);
    add_head(out, ENVELOPE_ALL, random);
    e = add_sealed(out, head, key, &own, id, random);
    if (e == ERR_OK)
        e = add_slots(out, key, to, count, random);
    wipe(key, sizeof key);
    return e;
}

enum err envelope_check(const void *bytes, size_t len)
{
    struct envelope_outer outer;

    return envelope_outer_parse(&outer, bytes, len);
}

enum envelope_form envelope_form_of(const void *bytes)
{
    return ((const uint8_t *)bytes)[2] == ENVELOPE_ALL ? ENVELOPE_ALL : ENVELOPE_ONE;
}

size_t envelope_slots(const void *bytes, size_t len)
{
    struct envelope_outer outer = {0};

    envelope_outer_locate(&outer, bytes, len);
    return outer.count;
}

void envelope_pass(struct buf *out, const void *bytes, size_t len,
                   const uint8_t fingerprint[static SIZE_FINGERPRINT])
{
    struct envelope_outer outer;
    size_t first;

    if (envelope_form_of(bytes) == ENVELOPE_ONE) {
        buf_add(out, bytes, len);
        return;
    }
    envelope_outer_locate(&outer, bytes, len);
    size_t count = envelope_outer_slots(&outer, fingerprint, &first);
    buf_add(out, bytes, (size_t)(outer.sealed.data + outer.sealed.len - (const uint8_t *)bytes));
    buf_add16(out, (uint16_t)count);
    buf_add(out, outer.slots + first * ENVELOPE_SLOT, count * ENVELOPE_SLOT);
}

size_t envelope_common(const void *bytes, size_t len)
{
    struct envelope_outer outer;

    envelope_outer_locate(&outer, bytes, len);
    return (size_t)(outer.sealed.data + outer.sealed.len - (const uint8_t *)bytes);
}

static bool unwrap(uint8_t key[static GCM_KEY], const struct envelope_outer *outer,
                   const struct identity *id)
{
    size_t first;

    if (outer->form == ENVELOPE_ONE)
        return oaep_open(key, GCM_KEY, id, label, outer->wrapped);
    size_t count = envelope_outer_slots(outer, id->public.fingerprint, &first);
    for (size_t i = first; i < first + count; i++)
        if (oaep_open(key, GCM_KEY, id, label, outer->slots + i * ENVELOPE_SLOT + ENVELOPE_HINT))
            return true;
    return false;
}

static enum err decrypt(struct buf *plain, const struct envelope_outer *outer,
                        const struct identity *id)
{
    uint8_t key[GCM_KEY];
    size_t size = outer->sealed.len - GCM_TAG;
    enum err e = ERR_SEALED;

    if (!unwrap(key, outer, id))
        return ERR_SEALED;
    buf_add(plain, outer->sealed.data, size);
    if (plain->failed)
        e = ERR_MEMORY;
    else if (gcm_open(key, nonce, outer->head, plain->data, size, outer->sealed.data + size))
        e = ERR_OK;
    wipe(key, sizeof key);
    return e;
}

static bool addressed(const struct envelope_content *c, enum envelope_form form,
                      const struct identity *id)
{
    if (c->to != form)
        return false;
    return form == ENVELOPE_ALL ||
           bytes_equal(c->receiver, id->public.fingerprint, SIZE_FINGERPRINT);
}

enum err envelope_open(struct envelope_content *out, struct buf *plain, const struct identity *id,
                       const void *bytes, size_t len)
{
    struct envelope_outer outer;
    enum err e = envelope_outer_parse(&outer, bytes, len);

    buf_clear(plain);
    if (e == ERR_OK)
        e = decrypt(plain, &outer, id);
    if (e == ERR_OK)
        e = envelope_content_read(out, plain->data, plain->len);
    if (e == ERR_OK && !addressed(out, outer.form, id))
        e = ERR_ADDRESS;
    return e;
}

enum err envelope_expect(const struct envelope_content *c,
                         const uint8_t server[static SIZE_FINGERPRINT],
                         const uint8_t sender[static SIZE_FINGERPRINT], const char *name)
{
    if (!bytes_equal(c->server, server, SIZE_FINGERPRINT))
        return ERR_ADDRESS;
    if (!bytes_equal(c->key.fingerprint, sender, SIZE_FINGERPRINT))
        return ERR_KEY;
    return text_name_same(c->sender, name) ? ERR_OK : ERR_NAME;
}
