#include "proto/shot.h"

#include <string.h>

#include "base/bytes.h"
#include "base/wipe.h"

#define AAD (SIZE_FINGERPRINT + SIZE_CAST_ID + 8)

static void make_nonce(uint8_t nonce[static GCM_NONCE], const struct shot_place *p)
{
    bytes_put32(nonce, p->epoch);
    bytes_put64(nonce + 4, p->number);
}

static struct span make_aad(uint8_t aad[static AAD], const struct shot_place *p)
{
    memcpy(aad, p->caster, SIZE_FINGERPRINT);
    memcpy(aad + SIZE_FINGERPRINT, p->id, SIZE_CAST_ID);
    bytes_put64(aad + SIZE_FINGERPRINT + SIZE_CAST_ID, (uint64_t)p->pts_ns);
    return (struct span){aad, AAD};
}

void shot_seal(const uint8_t key[static GCM_KEY], const struct shot_place *p, uint8_t *data,
               size_t len)
{
    uint8_t nonce[GCM_NONCE], aad[AAD];

    make_nonce(nonce, p);
    gcm_seal(key, nonce, make_aad(aad, p), data, len, data + len);
}

bool shot_open(const uint8_t key[static GCM_KEY], const struct shot_place *p, uint8_t *data,
               size_t len)
{
    uint8_t nonce[GCM_NONCE], aad[AAD];

    if (len <= GCM_TAG)
        return false;
    make_nonce(nonce, p);
    return gcm_open(key, nonce, make_aad(aad, p), data, len - GCM_TAG, data + len - GCM_TAG);
}

void shot_put_ask(struct buf *out, const struct shot_key *m)
{
    buf_add(out, m->id, sizeof m->id);
    buf_add(out, m->nonce, sizeof m->nonce);
}

void shot_put_key(struct buf *out, const struct shot_key *m)
{
    shot_put_ask(out, m);
    buf_add32(out, m->epoch);
    buf_add(out, m->key, sizeof m->key);
}

enum err shot_get_ask(struct span body, struct shot_key *m)
{
    struct cursor c = cursor_over(body.data, body.len);

    *m = (struct shot_key){0};
    cursor_copy(&c, m->id, sizeof m->id);
    cursor_copy(&c, m->nonce, sizeof m->nonce);
    return cursor_end_fields(&c);
}

enum err shot_get_key(struct span body, struct shot_key *m)
{
    struct cursor c = cursor_over(body.data, body.len);

    *m = (struct shot_key){0};
    cursor_copy(&c, m->id, sizeof m->id);
    cursor_copy(&c, m->nonce, sizeof m->nonce);
    m->epoch = cursor_get32(&c);
    cursor_copy(&c, m->key, sizeof m->key);
    if (!c.failed && m->epoch == 0)
        return ERR_FORMAT;
    return cursor_end_fields(&c);
}

void shot_ring_start(struct shot_ring *r, const uint8_t id[static SIZE_CAST_ID],
                     const uint8_t nonce[static SHOT_NONCE])
{
    shot_ring_wipe(r);
    memcpy(r->id, id, sizeof r->id);
    memcpy(r->nonce, nonce, sizeof r->nonce);
}

void shot_ring_wipe(struct shot_ring *r)
{
    wipe(r, sizeof *r);
}

bool shot_ring_add(struct shot_ring *r, const struct shot_key *m)
{
    bool first = r->keys[1].epoch == 0;

    if (memcmp(m->id, r->id, sizeof r->id) != 0 || m->epoch <= r->keys[1].epoch ||
        (first && !bytes_equal(m->nonce, r->nonce, sizeof r->nonce)))
        return false;
    if (!first)
        r->keys[0] = r->keys[1];
    r->keys[1] = *m;
    return true;
}

enum err shot_ring_open(struct shot_ring *r, const struct shot_place *p, uint8_t *data, size_t len)
{
    size_t i = r->keys[0].epoch != 0 && r->keys[0].epoch == p->epoch ? 0 : 1;

    if (p->epoch == 0 || r->keys[i].epoch != p->epoch)
        return ERR_UNKNOWN;
    if (!shot_open(r->keys[i].key, p, data, len))
        return ERR_SEALED;
    if (i == 1)
        wipe(&r->keys[0], sizeof r->keys[0]);
    return ERR_OK;
}
