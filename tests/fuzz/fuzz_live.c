/* Who watches a sealed cast and has real keys of it, against a server that may do all that bob, who casts, can, and
 * anything else: keys in any order, frames under them as they should be, damaged, replayed and torn. What is shown was
 * sealed by bob, what is not is not; the rest is as of fuzz_client_session.
 *
 * Events: a byte and its arguments. The client stays in its room from one input to the next, unless that ended it. */
#include <string.h>

#include "client/client.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/memory.h"
#include "tests/kit/keys.h"
#include "tests/kit/screening.h"
#include "wire/hello.h"
#include "wire/live.h"
#include "wire/video.h"

#define EVENTS 64
#define MEMORY (48u << 20)
#define FRAMES 64     /* that bob sealed, in one input */
#define KEY_KINDS 128 /* envelopes that differ */

struct play {
    struct cursor c;
    struct buf out;
    uint64_t number;
    uint64_t sealed[FRAMES];
    size_t count;
    uint8_t last[4096]; /* the last frame that bob sealed */
    size_t last_len;
    size_t plays;
    bool sealed_only; /* no plain cast was there: all that is shown is bob's */
};

const bool fuzz_slow = true;

static struct screening s;
static bool is_open;

static void leave(void)
{
    if (is_open)
        screening_close(&s);
}

/* The same nonce each time, for the envelopes are kept. */
static void set_nonce(void)
{
    if (s.v.client.live.on)
        memset(s.v.client.live.ring.nonce, 0x11, SHOT_NONCE);
}

static void settle(void)
{
    visitor_settle(&s.v);
    set_nonce();
}

static void send_out(struct play *p)
{
    if (p->out.len > 0 && s.v.pair.server.link != NULL)
        FUZZ_HOLDS(link_send(s.v.pair.server.link, &p->out));
    buf_clear(&p->out);
    settle();
}

static uint32_t stream_of(uint8_t how)
{
    return s.v.client.cinema.stream + (how == 255);
}

static void put_live(struct play *p)
{
    uint8_t how = cursor_get8(&p->c);
    bool sealed = (how & 1) == 0;

    s.stream = stream_of(how);
    p->sealed_only = p->sealed_only && sealed;
    screening_put_live(&s, sealed, (how & 0x0e) == 2 ? VISITOR_CAROL : VISITOR_BOB, &p->out);
}

static void put_key(struct play *p)
{
    static struct buf made[KEY_KINDS];
    uint8_t how = cursor_get8(&p->c) % KEY_KINDS;
    const struct screening_key k = {.epoch = how & 7,
                                    .answers = (how & 8) != 0,
                                    .all = (how & 16) != 0,
                                    .id_off = (how & 96) == 32,
                                    .by = (how & 96) == 96 ? VISITOR_CAROL : 0};
    size_t begin;

    if (made[how].len == 0) {
        uint8_t nonce[SHOT_NONCE];

        memcpy(nonce, s.v.client.live.ring.nonce, sizeof nonce);
        memset(s.v.client.live.ring.nonce, 0x11, sizeof nonce);
        buf_init(&made[how], LIMIT_MESSAGE);
        screening_put_key(&s, &k, &made[how]);
        memcpy(s.v.client.live.ring.nonce, nonce, sizeof nonce);
    }
    begin = wire_given_begin(&p->out, stream_of(how));
    buf_add(&p->out, made[how].data, made[how].len);
    message_end(&p->out, begin);
}

/* As bob does it, of the next number or so, in pieces of about that size. */
static void put_sealed(struct play *p, uint8_t how, struct buf *frame)
{
    const struct shot_place place = {.number = p->number, .epoch = how & 7};

    screening_picture(&s, p->number, frame);
    screening_seal(&s, &place, frame);
    if (frame->len <= sizeof p->last) {
        memcpy(p->last, frame->data, frame->len);
        p->last_len = frame->len;
    }
}

static void put_frame(struct play *p, uint8_t how, const struct buf *frame)
{
    const struct wire_shot m = {.number = p->number, .epoch = how & 7};

    s.stream = stream_of(how);
    screening_put_shots(&s, &m, (struct span){frame->data, frame->len},
                        (how & 8) != 0 ? 97 : LIMIT_CHUNK / 2, &p->out);
}

