/* Live pictures at the server: the newest frame to whoever has room for it, complete or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "server/casts.h"
#include "server/watcher.h"
#include "tests/kit/viewer.h"
#include "wire/live.h"

#define CAST 9
#define RECORD 16384

static struct stage stage;
static struct actor cam, bob, carol;
static struct buf out;
static uint8_t id[SIZE_CAST_ID] = {1, 2, 3};
static const size_t frames[] = {3};

static int make(void **state)
{
    (void)state;
    log_start("test", LOG_ERROR);
    buf_init(&out, 2 * LIMIT_MESSAGE);
    stage_open(&stage);
    stage.features |= FEATURE_LIVE;
    viewer_put_clip(&stage, "film", 1, frames, NULL);
    actor_enter(&cam, &stage, 1, "cam", HELLO_ONE_SHOT);
    actor_enter(&bob, &stage, 2, "bob", HELLO_ONE_SHOT);
    actor_enter(&carol, &stage, 3, "carol", HELLO_ONE_SHOT);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    actor_end(&cam);
    actor_end(&bob);
    actor_end(&carol);
    assert_int_equal(stage.room.casts.count, 0);
    assert_int_equal(stage.room.casts.bytes, 0);
    stage_close(&stage);
    buf_free(&out);
    return 0;
}

static void ask_cast(struct actor *a, uint32_t number, const char *name, uint8_t flags)
{
    struct wire_cast m = {
        .cast = number, .flags = flags, .id = id, .name = {(const uint8_t *)name, strlen(name)}};

    buf_clear(&out);
    wire_put_cast(&out, &m);
    actor_send(a, &out);
    desk_finish(&stage.desk);
}

static void open_cast(uint8_t flags)
{
    uint32_t number;

    ask_cast(&cam, CAST, "door", flags);
    assert_int_equal(wire_get_number(actor_next(&cam, MESSAGE_CASTING), &number), ERR_OK);
    assert_int_equal(number, CAST);
}

static void watch(struct actor *a, uint32_t stream, uint32_t credit)
{
    struct wire_cast m;

    viewer_play(a, stream, "door", "", 0, credit);
    assert_int_equal(wire_get_live(actor_next(a, MESSAGE_LIVE), &m), ERR_OK);
    assert_int_equal(m.cast, stream);
    assert_string_equal(m.from, "cam");
    assert_memory_equal(m.id, id, sizeof id);
    assert_memory_equal(m.spki, cam.session.key.spki, SIZE_SPKI);
}

static uint32_t granted(void)
{
    uint32_t number, bytes;

    assert_int_equal(wire_get_pair(actor_next(&cam, MESSAGE_GRANT), &number, &bytes), ERR_OK);
    assert_int_equal(number, CAST);
    return bytes;
}

/* A piece of a frame whose bytes are its number. */
static void piece(uint64_t number, uint32_t length, uint8_t flags, uint32_t len)
{
    struct wire_shot m = {.stream = CAST,
                          .flags = flags,
                          .number = number,
                          .epoch = 0,
                          .length = length,
                          .pts_ns = (int64_t)number * 1000};
    uint8_t *to;
    size_t head;

    buf_clear(&out);
    to = buf_reserve(&out, SHOT_HEAD + len);
    assert_non_null(to);
    head = wire_shot_head(to, &m, len);
    memset(to + head, (int)number, len);
    buf_grew(&out, head + len);
    actor_send(&cam, &out);
}

static void shoot(uint64_t number, uint32_t length)
{
    for (uint32_t at = 0; at < length; at += 10000) {
        uint32_t len = length - at < 10000 ? length - at : 10000;

        piece(number, length,
              (uint8_t)((at == 0 ? FRAME_FIRST : 0) | (at + len == length ? FRAME_LAST : 0)), len);
    }
}

/* What one record brings: a chunk, of which it is the head that counts; data of it in *len. */
static struct wire_shot next_shot(struct actor *a)
{
    struct wire_shot m;

    assert_true(viewer_fill(a, RECORD) > 0);
    assert_int_equal(wire_get_shot(actor_next(a, MESSAGE_SHOT), &m), ERR_OK);
    for (size_t i = 0; i < m.data.len; i++)
        assert_int_equal(m.data.data[i], (uint8_t)m.number);
    return m;
}

