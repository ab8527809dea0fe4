#include "proto/talk_line.h"

#include <string.h>

#include "base/bytes.h"
#include "base/text.h"
#include "base/wipe.h"
#include "crypto/pss.h"
#include "wire/talk.h"

#define LINE_FIELDS 4
#define SAY_FIELDS 3

/* What is signed, with room for the numbers in it. */
struct signed_line {
    struct span fields[LINE_FIELDS];
    size_t count;
    const char *purpose;
    uint8_t direction[4], number[8];
};

void talk_line_start(struct talk_keys *k, enum talk_side side, const uint8_t key[static GCM_KEY],
                     const uint8_t exporter[static SIZE_EXPORTER])
{
    *k = (struct talk_keys){.side = side};
    memcpy(k->key, key, sizeof k->key);
    memcpy(k->exporter, exporter, sizeof k->exporter);
}

void talk_line_wipe(struct talk_keys *k)
{
    wipe(k, sizeof *k);
}

static enum talk_side other(enum talk_side side)
{
    return side == TALK_CLIENT ? TALK_SERVER : TALK_CLIENT;
}

static void signed_to_one(struct signed_line *s, const uint8_t *exporter, enum talk_side from,
                          const struct talk_line *line)
{
    bytes_put32(s->direction, (uint32_t)from);
    bytes_put64(s->number, line->counter);
    s->purpose = "line";
    s->fields[0] = (struct span){exporter, SIZE_EXPORTER};
    s->fields[1] = (struct span){s->direction, sizeof s->direction};
    s->fields[2] = (struct span){s->number, sizeof s->number};
    s->fields[3] = line->text;
    s->count = LINE_FIELDS;
}

static void signed_to_all(struct signed_line *s, const struct public_key *server,
                          const struct talk_line *line)
{
    bytes_put64(s->number, line->id);
    s->purpose = "say";
    s->fields[0] = (struct span){server->fingerprint, SIZE_FINGERPRINT};
    s->fields[1] = (struct span){s->number, sizeof s->number};
    s->fields[2] = line->text;
    s->count = SAY_FIELDS;
}

bool talk_line_sign(struct talk_line *line, const uint8_t exporter[static SIZE_EXPORTER],
                    enum talk_side from, const struct identity *id, struct random *random)
{
    struct signed_line s;
    bool good;

    signed_to_one(&s, exporter, from, line);
    good = pss_sign(line->signature, id, random, s.purpose, s.fields, s.count);
    wipe_stack();
    return good;
}

bool talk_line_sign_say(struct talk_line *line, const struct identity *server,
                        struct random *random)
{
    struct signed_line s;
    bool good;

    signed_to_all(&s, &server->public, line);
    good = pss_sign(line->signature, server, random, s.purpose, s.fields, s.count);
    wipe_stack();
    return good;
}

bool talk_line_holds(const struct talk_line *line, const struct talk_keys *k,
                     const struct public_key *peer)
{
    struct signed_line s;
    bool good;

    if (line->kind == TALK_SAY)
        signed_to_all(&s, peer, line);
    else
        signed_to_one(&s, k->exporter, other(k->side), line);
    good = pss_verify(line->signature, peer, s.purpose, s.fields, s.count);
    /* The hash of the text has passed over it. */
    wipe_stack();
    return good;
}

static void fill_nonce(uint8_t nonce[static GCM_NONCE], enum talk_side from, uint64_t counter)
{
    bytes_put32(nonce, (uint32_t)from);
    bytes_put64(nonce + 4, counter);
}

enum err talk_line_seal(struct talk_keys *k, struct buf *out, const struct talk_line *line)
{
    struct wire_line m = {.counter = k->sent};
    uint8_t nonce[GCM_NONCE], tag[GCM_TAG];
    struct buf plain;

    if (line->text.len < 1 || line->text.len > LIMIT_TALK)
        return ERR_LIMIT;
    if (line->kind == TALK_LINE && line->counter != k->sent)
        return ERR_STATE;
    buf_init(&plain, WIRE_TALK_LINE);
    buf_add8(&plain, (uint8_t)line->kind);
    if (line->kind == TALK_SAY)
        buf_add64(&plain, line->id);
    buf_add(&plain, line->signature, sizeof line->signature);
    buf_add(&plain, line->text.data, line->text.len);
    if (!plain.failed) {
        fill_nonce(nonce, k->side, k->sent);
        gcm_seal(k->key, nonce, (struct span){0}, plain.data, plain.len, tag);
        buf_add(&plain, tag, sizeof tag);
    }
    if (!plain.failed) {
        m.sealed = (struct span){plain.data, plain.len};
        wire_put_line(out, &m);
        k->sent++;
    }
    bool made = !plain.failed && !out->failed;
    buf_free(&plain);
    wipe_stack();
    return made ? ERR_OK : ERR_MEMORY;
}

static enum err decrypt(const struct talk_keys *k, const struct wire_line *m, struct buf *plain)
{
    uint8_t nonce[GCM_NONCE];
    size_t len = m->sealed.len - GCM_TAG;

    buf_add(plain, m->sealed.data, len);
    if (plain->failed)
        return ERR_MEMORY;
    fill_nonce(nonce, other(k->side), m->counter);
    return gcm_open(k->key, nonce, (struct span){0}, plain->data, len, m->sealed.data + len)
               ? ERR_OK
               : ERR_SEALED;
}

static enum err parse(const struct talk_keys *k, const struct buf *plain, struct talk_line *line)
{
    struct cursor c = cursor_over(plain->data, plain->len);
    uint8_t kind = cursor_get8(&c);

    if (kind != TALK_LINE && (kind != TALK_SAY || k->side == TALK_SERVER))
        return ERR_FORMAT;
    line->kind = (enum talk_kind)kind;
    line->id = kind == TALK_SAY ? cursor_get64(&c) : 0;
    cursor_copy(&c, line->signature, sizeof line->signature);
    if (c.failed || c.left == 0)
        return ERR_SHORT;
    line->text = (struct span){c.at, c.left};
    if (c.left > LIMIT_TALK)
        return ERR_LIMIT;
    if (!text_valid(c.at, c.left))
        return ERR_UTF8;
    return kind == TALK_SAY && line->id <= k->said ? ERR_REPLAY : ERR_OK;
}

enum err talk_line_open(struct talk_keys *k, struct span payload, struct buf *plain,
                        struct talk_line *line)
{
    struct wire_line m;
    enum err e = wire_get_line(payload, &m);

    *line = (struct talk_line){0};
    buf_clear(plain);
    if (e != ERR_OK)
        return e;
    if (m.counter != k->received)
        return ERR_REPLAY;
    e = decrypt(k, &m, plain);
    if (e == ERR_OK)
        e = parse(k, plain, line);
    wipe_stack();
    if (e != ERR_OK)
        return e;
    line->counter = k->received++;
    if (line->kind == TALK_SAY)
        k->said = line->id;
    return ERR_OK;
}
