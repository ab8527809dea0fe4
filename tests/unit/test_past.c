/* Coming back: who gets what of the log, in which order, and how much of it at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/resource.h>

#include "base/log.h"
#include "proto/envelope.h"
#include "server/past.h"
#include "tests/kit/keys.h"
#include "tests/kit/stage.h"

static struct stage stage;
static struct actor a, b;
static struct buf out, envelope;

static int make(void **state)
{
    (void)state;
    log_start("test", LOG_ERROR);
    buf_init(&out, MESSAGE_HEADER + LIMIT_MESSAGE);
    buf_init(&envelope, LIMIT_ENVELOPE);
    stage_open(&stage);
    actor_enter(&a, &stage, 1, "alice", 0);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    actor_end(&a);
    actor_end(&b);
    stage_close(&stage);
    buf_free(&out);
    buf_free(&envelope);
    return 0;
}

static void tell_all(void)
{
    stage_later(&stage, NOTICES_GAP_NS);
    actor_skip(&a);
    if (b.stage != NULL)
        actor_skip(&b);
}

/* alice says what has that id, and that is stored. */
static void say(uint64_t id)
{
    buf_clear(&envelope);
    stage_envelope(&envelope, id);
    wire_put_send(&out, id, (struct span){envelope.data, envelope.len});
    actor_send(&a, &out);
    desk_finish(&stage.desk);
    actor_skip(&a);
}

static void say_many(uint64_t from, uint64_t to)
{
    for (uint64_t id = from; id <= to; id++)
        say(id);
}

static void ask(struct actor *x, uint64_t after)
{
    struct wire_resume m = {stage.room.log.log_id, after};

    wire_put_resume(&out, &m);
    actor_send(x, &out);
}

/* One turn in which nothing waits to be sent to x; false if it is given nothing then. */
static bool turn(struct actor *x)
{
    uint8_t record[16384];
    size_t before = x->out.len;

    assert_int_equal(session_fill(&x->session, record, sizeof record), 0);
    assert_int_equal(x->out.len, before);
    desk_finish(&stage.desk);
    return x->out.len > before;
}

static void all_turns(struct actor *x)
{
    while (turn(x)) {
    }
    assert_null(x->session.past);
}

static void check_past(struct actor *x, uint64_t number, uint64_t id)
{
    struct wire_past m;

    assert_int_equal(wire_get_past(actor_next(x, MESSAGE_PAST), &m), ERR_OK);
    assert_true(m.sealed.number == number && m.time_ms > 1600000000000);
    assert_string_equal(m.sealed.from, "alice");
    assert_memory_equal(m.sealed.fingerprint, keys_get(1)->public.fingerprint, SIZE_FINGERPRINT);
    buf_clear(&envelope);
    stage_envelope(&envelope, id);
    assert_int_equal(m.sealed.envelope.len, envelope.len);
    assert_memory_equal(m.sealed.envelope.data, envelope.data, envelope.len);
}

static void check_end(struct actor *x, uint64_t from, uint64_t last, uint64_t lost)
{
    struct wire_past_end m;

    assert_int_equal(wire_get_past_end(actor_next(x, MESSAGE_PAST_END), &m), ERR_OK);
    assert_true(m.from == from && m.last == last && m.lost == lost);
    assert_int_equal(actor_peek(x), 0);
}

static void who_was_away_gets_the_rest(void **state)
{
    (void)state;
    actor_enter(&b, &stage, 2, "bob", 0);
    say(101);
    actor_end(&b);
    say_many(102, 104);
    actor_enter(&b, &stage, 2, "bob", 0);
    tell_all();
    assert_false(turn(&b)); /* did not ask */
    ask(&b, 1);
    assert_int_equal(actor_peek(&b), 0);
    say(105); /* goes on, and before */
    all_turns(&b);
    assert_int_equal(actor_peek(&b), MESSAGE_SEALED);
    actor_next(&b, MESSAGE_SEALED);
    check_past(&b, 2, 102);
    check_past(&b, 3, 103);
    check_past(&b, 4, 104);
    check_end(&b, 1, 4, 0);
    ask(&b, 3); /* once more, for the last one */
    all_turns(&b);
    check_past(&b, 4, 104);
    check_end(&b, 3, 4, 0);
    ask(&b, 4);
    all_turns(&b);
    check_end(&b, 4, 4, 0);
    ask(&b, 9); /* more than there was */
    all_turns(&b);
    check_end(&b, 4, 4, 0);
}