/* A whole frame of that number. */
static void see(struct actor *a, uint64_t number, uint32_t length)
{
    uint32_t got = 0;
    struct wire_shot m;

    do {
        m = next_shot(a);
        assert_int_equal(m.number, number);
        assert_int_equal((m.flags & FRAME_FIRST) != 0, got == 0);
        if (got == 0)
            assert_int_equal(m.length, length);
        got += (uint32_t)m.data.len;
    } while ((m.flags & FRAME_LAST) == 0);
    assert_int_equal(got, length);
}

static void check_end(struct actor *a, uint32_t stream, uint8_t reason)
{
    struct wire_stream_end m;

    assert_int_equal(wire_get_stream_end(actor_next(a, MESSAGE_STREAM_END), &m), ERR_OK);
    assert_int_equal(m.stream, stream);
    assert_int_equal(m.reason, reason);
}

static void is_granted_only_what_somebody_wants(void **state)
{
    (void)state;
    open_cast(0);
    assert_int_equal(actor_peek(&cam), 0);
    watch(&bob, 1, 0);
    assert_true(granted() >= 65536);
    shoot(1, 30000);
    assert_int_equal(viewer_fill(&bob, RECORD), 0);
    viewer_credit(&bob, 1, LIMIT_CREDIT, 0);
    see(&bob, 1, 30000);
    assert_int_equal(viewer_fill(&bob, RECORD), 0);
    viewer_stop(&bob, 1);
    check_end(&bob, 1, END_STOPPED);
}

/* Frames come and go while one is on its way to carol, who takes little; bob gets them all. */
static void a_slow_one_gets_whole_frames_and_the_newest(void **state)
{
    struct wire_shot m;

    (void)state;
    open_cast(0);
    watch(&bob, 1, LIMIT_CREDIT);
    watch(&carol, 5, 1000);
    shoot(10, 5000);
    m = next_shot(&carol);
    assert_int_equal(m.data.len, 1000);
    see(&bob, 10, 5000);
    for (uint64_t i = 11; i < 20; i++) {
        shoot(i, 3000);
        see(&bob, i, 3000);
    }
    assert_int_equal(viewer_fill(&carol, RECORD), 0);
    assert_int_equal(stage.room.casts.bytes, 5000 + 3000);
    viewer_credit(&carol, 5, 7000, 0);
    do {
        m = next_shot(&carol);
        assert_int_equal(m.number, 10);
    } while ((m.flags & FRAME_LAST) == 0);
    see(&carol, 19, 3000);
    assert_int_equal(viewer_fill(&carol, RECORD), 0);
}

static void names_are_taken_once(void **state)
{
    (void)state;
    ask_cast(&cam, CAST, "film", 0);
    actor_check_refused(&cam, CAST, CODE_NAME_TAKEN);
    ask_cast(&cam, CAST, "../film", 0);
    actor_check_refused(&cam, CAST, CODE_LIMIT);
    open_cast(0);
    ask_cast(&bob, 1, "door", 0);
    actor_check_refused(&bob, 1, CODE_NAME_TAKEN);
    for (uint32_t i = 1; i < LIMIT_CASTS_OWN; i++) {
        char name[] = {'d', (char)('0' + i), 0};

        ask_cast(&cam, CAST + i, name, 0);
        actor_next(&cam, MESSAGE_CASTING);
    }
    ask_cast(&cam, 100, "more", 0);
    actor_check_refused(&cam, 100, CODE_LIMIT);
    buf_clear(&out);
    wire_put_number(&out, MESSAGE_UNCAST, CAST);
    actor_send(&cam, &out);
    actor_next(&cam, MESSAGE_UNCAST);
    ask_cast(&bob, 1, "door", 0);
    actor_next(&bob, MESSAGE_CASTING);
}

static void whoever_watches_hears_of_the_end(void **state)
{
    (void)state;
    open_cast(0);
    watch(&bob, 1, LIMIT_CREDIT);
    watch(&carol, 2, 10);
    actor_skip(&cam);
    shoot(1, 3000);
    next_shot(&carol);
    actor_end(&cam);
    check_end(&bob, 1, END_CAST_LOST);
    check_end(&carol, 2, END_CAST_LOST);
    assert_int_equal(viewer_fill(&carol, RECORD), 0);
    /* The number is free; the cast is gone. */
    viewer_play(&bob, 1, "door", "thirds", 0, 0);
    desk_finish(&stage.desk);
    actor_check_refused(&bob, 1, CODE_UNKNOWN_CLIP);
}