static void put_good(struct play *p)
{
    uint8_t how = cursor_get8(&p->c);
    struct buf frame;

    if (p->count == FRAMES)
        return;
    buf_init(&frame, LIMIT_MESSAGE);
    p->number += 1 + (how >> 4) * (how >> 4) * 20u;
    p->sealed[p->count++] = p->number;
    put_sealed(p, how, &frame);
    put_frame(p, how, &frame);
    buf_free(&frame);
}

static void put_bad(struct play *p)
{
    uint8_t how = cursor_get8(&p->c);
    uint16_t at = cursor_get16(&p->c);
    uint8_t bits = cursor_get8(&p->c);
    struct buf frame;

    buf_init(&frame, LIMIT_MESSAGE);
    p->number += 1;
    if ((how & 16) != 0 && p->last_len > 0)
        buf_add(&frame, p->last, p->last_len); /* the one before again, as a new one */
    else
        put_sealed(p, how, &frame);
    if ((how & 32) != 0)
        frame.len = 1 + at % frame.len;
    frame.data[at % frame.len] ^= bits | 1;
    put_frame(p, how, &frame);
    buf_free(&frame);
}

/* The last one once more, under its number or a newer one. */
static void put_replay(struct play *p)
{
    uint8_t how = cursor_get8(&p->c);
    struct buf frame;

    buf_init(&frame, LIMIT_MESSAGE);
    buf_add(&frame, p->last, p->last_len);
    p->number += how >> 4 & 3;
    put_frame(p, how, &frame);
    buf_free(&frame);
}

static struct span rest(struct play *p)
{
    size_t len = cursor_get8(&p->c);

    len = len < p->c.left ? len : p->c.left;
    return (struct span){cursor_take(&p->c, len), len};
}

static void put_piece(struct play *p)
{
    uint8_t how = cursor_get8(&p->c), head[SHOT_HEAD];
    struct wire_shot m = {.stream = stream_of(how),
                          .track = how >> 7 & (how >> 6) & 1,
                          .flags = how & 3,
                          .number = p->number + (how >> 2 & 3),
                          .epoch = how >> 4 & 7,
                          .length = cursor_get32(&p->c)};

    m.data = rest(p);
    p->number = m.number;
    buf_add(&p->out, head, wire_shot_head(head, &m, m.data.len));
    buf_add(&p->out, m.data.data, m.data.len);
}

static void put_message(struct play *p)
{
    size_t begin = message_begin(&p->out, MESSAGE_CAST + cursor_get8(&p->c) % 16);
    struct span bytes = rest(p);

    buf_add(&p->out, bytes.data, bytes.len);
    message_end(&p->out, begin);
}

static void put_end(struct play *p)
{
    uint8_t how = cursor_get8(&p->c);

    if ((how & 8) != 0)
        wire_put_refused(&p->out, stream_of(how), how >> 4, "no");
    else
        wire_put_stream_end(&p->out, stream_of(how), (enum wire_end)(how & 7), "why");
}

/* The user, and time. */
static void user(struct play *p)
{
    struct client *c = &s.v.client;
    uint8_t how = cursor_get8(&p->c) & 3;

    if (c->state != CLIENT_ROOM)
        return;
    if (how == 0) {
        cinema_pause(c);
    } else if (how == 1) {
        cinema_stop(c, "stopped");
    } else if (how == 2) {
        cinema_play(c, "door", "");
        p->plays++;
    } else if (c->live.again != INT64_MAX) {
        live_tick(c, c->live.again);
    }
}

static void (*const events[])(struct play *p) = {
    put_live, put_key, put_good, put_bad, put_replay, put_piece, put_message, put_end, user,
};

enum { LIVE, KEY, GOOD, BAD, REPLAY, PIECE, MESSAGE, END, USER };

static void check(const struct play *p, size_t before)
{
    const size_t len = s.jpeg_len + 12; /* of a picture, screening_picture */

    FUZZ_HOLDS(memory_used() < before + MEMORY);
    if (p->sealed_only)
        FUZZ_HOLDS(screening_taken(&s) % len == 0 && screening_taken(&s) / len <= p->count);
}

