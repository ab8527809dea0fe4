#include "tests/kit/screening.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "tests/kit/jpegs.h"
#include "tests/kit/keys.h"
#include "wire/hello.h"
#include "wire/video.h"

#define PATIENCE_MS 20000

static void must(bool held)
{
    if (!held)
        abort();
}

static struct buf message(void)
{
    struct buf b;

    buf_init(&b, 4 * LIMIT_FRAME);
    return b;
}

void screening_asked(struct screening *s)
{
    struct span payload;
    struct wire_play m;

    must(visitor_saw(&s->v, MESSAGE_PLAY, &payload) == 1);
    must(wire_get_play(payload, &m) == ERR_OK);
    s->stream = m.stream;
    visitor_forget(&s->v);
}

void screening_ask(struct screening *s)
{
    struct random random = keys_random(95);

    *s = (struct screening){0};
    random_bytes(&random, s->id, sizeof s->id);
    random_bytes(&random, s->keys, sizeof s->keys);
    s->jpeg = jpegs_make(32, 16, 0x654321, &s->jpeg_len);
    visitor_open(&s->v);
    s->v.config.json = true; /* so that frames are hashed */
    s->v.config.reconnect = true;
    s->v.features = FEATURE_LIVE;
    visitor_go_in(&s->v);
    visitor_forget(&s->v);
    cinema_play(&s->v.client, "door", "");
    visitor_settle(&s->v);
    screening_asked(s);
}

void screening_open(struct screening *s, bool sealed)
{
    struct buf out = message();

    screening_ask(s);
    screening_put_live(s, sealed, VISITOR_BOB, &out);
    visitor_send(&s->v, &out);
    must(s->v.client.live.on && s->v.client.cinema.player != NULL);
}

void screening_close(struct screening *s)
{
    visitor_close(&s->v);
    free(s->jpeg);
}

void screening_put_live(const struct screening *s, bool sealed, unsigned key, struct buf *out)
{
    struct wire_cast m = {.cast = s->stream,
                          .flags = sealed ? CAST_SEALED : 0,
                          .id = s->id,
                          .name = {(const uint8_t *)"door", 4},
                          .from = "bob",
                          .spki = keys_get(key)->public.spki};

    wire_put_live(out, &m);
}

static void put_body(const struct screening *s, const struct screening_key *k, struct buf *out)
{
    struct shot_key m = {.epoch = k->epoch};

    memcpy(m.id, s->id, sizeof m.id);
    m.id[0] ^= k->id_off;
    memcpy(m.key, s->keys[k->epoch % SCREENING_EPOCHS], sizeof m.key);
    if (k->answers)
        memcpy(m.nonce, s->v.client.live.ring.nonce, sizeof m.nonce);
    shot_put_key(out, &m);
}

void screening_put_key(struct screening *s, const struct screening_key *k, struct buf *out)
{
    const struct public_key *to[] = {&keys_get(VISITOR_CAROL)->public,
                                     &keys_get(VISITOR_ME)->public};
    const struct identity *by = keys_get(k->by != 0 ? k->by : VISITOR_BOB);
    struct envelope_content c = visitor_content(&s->v, 1, "");
    struct buf body = message();
    enum err e;

    put_body(s, k, &body);
    c.kind = (uint8_t)(k->kind != 0 ? k->kind : ENVELOPE_CAST_KEY);
    c.server[0] ^= k->server_off;
    c.body = (struct span){body.data, body.len};
    e = k->all ? envelope_seal_all(out, by, &s->v.random, &c, to, 2)
               : envelope_seal_one(out, by, &s->v.random, &c, to[1]);
    must(e == ERR_OK);
    buf_free(&body);
}

void screening_give(struct screening *s, const struct screening_key *k)
{
    struct buf out = message(), envelope = message();
    size_t begin = wire_given_begin(&out, s->stream);

    screening_put_key(s, k, &envelope);
    buf_add(&out, envelope.data, envelope.len);
    message_end(&out, begin);
    visitor_send(&s->v, &out);
    buf_free(&envelope);
}

