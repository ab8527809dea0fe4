/* Frames of a cast that is watched, whole and damaged, forged, replayed, under keys that come in any order, in any pieces:
 * exactly those are shown that the caster sealed so. And what a server must not send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/dice.h"
#include "tests/kit/screening.h"
#include "wire/live.h"
#include "wire/video.h"

#define STEPS 300
#define EPOCHS 7

static struct screening s;

static int leave(void **state)
{
    (void)state;
    screening_close(&s);
    return 0;
}

enum tamper {
    TAMPER_NONE,
    TAMPER_BYTE,   /* one of the ciphertext */
    TAMPER_TAG,    /* or of the tag */
    TAMPER_SHORT,  /* the last byte is missing */
    TAMPER_LONG,   /* one is too many */
    TAMPER_CASTER, /* sealed by somebody else who has the key */
    TAMPER_CAST,   /* for another cast */
    TAMPER_NUMBER, /* for another number: an old frame again */
    TAMPER_TIME,
    TAMPER_EPOCH, /* under another key */
    TAMPER_TINY,  /* no more than a tag */
    TAMPERS
};

/* What must be, beside what is. */
static struct model {
    struct dice dice;
    uint32_t older, newer; /* epochs that have a key; 0: none */
    uint64_t number;
    struct model_frame {
        uint64_t number; /* 0: none */
        uint32_t epoch;
        bool good;
        size_t len;
    } held;
    size_t taken; /* bytes */
    uint64_t shown[STEPS], lost[STEPS];
    size_t shown_count, lost_count;
} m;

static struct buf buffer(void)
{
    struct buf b;

    buf_init(&b, 2 * LIMIT_FRAME);
    return b;
}

static void expect_taken(const struct model_frame *f)
{
    m.taken += f->len;
    m.shown[m.shown_count++] = f->number;
    m.held.number = 0;
    if (f->epoch == m.newer)
        m.older = 0;
}

static void expect(const struct model_frame *f)
{
    if (f->epoch == m.older || f->epoch == m.newer) {
        if (f->good)
            expect_taken(f);
    } else {
        m.held = *f;
    }
}

static void put_tampered(const struct model_frame *f, enum tamper t, struct buf *out)
{
    struct wire_shot head = {.number = f->number, .epoch = f->epoch, .pts_ns = 5};
    struct shot_place place = {.number = f->number, .epoch = f->epoch, .pts_ns = 5};
    struct buf frame = buffer();
    size_t piece;

    place.caster[3] = t == TAMPER_CASTER;
    place.id[3] = t == TAMPER_CAST;
    place.number -= t == TAMPER_NUMBER;
    place.pts_ns -= t == TAMPER_TIME;
    place.epoch = t == TAMPER_EPOCH ? f->epoch % EPOCHS + 1 : place.epoch;
    screening_picture(&s, f->number, &frame);
    screening_seal(&s, &place, &frame);
    if (t == TAMPER_BYTE)
        frame.data[dice_below(&m.dice, frame.len - GCM_TAG)] ^= 0x10;
    else if (t == TAMPER_TAG)
        frame.data[frame.len - 1 - dice_below(&m.dice, GCM_TAG)] ^= 1;
    else if (t == TAMPER_SHORT)
        frame.len--;
    else if (t == TAMPER_LONG)
        buf_add8(&frame, 0);
    else if (t == TAMPER_TINY)
        frame.len = 1 + dice_below(&m.dice, GCM_TAG);
    piece = 1 + dice_below(&m.dice, 2 * frame.len);
    screening_put_shots(&s, &head, (struct span){frame.data, frame.len}, piece, out);
    buf_free(&frame);
}

/* The beginning of a frame that is given up for a newer one. */
static void put_torn(struct buf *out)
{
    static const uint8_t some[40];
    size_t begin = out->len;
    const struct wire_shot head = {.number = ++m.number, .epoch = 1};

    screening_put_shots(&s, &head, (struct span){some, sizeof some}, 20, out);
    out->len = begin + SHOT_HEAD + 20;
}