/* Once in each play, for then it begins anew. */
static void check_said(const struct play *p)
{
    size_t told = 0, hashed = visitor_said(&s.v, "\"sha256\":\"");

    for (size_t i = 0; i < p->count; i++) {
        size_t n = screening_told(&s, p->sealed[i]);

        FUZZ_HOLDS(n <= p->plays);
        told += n;
    }
    if (p->sealed_only)
        FUZZ_HOLDS(told == hashed - visitor_said(&s.v, "\"outcome\":\"skipped\""));
    if (s.v.client.state == CLIENT_OVER && s.v.client.exit_code != CLIENT_EXIT_GOOD)
        FUZZ_HOLDS(visitor_said(&s.v, "\"event\":\"error\"") > 0);
}

/* As at the beginning of all. */
static void begin(void)
{
    if (!is_open) {
        screening_ask(&s);
        s.v.config.reconnect = false;
        is_open = true;
        return;
    }
    s.v.client.random = keys_random(91);
    s.v.client.exit_code = CLIENT_EXIT_GOOD;
    visitor_forget(&s.v);
    cinema_play(&s.v.client, "door", "");
    settle();
    screening_asked(&s);
}

static void end(void)
{
    if (s.v.client.state == CLIENT_ROOM && !s.v.pair.server.ended) {
        cinema_stop(&s.v.client, "stopped");
        settle();
    }
    if (s.v.client.state == CLIENT_ROOM && !s.v.pair.server.ended)
        return;
    screening_close(&s);
    is_open = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static bool known;
    struct play p = {.c = cursor_over(data, len), .plays = 1, .sealed_only = true};
    size_t before;

    if (!known)
        atexit(leave);
    known = true;
    begin();
    buf_init(&p.out, 2 * LIMIT_MESSAGE);
    before = memory_used();
    for (int i = 0; i < EVENTS && p.c.left > 0; i++) {
        uint8_t which = cursor_get8(&p.c);

        events[which % (sizeof events / sizeof *events)](&p);
        /* Half of the time more comes in the same turn. */
        if (which < 128 || p.c.left == 0)
            send_out(&p);
        check(&p, before);
    }
    send_out(&p);
    FUZZ_HOLDS(!s.v.pair.server.broken);
    check_said(&p);
    buf_free(&p.out);
    end();
    return 0;
}

#define ANSWER (8 + 1)
#define FOR_ALL 16

static const uint8_t watches[] = {LIVE, 0, KEY,  ANSWER, GOOD, 1, GOOD, 9, GOOD, 0x21,
                                  USER, 0, GOOD, 1,      USER, 0, GOOD, 1, END,  4};
static const uint8_t changes[] = {
    LIVE, 0, GOOD, 1, KEY,  ANSWER, KEY, FOR_ALL + 2, GOOD, 1, GOOD, 2, GOOD, 1,
    GOOD, 3, GOOD, 3, USER, 3,      KEY, 3,           GOOD, 3, USER, 1, USER, 2};
static const uint8_t forges[] = {LIVE, 0,      KEY,  ANSWER, GOOD, 1,     BAD,    1,  0,    9,
                                 0,    BAD,    0x11, 0,      0,    0,     BAD,    33, 0,    5,
                                 1,    REPLAY, 0x11, GOOD,   1,    PIECE, 0x15,   0,  0,    0,
                                 5,    2,      1,    2,      GOOD, 1,     REPLAY, 1,  GOOD, 1};
static const uint8_t keys[] = {LIVE, 0,           KEY,  1, KEY, ANSWER + FOR_ALL, KEY, ANSWER + 32,
                               KEY,  ANSWER + 96, GOOD, 1, KEY, ANSWER,           KEY, 1,
                               GOOD, 1,           END,  6};
static const uint8_t plain[] = {LIVE,    1,     PIECE, 3, 0,   0, 0,    4, 4,   0xff, 0xd8, 0xff,
                                0xd9,    PIECE, 1,     0, 0,   0, 9,    2, 1,   2,    KEY,  ANSWER,
                                MESSAGE, 9,     1,     7, END, 5, USER, 2, END, 0x18};

void fuzz_seeds(fuzz_put *put, void *context)
{
    put(context, watches, sizeof watches);
    put(context, changes, sizeof changes);
    put(context, forges, sizeof forges);
    put(context, keys, sizeof keys);
    put(context, plain, sizeof plain);
}