static void also_after_a_restart(void **state)
{
    (void)state;
    say_many(101, 103);
    actor_end(&a);
    stage_restart(&stage);
    actor_enter(&a, &stage, 1, "ALICE", 0);
    tell_all();
    ask(&a, 0);
    all_turns(&a);
    check_past(&a, 1, 101); /* one's own, too */
    check_past(&a, 2, 102);
    check_past(&a, 3, 103);
    check_end(&a, 0, 3, 0);
}

static void a_newcomer_starts_at_its_binding(void **state)
{
    static const uint8_t other[SIZE_LOG_ID] = "another log";
    struct wire_resume m = {other, 4};

    (void)state;
    say_many(101, 103);
    actor_enter(&b, &stage, 2, "bob", 0);
    tell_all();
    ask(&b, 0);
    all_turns(&b);
    check_end(&b, 3, 3, 0);
    actor_end(&b);
    say_many(104, 105);
    actor_end(&a);
    stage_restart(&stage);
    actor_enter(&a, &stage, 1, "alice", 0);
    actor_enter(&b, &stage, 2, "Bob", 0);
    tell_all();
    ask(&b, 0);
    all_turns(&b);
    check_past(&b, 4, 104);
    check_past(&b, 5, 105);
    check_end(&b, 3, 5, 0);
    /* What it has of another log does not count. */
    wire_put_resume(&out, &m);
    actor_send(&b, &out);
    all_turns(&b);
    check_past(&b, 4, 104);
    check_past(&b, 5, 105);
    check_end(&b, 3, 5, 0);
}

static void who_is_not_bound_gets_nothing(void **state)
{
    static const uint8_t flags[] = {HELLO_EPHEMERAL, HELLO_ONE_SHOT};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        say_many(101, 103);
        actor_enter(&b, &stage, i == 0 ? 2 : 1, i == 0 ? "guest" : "alice", flags[i]);
        tell_all();
        ask(&b, 0);
        all_turns(&b);
        check_end(&b, 3 * i + 3, 3 * i + 3, 0);
        actor_end(&b);
    }
}

static void what_is_no_more_is_told_as_lost(void **state)
{
    (void)state;
    say_many(101, 104);
    stage.room.log.rotate = true;
    say_many(105, 106);
    assert_true(stage.room.log.first == 1);
    actor_end(&a);
    actor_enter(&a, &stage, 1, "alice", 0);
    tell_all();
    ask(&a, 2);
    assert_true(shelf_remove(stage.log, 1));
    all_turns(&a);
    check_past(&a, 6, 106);
    check_end(&a, 2, 6, 3);
}

static void one_to_all_with_ones_own_slots(void **state)
{
    const struct public_key *to[] = {&keys_get(2)->public, &keys_get(3)->public};
    struct envelope_content content = {
        .sender = "alice", .id = 9, .kind = ENVELOPE_TEXT, .body = {(const uint8_t *)"hello", 5}};
    struct random random = keys_random(1);
    struct buf plain;
    struct wire_past m;

    (void)state;
    actor_enter(&b, &stage, 2, "bob", 0);
    actor_end(&b);
    assert_int_equal(envelope_seal_all(&envelope, keys_get(1), &random, &content, to, 2), ERR_OK);
    wire_put_send(&out, 9, (struct span){envelope.data, envelope.len});
    actor_send(&a, &out);
    desk_finish(&stage.desk);
    actor_enter(&b, &stage, 2, "bob", 0);
    tell_all();
    ask(&b, 0);
    all_turns(&b);
    assert_int_equal(wire_get_past(actor_next(&b, MESSAGE_PAST), &m), ERR_OK);
    assert_int_equal(m.sealed.envelope.len, envelope.len - 260);
    buf_init(&plain, 200000);
    assert_int_equal(
        envelope_open(&content, &plain, keys_get(2), m.sealed.envelope.data, m.sealed.envelope.len),
        ERR_OK);
    buf_free(&plain);
    check_end(&b, 0, 1, 0);
}