bool screening_question(struct screening *s, struct shot_key *m)
{
    struct span payload;
    struct wire_pass pass;
    struct envelope_content c;
    struct buf plain;
    bool good;

    if (visitor_saw(&s->v, MESSAGE_ASK, &payload) == 0)
        return false;
    must(wire_get_ask(payload, &pass) == ERR_OK && pass.number == s->stream);
    buf_init(&plain, LIMIT_SEALED);
    good = envelope_open(&c, &plain, keys_get(VISITOR_BOB), pass.envelope.data,
                         pass.envelope.len) == ERR_OK &&
           c.kind == ENVELOPE_CAST_ASK && c.to == ENVELOPE_ONE && strcmp(c.sender, "me") == 0 &&
           shot_get_ask(c.body, m) == ERR_OK && memcmp(m->id, s->id, sizeof m->id) == 0;
    buf_free(&plain);
    return good;
}

/* With the number in a comment of its own. */
void screening_picture(const struct screening *s, uint64_t number, struct buf *out)
{
    buf_add(out, s->jpeg, 2);
    buf_add16(out, 0xfffe);
    buf_add16(out, 10);
    buf_add64(out, number);
    buf_add(out, s->jpeg + 2, s->jpeg_len - 2);
}

void screening_seal(const struct screening *s, const struct shot_place *p, struct buf *frame)
{
    struct shot_place place = *p;
    size_t len = frame->len;

    if (p->epoch == 0)
        return;
    for (size_t i = 0; i < sizeof place.caster; i++)
        place.caster[i] ^= keys_get(VISITOR_BOB)->public.fingerprint[i];
    for (size_t i = 0; i < sizeof place.id; i++)
        place.id[i] ^= s->id[i];
    must(buf_reserve(frame, GCM_TAG) != NULL);
    buf_grew(frame, GCM_TAG);
    shot_seal(s->keys[p->epoch % SCREENING_EPOCHS], &place, frame->data, len);
}

void screening_put_shots(const struct screening *s, const struct wire_shot *m, struct span frame,
                         size_t piece, struct buf *out)
{
    for (size_t at = 0; at < frame.len; at += piece) {
        size_t len = frame.len - at < piece ? frame.len - at : piece;
        struct wire_shot part = *m;
        uint8_t *to = buf_reserve(out, SHOT_HEAD + len);
        size_t head;

        must(to != NULL);
        part.stream = s->stream;
        part.length = (uint32_t)frame.len;
        part.flags =
            (uint8_t)((at == 0 ? FRAME_FIRST : 0) | (at + len == frame.len ? FRAME_LAST : 0));
        head = wire_shot_head(to, &part, len);
        memcpy(to + head, frame.data + at, len);
        buf_grew(out, head + len);
    }
}

void screening_shoot(struct screening *s, uint64_t number, uint32_t epoch)
{
    const struct shot_place place = {
        .number = number, .epoch = epoch, .pts_ns = (int64_t)(number % 1000)};
    const struct wire_shot m = {.number = number, .epoch = epoch, .pts_ns = place.pts_ns};
    struct buf frame = message(), out = message();

    screening_picture(s, number, &frame);
    screening_seal(s, &place, &frame);
    screening_put_shots(s, &m, (struct span){frame.data, frame.len}, 500, &out);
    visitor_send(&s->v, &out);
    buf_free(&frame);
}

void screening_end(struct screening *s, uint8_t reason)
{
    struct buf out = message();

    wire_put_stream_end(&out, s->stream, (enum wire_end)reason, "it is over");
    visitor_send(&s->v, &out);
}

size_t screening_taken(const struct screening *s)
{
    struct player *p = s->v.client.cinema.player;

    return p == NULL ? 0 : (size_t)player_counts(p).bytes;
}

size_t screening_told(struct screening *s, uint64_t number)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t hash[DIGEST_SIZE];
    char text[2 * DIGEST_SIZE + 1] = {0};
    struct buf picture = message();

    screening_picture(s, number, &picture);
    digest_sha256(hash, picture.data, picture.len);
    for (size_t i = 0; i < sizeof hash; i++) {
        text[2 * i] = digits[hash[i] >> 4];
        text[2 * i + 1] = digits[hash[i] & 15];
    }
    buf_free(&picture);
    return visitor_said(&s->v, text);
}

void screening_await(struct screening *s, uint64_t number)
{
    struct pollfd wait = {.events = POLLIN};

    visitor_settle(&s->v);
    while (screening_told(s, number) == 0) {
        must(s->v.client.cinema.player != NULL);
        wait.fd = player_fd(s->v.client.cinema.player);
        must(poll(&wait, 1, PATIENCE_MS) == 1);
        visitor_settle(&s->v);
    }
}
