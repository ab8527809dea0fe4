#include "tests/kit/audience.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/kit/jpegs.h"
#include "tests/kit/keys.h"
#include "wire/hello.h"
#include "wire/video.h"

static void must(bool held)
{
    if (!held)
        abort();
}

static struct buf message(void)
{
    struct buf b;

    buf_init(&b, 2 * LIMIT_MESSAGE);
    return b;
}

bool audience_begin(struct audience *a, const char *name, const char *viewers, bool plain)
{
    char path[512];

    scratch_path(&a->dir, name, path);
    if (access(path, F_OK) != 0)
        must(mkfifo(path, 0600) == 0);
    return caster_begin(
        &a->v.client,
        &(struct caster_wish){.name = name, .source = path, .viewers = viewers, .plain = plain});
}

void audience_ask(struct audience *a, const char *viewers, bool plain)
{
    char path[512];

    *a = (struct audience){.pipe_fd = -1};
    scratch_make(&a->dir);
    a->jpeg = jpegs_make(32, 16, 0x123456, &a->jpeg_len);
    visitor_open(&a->v);
    a->v.features = FEATURE_LIVE;
    visitor_go_in(&a->v);
    visitor_forget(&a->v);
    must(audience_begin(a, "door", viewers, plain));
    a->cast = a->v.client.castings;
    scratch_path(&a->dir, "door", path);
    a->pipe_fd = open(path, O_WRONLY | O_CLOEXEC);
    must(a->pipe_fd >= 0);
    visitor_settle(&a->v);
    must(audience_saw(a, MESSAGE_CAST) == 1);
}

void audience_open(struct audience *a, const char *viewers, bool plain)
{
    audience_ask(a, viewers, plain);
    audience_say(a, a->cast, MESSAGE_CASTING, 0);
    audience_say(a, a->cast, MESSAGE_GRANT, 1000000);
    must(a->cast->state == CASTING_OPEN);
    visitor_forget(&a->v);
}

void audience_close(struct audience *a)
{
    if (a->pipe_fd >= 0)
        close(a->pipe_fd);
    visitor_close(&a->v);
    free(a->jpeg);
    scratch_remove(&a->dir);
}

void audience_say(struct audience *a, const struct casting *k, enum message_type type,
                  uint32_t other)
{
    struct buf b = message();

    if (type == MESSAGE_CASTING || type == MESSAGE_UNCAST)
        wire_put_number(&b, type, k->number);
    else
        wire_put_pair(&b, type, k->number, other);
    visitor_send(&a->v, &b);
}

void audience_feed(struct audience *a)
{
    must(write(a->pipe_fd, a->jpeg, a->jpeg_len) == (ssize_t)a->jpeg_len);
    visitor_settle(&a->v);
}

void audience_put_ask(struct audience *a, const struct audience_ask *q, struct buf *out)
{
    struct shot_key m = {.nonce = {(uint8_t)q->viewer, 7}};
    struct envelope_content c = visitor_content(&a->v, 1, "");
    struct wire_pass pass = {.number = q->cast->number,
                             .viewer = q->viewer,
                             .fingerprint = keys_get(q->key)->public.fingerprint};
    struct buf body = message(), envelope = message();
    size_t at;

    memcpy(m.id, q->cast->id, sizeof m.id);
    m.id[0] ^= q->id_off;
    strcpy(pass.from, q->from);
    memset(c.sender, 0, sizeof c.sender);
    strcpy(c.sender, q->from);
    shot_put_ask(&body, &m);
    c.kind = ENVELOPE_CAST_ASK;
    c.body = (struct span){body.data, body.len};
    must(envelope_seal_one(&envelope, keys_get(q->by), &a->v.random, &c,
                           &keys_get(VISITOR_ME)->public) == ERR_OK);
    at = wire_asked_begin(out, &pass);
    buf_add(out, envelope.data, envelope.len);
    message_end(out, at);
    buf_free(&body);
    buf_free(&envelope);
}

void audience_asks(struct audience *a, const struct audience_ask *q)
{
    struct buf b = message();

    audience_put_ask(a, q, &b);
    visitor_send(&a->v, &b);
}

void audience_bob_asks(struct audience *a)
{
    audience_asks(a, &(struct audience_ask){a->cast, "bob", VISITOR_BOB, VISITOR_BOB, 3, 0});
}

void audience_carol_asks(struct audience *a)
{
    audience_asks(a, &(struct audience_ask){a->cast, "carol", VISITOR_CAROL, VISITOR_CAROL, 4, 0});
}

bool audience_opens_give(struct span payload, unsigned who, uint32_t cast, uint32_t viewer,
                         struct shot_key *key)
{
    struct wire_pass m;
    struct envelope_content c;
    struct buf plain = message();
    bool good;

    must(wire_get_give(payload, &m) == ERR_OK);
    good = m.number == cast && m.viewer == viewer &&
           envelope_open(&c, &plain, keys_get(who), m.envelope.data, m.envelope.len) == ERR_OK;
    if (good)
        must(c.kind == ENVELOPE_CAST_KEY && shot_get_key(c.body, key) == ERR_OK);
    buf_free(&plain);
    return good;
}

bool audience_given(struct audience *a, unsigned who, uint32_t viewer, struct shot_key *key)
{
    struct span payload;

    must(visitor_saw(&a->v, MESSAGE_GIVE, &payload) > 0);
    if (!audience_opens_give(payload, who, a->cast->number, viewer, key))
        return false;
    must(memcmp(key->id, a->cast->id, sizeof key->id) == 0);
    return true;
}

bool audience_opens(const struct audience *a, const struct casting *k, struct span payload,
                    const uint8_t key[static GCM_KEY])
{
    struct shot_place p = {0};
    struct wire_shot m;
    uint8_t copy[4096];

    must(wire_get_shot(payload, &m) == ERR_OK && m.flags == (FRAME_FIRST | FRAME_LAST));
    must(m.data.len == a->jpeg_len + GCM_TAG && m.data.len <= sizeof copy);
    memcpy(p.caster, a->v.client.identity.public.fingerprint, sizeof p.caster);
    memcpy(p.id, k->id, sizeof p.id);
    p.epoch = m.epoch;
    p.number = m.number;
    p.pts_ns = m.pts_ns;
    memcpy(copy, m.data.data, m.data.len);
    return shot_open(key, &p, copy, m.data.len) && memcmp(copy, a->jpeg, a->jpeg_len) == 0;
}

bool audience_sees(struct audience *a, const struct shot_key *key)
{
    struct span payload;

    must(visitor_saw(&a->v, MESSAGE_SHOT, &payload) > 0);
    return audience_opens(a, a->cast, payload, key->key);
}

size_t audience_saw(const struct audience *a, enum message_type type)
{
    return visitor_saw(&a->v, (uint8_t)type, NULL);
}

struct wire_shot audience_shot(const struct audience *a, size_t nth)
{
    const struct buf *seen = &a->v.pair.server.seen;
    struct cursor c = cursor_over(seen->data, seen->len);
    struct wire_shot m = {0};

    for (size_t i = 0; i <= nth;) {
        uint8_t type = cursor_get8(&c);
        struct span payload = cursor_sized32(&c, LIMIT_MESSAGE);

        must(!c.failed);
        if (type == MESSAGE_SHOT && i++ == nth)
            must(wire_get_shot(payload, &m) == ERR_OK);
    }
    return m;
}