static void send_frame(void)
{
    const uint32_t epochs[] = {m.newer, m.newer,     m.newer,
                               m.older, m.newer + 1, 1 + (uint32_t)dice_below(&m.dice, EPOCHS)};
    enum tamper t = (enum tamper)(dice_below(&m.dice, 2) * dice_below(&m.dice, TAMPERS));
    struct model_frame f = {.good = t == TAMPER_NONE, .len = s.jpeg_len + 12};
    struct buf out = buffer();

    if (dice_below(&m.dice, 8) == 0)
        put_torn(&out);
    m.number += 1 + dice_below(&m.dice, dice_below(&m.dice, 20) == 0 ? 5000 : 3);
    f.number = m.number;
    f.epoch = epochs[dice_below(&m.dice, 6)];
    f.epoch = f.epoch == 0 ? 1 : f.epoch > EPOCHS ? EPOCHS : f.epoch;
    put_tampered(&f, t, &out);
    visitor_send(&s.v, &out);
    expect(&f);
    if (m.held.number != f.number && !f.good)
        m.lost[m.lost_count++] = f.number;
}

static void give_key(void)
{
    struct screening_key k = {.epoch = 1 + (uint32_t)dice_below(&m.dice, EPOCHS),
                              .answers = dice_below(&m.dice, 3) != 0,
                              .all = dice_below(&m.dice, 3) == 0,
                              .id_off = dice_below(&m.dice, 6) == 0};
    struct model_frame held = m.held;

    if (m.newer > 0 && dice_below(&m.dice, 8) != 0)
        k.epoch = m.newer + 1 <= EPOCHS ? m.newer + 1 : EPOCHS;
    screening_give(&s, &k);
    if (k.id_off != 0 || k.epoch <= m.newer || (m.newer == 0 && (!k.answers || k.all)))
        return;
    m.older = m.newer;
    m.newer = k.epoch;
    if (held.number == 0)
        return;
    m.held.number = 0;
    expect(&held);
}

static void whatever_comes(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        screening_open(&s, true);
        m = (struct model){.dice = dice_make(seed)};
        for (int i = 0; i < STEPS / 2; i++) {
            if (dice_below(&m.dice, i < 10 ? 3 : 9) == 0)
                give_key();
            else
                send_frame();
            assert_true(s.v.client.state == CLIENT_ROOM);
            if (screening_taken(&s) != m.taken)
                fail_msg("seed %d, step %d: %zu, not %zu", (int)seed, i, screening_taken(&s),
                         m.taken);
        }
        assert_true(m.shown_count > 5 && m.lost_count > 5); /* it was no empty play */
        for (size_t i = 0; i < m.shown_count; i++) {
            screening_await(&s, m.shown[i]);
            assert_int_equal(screening_told(&s, m.shown[i]), 1);
        }
        for (size_t i = 0; i < m.lost_count; i++)
            assert_int_equal(screening_told(&s, m.lost[i]), 0);
        if (seed < 8)
            leave(state);
    }
}

static void put_piece(uint64_t number, uint8_t flags, uint32_t length, size_t len, struct buf *out)
{
    const struct wire_shot p = {.stream = s.stream,
                                .number = number,
                                .flags = flags,
                                .length = length,
                                .epoch = s.v.client.live.sealed};
    uint8_t *to = buf_reserve(out, SHOT_HEAD + len);
    size_t head;

    assert_non_null(to);
    head = wire_shot_head(to, &p, len);
    memset(to + head, 'x', len);
    buf_grew(out, head + len);
}

static void put_film(bool frame, struct buf *out)
{
    uint8_t head[MESSAGE_HEADER + FRAME_CHUNK_HEAD + FRAME_FIRST_HEAD];
    const struct wire_frame f = {.stream = s.stream, .flags = FRAME_FIRST, .length = 9};

    if (frame) {
        buf_add(out, head, wire_frame_head(head, &f, 1));
        buf_add8(out, 'x');
    } else {
        wire_put_skipped(out, s.stream, 0, 5);
    }
}