static void quitting_is_an_end_in_order(void **state)
{
    (void)state;
    open_cast(0);
    watch(&bob, 1, 0);
    buf_clear(&out);
    wire_put_quit(&out, "");
    actor_send(&cam, &out);
    check_end(&bob, 1, END_CAST_OVER);
}

static void look_for(struct actor *a, enum message_code code)
{
    while (actor_peek(a) == MESSAGE_GRANT)
        granted();
    actor_check_error(a, code);
    check_end(&bob, 1, END_CAST_LOST);
}

static void insults(unsigned which)
{
    open_cast(which == 9 ? CAST_SEALED : 0);
    watch(&bob, 1, LIMIT_CREDIT);
    switch (which) {
    case 0: /* a number that falls */
        shoot(5, 100);
        piece(5, 100, FRAME_FIRST, 50);
        break;
    case 1: /* more than it said */
        piece(5, 100, FRAME_FIRST, 101);
        break;
    case 2: /* an end that is none */
        piece(5, 100, FRAME_FIRST | FRAME_LAST, 50);
        break;
    case 3: /* the middle of nothing */
        piece(5, 100, 0, 50);
        break;
    case 4: /* another frame in the middle */
        piece(5, 100, FRAME_FIRST, 50);
        piece(6, 100, FRAME_FIRST, 50);
        break;
    case 5: /* too large a frame */
        piece(5, LIMIT_FRAME + 1, FRAME_FIRST, 50);
        break;
    case 6: /* no frame */
        piece(5, 0, FRAME_FIRST, 50);
        break;
    case 7: /* whole, and no end */
        piece(5, 50, FRAME_FIRST, 50);
        break;
    case 8: /* under a number of nobody's */
        buf_clear(&out);
        buf_add(&out, "\x54\0\0\0\xf\0\0\0\x8\0\0\0\0\0\0\0\0\0\1x", 20);
        actor_send(&cam, &out);
        break;
    case 9: /* what is not sealed, in a cast that is: who watches would take the server for a liar */
        piece(5, 100, FRAME_FIRST, 50);
        break;
    default: /* more than it was granted */
        for (unsigned i = 0; i < 200 && cam.session.state == SESSION_ROOM; i++) {
            struct live_cast *c = casts_of(&cam.session, CAST);

            c->granted = c->granted > 9000 ? 9000 : c->granted;
            piece(7 + i, 10000, FRAME_FIRST | FRAME_LAST, 10000);
        }
    }
}

static void a_caster_that_breaks_the_rules_is_ended(void **state)
{
    for (unsigned i = 0; i < 11; i++) {
        insults(i);
        assert_int_equal(cam.session.state, SESSION_OVER);
        while (actor_peek(&cam) == MESSAGE_GRANT)
            granted();
        actor_check_error(&cam, CODE_PROTOCOL);
        unmake(state);
        make(state);
    }
    open_cast(0);
    watch(&bob, 1, LIMIT_CREDIT);
    actor_skip(&cam);
    piece(5, 100, FRAME_FIRST, 101);
    look_for(&cam, CODE_PROTOCOL);
}

static void absurd_credit_ends_the_viewer_alone(void **state)
{
    (void)state;
    open_cast(0);
    watch(&bob, 1, LIMIT_CREDIT);
    watch(&carol, 1, LIMIT_CREDIT);
    viewer_credit(&carol, 1, 1, 0);
    actor_check_error(&carol, CODE_PROTOCOL);
    shoot(1, 20000);
    see(&bob, 1, 20000);
}

static void pass(struct actor *a, uint8_t type, uint32_t number, uint32_t viewer, uint64_t seed)
{
    size_t begin;
    struct buf envelope;

    buf_init(&envelope, 4096);
    stage_envelope(&envelope, seed);
    buf_clear(&out);
    begin =
        type == MESSAGE_ASK ? wire_ask_begin(&out, number) : wire_give_begin(&out, number, viewer);
    buf_add(&out, envelope.data, envelope.len);
    message_end(&out, begin);
    actor_send(a, &out);
    buf_free(&envelope);
}