/* However much it is: a piece at a time, and only when nothing else waits. */
static void a_piece_at_a_time(void **state)
{
    uint64_t number = 0;
    size_t pieces = 0;

    (void)state;
    actor_enter(&b, &stage, 2, "bob", 0);
    actor_end(&b);
    say_many(1, 100);
    actor_enter(&b, &stage, 2, "bob", 0);
    tell_all();
    ask(&b, 0);
    desk_finish(&stage.desk);
    assert_int_equal(actor_peek(&b), 0);
    while (b.session.past != NULL) {
        size_t before = b.out.len;

        assert_true(turn(&b));
        assert_true(b.out.len - before < 16384 + 1500);
        pieces++;
        say(1000 + pieces); /* not behind all of it */
        while (actor_peek(&b) == MESSAGE_PAST)
            check_past(&b, number + 1, number + 1), number++;
        if (b.session.past != NULL)
            actor_next(&b, MESSAGE_SEALED);
    }
    assert_true(number == 100 && pieces > 8 && pieces < 12);
    actor_next(&b, MESSAGE_PAST_END);
}

static void one_at_a_time(void **state)
{
    (void)state;
    say(101);
    ask(&a, 0);
    ask(&a, 0);
    actor_check_error(&a, CODE_PROTOCOL);
    assert_false(turn(&a));
}

static void malformed(void **state)
{
    size_t begin = message_begin(&out, MESSAGE_RESUME);

    (void)state;
    tell_all();
    buf_add(&out, "short", 5);
    message_end(&out, begin);
    actor_send(&a, &out);
    actor_check_error(&a, CODE_PROTOCOL);
}

/* It leaves at any moment of it; the worker may be reading. */
static void who_leaves_is_given_no_more(void **state)
{
    uint8_t record[16384];

    (void)state;
    actor_enter(&b, &stage, 2, "bob", 0);
    actor_end(&b);
    say_many(1, 30);
    for (int turns = 0; turns < 6; turns++) {
        actor_enter(&b, &stage, 2, "bob", 0);
        tell_all();
        ask(&b, 0);
        for (int i = 0; i < turns / 2; i++)
            turn(&b);
        if (turns % 2 == 1)
            session_fill(&b.session, record, sizeof record);
        actor_end(&b);
        desk_finish(&stage.desk);
    }
    /* Or is sent away. */
    actor_enter(&b, &stage, 2, "bob", 0);
    ask(&b, 0);
    session_fill(&b.session, record, sizeof record);
    session_dismiss(&b.session, "go");
    desk_finish(&stage.desk);
    actor_skip(&b);
    assert_false(turn(&b));
}

/* No descriptor is to be had: nothing is told as lost that is not. */
static void what_can_not_be_read_now(void **state)
{
    struct rlimit limit, none;

    (void)state;
    say(101);
    actor_end(&a);
    actor_enter(&a, &stage, 1, "alice", 0);
    tell_all();
    ask(&a, 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = (struct rlimit){1, limit.rlim_max}; /* poll wants that one */
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    session_fill(&a.session, (uint8_t[16384]){0}, 16384);
    desk_finish(&stage.desk);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    actor_check_error(&a, CODE_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_was_away_gets_the_rest, make, unmake),
        cmocka_unit_test_setup_teardown(also_after_a_restart, make, unmake),
        cmocka_unit_test_setup_teardown(a_newcomer_starts_at_its_binding, make, unmake),
        cmocka_unit_test_setup_teardown(who_is_not_bound_gets_nothing, make, unmake),
        cmocka_unit_test_setup_teardown(what_is_no_more_is_told_as_lost, make, unmake),
        cmocka_unit_test_setup_teardown(one_to_all_with_ones_own_slots, make, unmake),
        cmocka_unit_test_setup_teardown(a_piece_at_a_time, make, unmake),
        cmocka_unit_test_setup_teardown(one_at_a_time, make, unmake),
        cmocka_unit_test_setup_teardown(malformed, make, unmake),
        cmocka_unit_test_setup_teardown(who_leaves_is_given_no_more, make, unmake),
        cmocka_unit_test_setup_teardown(what_can_not_be_read_now, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