static void insult(unsigned which, struct buf *out)
{
    put_piece(5, FRAME_FIRST | FRAME_LAST, 10, 10, out);
    switch (which) {
    case 0: /* a number that does not rise */
        put_piece(5, FRAME_FIRST, 10, 5, out);
        break;
    case 1:
        put_piece(4, FRAME_FIRST, 10, 5, out);
        break;
    case 2: /* the middle of nothing */
        put_piece(6, 0, 0, 5, out);
        break;
    case 3: /* of another frame */
        put_piece(6, FRAME_FIRST, 10, 5, out);
        put_piece(7, FRAME_LAST, 0, 5, out);
        break;
    case 4: /* more than it said */
        put_piece(6, FRAME_FIRST, 10, 11, out);
        break;
    case 5: /* an end that is none */
        put_piece(6, FRAME_FIRST | FRAME_LAST, 10, 5, out);
        break;
    case 6: /* whole, and no end */
        put_piece(6, FRAME_FIRST, 10, 10, out);
        break;
    case 7:
        put_piece(6, FRAME_FIRST, 0, 10, out);
        break;
    case 8:
        put_piece(6, FRAME_FIRST, LIMIT_FRAME + 1, 10, out);
        break;
    case 9:
        put_piece(UINT64_MAX, FRAME_FIRST, 10, 5, out);
        break;
    case 10: /* sealed, or not */
        s.v.client.live.sealed = !s.v.client.live.sealed;
        put_piece(6, FRAME_FIRST, 10, 5, out);
        s.v.client.live.sealed = !s.v.client.live.sealed;
        break;
    case 11:
        screening_put_live(&s, s.v.client.live.sealed, VISITOR_BOB, out);
        break;
    default:
        put_film(which == 12, out);
    }
}

static void what_a_server_must_not_send(void **state)
{
    for (unsigned i = 0; i < 14; i++) {
        struct buf out = buffer();

        screening_open(&s, i % 2 == 0);
        insult(i, &out);
        visitor_send(&s.v, &out);
        if (s.v.client.state < CLIENT_LEAVING)
            fail_msg("%u", i);
        assert_int_equal(visitor_said(&s.v, "\"code\":\"protocol\""), 1);
        assert_int_equal(s.v.client.exit_code, CLIENT_EXIT_FAILED);
        if (i < 13)
            leave(state);
    }
}

static void put_film_stream(uint32_t stream, struct buf *out)
{
    const struct wire_stream film = {.stream = stream,
                                     .schedule = {(const uint8_t *)"thirds", 6},
                                     .clip = {.name = {(const uint8_t *)"door", 4},
                                              .fps_num = 24,
                                              .fps_den = 1,
                                              .frames = 8,
                                              .count = 1,
                                              .heights = {120}},
                                     .widths = {160},
                                     .real_heights = {120}};

    wire_put_stream(out, &film);
}

/* Nothing was asked for, so nothing has a number. */
static void nothing_opens_unasked(void **state)
{
    for (int i = 0; i < 3; i++) {
        struct buf out = buffer();

        screening_open(&s, false);
        assert_true(cinema_stop(&s.v.client, "stopped"));
        visitor_settle(&s.v);
        assert_int_equal(s.v.client.cinema.stream, 0);
        s.stream = 0;
        if (i < 2)
            screening_put_live(&s, i == 0, VISITOR_BOB, &out);
        else
            put_film_stream(0, &out);
        visitor_send(&s.v, &out);
        assert_null(s.v.client.cinema.player);
        assert_true(s.v.client.state == CLIENT_ROOM && !s.v.client.live.on);
        if (i < 2)
            leave(state);
    }
}

/* What is of something else, or comes late. */
static void what_is_passed_over(void **state)
{
    struct buf out = buffer();
    uint32_t stream;

    (void)state;
    screening_open(&s, false);
    stream = s.stream;
    s.stream = stream + 7;
    put_piece(1, FRAME_FIRST, 10, 5, &out);
    put_piece(1, FRAME_FIRST, 10, 5, &out);
    screening_put_live(&s, true, VISITOR_CAROL, &out);
    wire_put_stream_end(&out, s.stream, END_CAST_LOST, "");
    s.stream = stream;
    visitor_send(&s.v, &out);
    screening_shoot(&s, 1, 0);
    assert_int_equal(screening_taken(&s), s.jpeg_len + 12);
    assert_true(cinema_stop(&s.v.client, "stopped"));
    visitor_settle(&s.v);
    out = buffer();
    put_piece(2, FRAME_FIRST, 10, 5, &out);
    put_piece(1, 0, 10, 5, &out);
    screening_put_live(&s, true, VISITOR_BOB, &out);
    visitor_send(&s.v, &out);
    assert_true(s.v.client.state == CLIENT_ROOM && !s.v.client.live.on);
    assert_int_equal(visitor_said(&s.v, "\"event\":\"error\""), 0);
}

#define CASE(name) cmocka_unit_test_teardown(name, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(whatever_comes),
        CASE(what_a_server_must_not_send),
        CASE(nothing_opens_unasked),
        CASE(what_is_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