static uint32_t asked(const char *from)
{
    struct wire_pass m;

    assert_int_equal(wire_get_asked(actor_next(&cam, MESSAGE_ASKED), &m), ERR_OK);
    assert_int_equal(m.number, CAST);
    assert_string_equal(m.from, from);
    assert_int_equal(m.envelope.len, 1319);
    return m.viewer;
}

/* Keys go from one to the other, and to nobody else; they are in no log. */
static void keys_go_where_they_belong(void **state)
{
    uint32_t first, second, number, viewer;
    struct wire_pass m;

    (void)state;
    open_cast(CAST_SEALED);
    watch(&bob, 1, 0);
    watch(&carol, 2, 0);
    actor_skip(&cam);
    pass(&bob, MESSAGE_ASK, 1, 0, 1);
    first = asked("bob");
    pass(&carol, MESSAGE_ASK, 2, 0, 2);
    second = asked("carol");
    assert_int_not_equal(first, second);
    pass(&cam, MESSAGE_GIVE, CAST, first, 3);
    assert_int_equal(wire_get_ask(actor_next(&bob, MESSAGE_GIVEN), &m), ERR_OK);
    assert_int_equal(m.number, 1);
    assert_int_equal(actor_peek(&carol), 0);
    pass(&cam, MESSAGE_GIVE, CAST, 0, 4);
    actor_next(&bob, MESSAGE_GIVEN);
    actor_next(&carol, MESSAGE_GIVEN);
    assert_int_equal(stage.room.log.last, 0);

    buf_clear(&out);
    wire_put_pair(&out, MESSAGE_OUST, CAST, second);
    actor_send(&cam, &out);
    check_end(&carol, 2, END_OUSTED);
    assert_int_equal(actor_peek(&cam), 0);
    viewer_stop(&bob, 1);
    check_end(&bob, 1, END_STOPPED);
    assert_int_equal(wire_get_pair(actor_next(&cam, MESSAGE_UNWATCHED), &number, &viewer), ERR_OK);
    assert_int_equal(number, CAST);
    assert_int_equal(viewer, first);
    /* Of who is gone, and of what is none: nothing. */
    pass(&cam, MESSAGE_GIVE, CAST, first, 5);
    pass(&cam, MESSAGE_GIVE, 77, 0, 6);
    pass(&bob, MESSAGE_ASK, 1, 0, 7);
    assert_int_equal(actor_peek(&cam), 0);
    assert_int_equal(actor_peek(&bob), 0);
}

static void casts_are_listed(void **state)
{
    struct wire_cast m;
    struct span payload;
    struct cursor list;
    enum err e;

    (void)state;
    open_cast(CAST_SEALED);
    buf_clear(&out);
    wire_put_list(&out);
    actor_send(&bob, &out);
    desk_finish(&stage.desk);
    payload = actor_next(&bob, MESSAGE_CASTS);
    list = cursor_over(payload.data, payload.len);
    assert_true(wire_casts_next(&list, &m, &e));
    assert_int_equal(m.flags, CAST_SEALED);
    assert_int_equal(m.name.len, 4);
    assert_string_equal(m.from, "cam");
    assert_false(wire_casts_next(&list, &m, &e));
    assert_int_equal(e, ERR_OK);
    actor_next(&bob, MESSAGE_CLIPS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_granted_only_what_somebody_wants, make, unmake),
        cmocka_unit_test_setup_teardown(a_slow_one_gets_whole_frames_and_the_newest, make, unmake),
        cmocka_unit_test_setup_teardown(names_are_taken_once, make, unmake),
        cmocka_unit_test_setup_teardown(whoever_watches_hears_of_the_end, make, unmake),
        cmocka_unit_test_setup_teardown(quitting_is_an_end_in_order, make, unmake),
        cmocka_unit_test_setup_teardown(a_caster_that_breaks_the_rules_is_ended, make, unmake),
        cmocka_unit_test_setup_teardown(absurd_credit_ends_the_viewer_alone, make, unmake),
        cmocka_unit_test_setup_teardown(keys_go_where_they_belong, make, unmake),
        cmocka_unit_test_setup_teardown(casts_are_listed, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
