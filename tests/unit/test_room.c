/* The room: who hears of whom and when, and the way of an envelope through it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "proto/envelope.h"
#include "tests/kit/keys.h"
#include "tests/kit/stage.h"

static struct stage stage;
static struct actor a, b, c;
static struct buf out, envelope;

static int make(void **state)
{
    (void)state;
    log_start("test", LOG_ERROR);
    buf_init(&out, MESSAGE_HEADER + LIMIT_MESSAGE);
    buf_init(&envelope, LIMIT_ENVELOPE);
    stage_open(&stage);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    desk_limit_files(0);
    actor_end(&a);
    actor_end(&b);
    actor_end(&c);
    stage_close(&stage);
    buf_free(&out);
    buf_free(&envelope);
    return 0;
}

/* alice, bob and carol are here, and everybody was told so. */
static void all_three(void)
{
    actor_enter(&a, &stage, 1, "alice", 0);
    actor_enter(&b, &stage, 2, "bob", 0);
    actor_enter(&c, &stage, 3, "carol", 0);
    stage_later(&stage, NOTICES_GAP_NS);
    actor_skip(&a);
    actor_skip(&b);
    actor_skip(&c);
}

/* The next message tells exactly these names ("bob carol"). */
static void check_told(struct actor *x, uint8_t type, const char *names)
{
    struct span payload = actor_next(x, type);
    struct wire_list list =
        type == MESSAGE_LEFT ? wire_left_open(payload) : wire_members_open(payload);
    struct wire_member m;
    struct wire_left left;
    char told[200] = "";
    enum err e;

    while (type == MESSAGE_LEFT ? wire_left_next(&list, &left, &e)
                                : wire_members_next(&list, &m, &e)) {
        if (told[0] != 0)
            strcat(told, " ");
        strcat(told, type == MESSAGE_LEFT ? left.name : m.name);
    }
    assert_int_equal(e, ERR_OK);
    assert_string_equal(told, names);
}

static void check_left(struct actor *x, const char *name, enum wire_left_reason reason)
{
    struct wire_list list = wire_left_open(actor_next(x, MESSAGE_LEFT));
    struct wire_left m;
    enum err e;

    assert_true(wire_left_next(&list, &m, &e));
    assert_string_equal(m.name, name);
    assert_int_equal(m.reason, reason);
    assert_false(wire_left_next(&list, &m, &e));
}

static void the_first_at_once_others_together(void **state)
{
    size_t here;

    (void)state;
    actor_enter(&a, &stage, 1, "alice", 0);
    assert_true(room_due(&stage.room) <= stage.room.now);
    room_tick(&stage.room);
    check_told(&a, MESSAGE_JOINED, "alice"); /* its own, and first of all */
    assert_true(room_due(&stage.room) == INT64_MAX);
    actor_enter(&b, &stage, 2, "bob", 0);
    stage_later(&stage, NOTICES_GAP_NS / 2);
    assert_int_equal(actor_peek(&a), 0);
    actor_enter(&c, &stage, 3, "carol", 0);
    actor_end(&b);
    assert_true(room_due(&stage.room) == stage.room.now + NOTICES_GAP_NS / 2);
    /* Were it a large one. */
    here = stage.room.count;
    stage.room.count = 10000;
    assert_true(notices_due(&stage.room) ==
                stage.room.now - NOTICES_GAP_NS / 2 + 10000 * NOTICES_EACH_NS);
    stage.room.count = here;
    stage_later(&stage, NOTICES_GAP_NS / 2 - 1);
    assert_int_equal(actor_peek(&a), 0);
    stage_later(&stage, 1);
    /* Bindings before those who use them; then what happened, in order. */
    actor_next(&a, MESSAGE_BINDINGS);
    check_told(&a, MESSAGE_JOINED, "bob carol");
    check_left(&a, "bob", LEFT_LOST);
    assert_int_equal(actor_peek(&a), 0);
    assert_true(room_due(&stage.room) == INT64_MAX);
    actor_end(&c);
    stage_later(&stage, NOTICES_GAP_NS);
    check_told(&a, MESSAGE_LEFT, "carol");
}

static void the_first_member_is_told_no_old_bindings(void **state)
{
    (void)state;
    actor_enter(&a, &stage, 1, "alice", 0);
    actor_end(&a);
    stage_restart(&stage);
    actor_enter(&b, &stage, 2, "bob", 0); /* was given alice's and its own at the entry */
    room_tick(&stage.room);
    check_told(&b, MESSAGE_JOINED, "bob");
    assert_int_equal(actor_peek(&b), 0);
}

static void reasons_of_leaving(void **state)
{
    (void)state;
    all_three();
    wire_put_quit(&out, "bye");
    actor_send(&b, &out);
    assert_true(b.finished);
    assert_int_equal(actor_peek(&b), 0);
    stage_later(&stage, NOTICES_GAP_NS);
    check_left(&a, "bob", LEFT_QUIT);
    actor_end(&b);
    actor_end(&c);
    stage_later(&stage, NOTICES_GAP_NS);
    check_left(&a, "carol", LEFT_LOST);
    actor_enter(&b, &stage, 2, "bob", 0);
    actor_enter(&c, &stage, 3, "carol", 0);
    stage_later(&stage, NOTICES_GAP_NS);
    actor_skip(&a);
    wire_put_error(&out, CODE_PROTOCOL, "you are wrong");
    actor_send(&b, &out);
    assert_true(b.finished);
    stage_later(&stage, NOTICES_GAP_NS);
    check_left(&a, "bob", LEFT_LOST);
    session_broken(&c.session, CODE_PROTOCOL, "junk");
    stage_later(&stage, NOTICES_GAP_NS);
    check_left(&a, "carol", LEFT_REMOVED);
    assert_int_equal(stage.room.count, 1);
}

static void everybody_is_dismissed(void **state)
{
    struct span text;

    (void)state;
    all_three();
    session_dismiss(&a.session, "the server stops");
    session_dismiss(&a.session, "the server stops");
    assert_int_equal(wire_get_quit(actor_next(&a, MESSAGE_QUIT), &text), ERR_OK);
    assert_memory_equal(text.data, "the server stops", 16);
    assert_true(a.finished);
    assert_int_equal(actor_peek(&a), 0);
    assert_int_equal(stage.room.count, 2);
}

static void say(struct actor *x, uint64_t id)
{
    buf_clear(&envelope);
    stage_envelope(&envelope, id);
    buf_clear(&out);
    wire_put_send(&out, id, (struct span){envelope.data, envelope.len});
    actor_send(x, &out);
}

static void check_accepted(struct actor *x, uint64_t id, uint64_t number)
{
    uint64_t got_id, got_number;

    assert_int_equal(wire_get_accepted(actor_next(x, MESSAGE_ACCEPTED), &got_id, &got_number),
                     ERR_OK);
    assert_true(got_id == id && got_number == number);
}

static void check_sealed(struct actor *x, const struct actor *from, uint64_t number, uint64_t id)
{
    struct wire_sealed m;

    buf_clear(&envelope);
    stage_envelope(&envelope, id);
    assert_int_equal(wire_get_sealed(actor_next(x, MESSAGE_SEALED), &m), ERR_OK);
    assert_true(m.number == number);
    assert_string_equal(m.from, from->session.name);
    assert_memory_equal(m.fingerprint, from->identity->public.fingerprint, SIZE_FINGERPRINT);
    assert_int_equal(m.envelope.len, envelope.len);
    assert_memory_equal(m.envelope.data, envelope.data, envelope.len);
}

static void accepted_and_passed_on_when_on_disk(void **state)
{
    (void)state;
    all_three();
    say(&a, 100);
    say(&a, 101);
    say(&b, 7);
    assert_true(actor_peek(&a) == 0 && actor_peek(&b) == 0 && actor_peek(&c) == 0);
    desk_finish(&stage.desk);
    check_accepted(&a, 100, 1);
    check_accepted(&a, 101, 2);
    check_sealed(&a, &b, 3, 7);
    check_sealed(&b, &a, 1, 100);
    check_sealed(&b, &a, 2, 101);
    check_accepted(&b, 7, 3);
    check_sealed(&c, &a, 1, 100);
    check_sealed(&c, &a, 2, 101);
    check_sealed(&c, &b, 3, 7);
    assert_true(actor_peek(&a) == 0 && actor_peek(&b) == 0 && actor_peek(&c) == 0);
}

static void nobody_hears_before_hearing_who_came(void **state)
{
    (void)state;
    actor_enter(&a, &stage, 1, "alice", 0);
    room_tick(&stage.room);
    actor_skip(&a);
    actor_enter(&b, &stage, 2, "bob", 0);
    say(&b, 1);
    desk_finish(&stage.desk); /* before the batch was due */
    actor_next(&a, MESSAGE_BINDINGS);
    check_told(&a, MESSAGE_JOINED, "bob");
    check_sealed(&a, &b, 1, 1);
}

static void what_the_disk_refuses(void **state)
{
    (void)state;
    all_three();
    desk_limit_files((size_t)stage.room.log.file.size + 100);
    say(&a, 5);
    say(&b, 6);
    desk_finish(&stage.desk);
    actor_check_refused(&a, 5, CODE_STORE);
    actor_check_refused(&b, 6, CODE_STORE);
    assert_int_equal(actor_peek(&c), 0);
    desk_limit_files(0);
    say(&a, 5);
    desk_finish(&stage.desk);
    check_accepted(&a, 5, 1);
    check_sealed(&c, &a, 1, 5);
}

static void the_sender_goes_before_it_is_stored(void **state)
{
    (void)state;
    all_three();
    say(&a, 1);
    actor_end(&a);
    say(&b, 2);
    desk_finish(&stage.desk);
    check_told(&b, MESSAGE_LEFT, "alice"); /* in time: before what it said last */
    struct wire_sealed m;
    assert_int_equal(wire_get_sealed(actor_next(&b, MESSAGE_SEALED), &m), ERR_OK);
    assert_string_equal(m.from, "alice");
    check_accepted(&b, 2, 2);
}

static void no_envelope(void **state)
{
    (void)state;
    all_three();
    wire_put_send(&out, 1, (struct span){(const uint8_t *)"junk", 4});
    actor_send(&a, &out);
    actor_check_error(&a, CODE_PROTOCOL);
    desk_finish(&stage.desk);
    assert_true(stage.room.log.last == 0);
}

static enum err open_for(unsigned key, const struct wire_sealed *m)
{
    struct envelope_content content;
    struct buf plain;
    enum err e;

    buf_init(&plain, 200000);
    e = envelope_open(&content, &plain, keys_get(key), m->envelope.data, m->envelope.len);
    buf_free(&plain);
    return e;
}

/* Each gets the one body with its own slot alone. */
static void one_to_all_has_each_ones_slot(void **state)
{
    const struct public_key *to[] = {&keys_get(2)->public, &keys_get(3)->public};
    struct envelope_content content = {
        .sender = "alice", .id = 9, .kind = ENVELOPE_TEXT, .body = {(const uint8_t *)"hello", 5}};
    struct random random = keys_random(1);
    struct wire_sealed for_b, for_c;

    (void)state;
    all_three();
    buf_clear(&envelope);
    assert_int_equal(envelope_seal_all(&envelope, keys_get(1), &random, &content, to, 2), ERR_OK);
    wire_put_send(&out, 9, (struct span){envelope.data, envelope.len});
    actor_send(&a, &out);
    desk_finish(&stage.desk);
    assert_int_equal(wire_get_sealed(actor_next(&b, MESSAGE_SEALED), &for_b), ERR_OK);
    assert_int_equal(wire_get_sealed(actor_next(&c, MESSAGE_SEALED), &for_c), ERR_OK);
    assert_int_equal(for_b.envelope.len, envelope.len - 260);
    assert_int_equal(for_c.envelope.len, envelope.len - 260);
    assert_int_equal(open_for(2, &for_b), ERR_OK);
    assert_int_equal(open_for(3, &for_c), ERR_OK);
    assert_int_equal(open_for(2, &for_c), ERR_SEALED);
}

static void too_slow(void **state)
{
    uint8_t record[16384];

    (void)state;
    all_three();
    /* All that they were given on entering is sent. */
    session_fill(&a.session, record, sizeof record);
    session_fill(&b.session, record, sizeof record);
    session_fill(&c.session, record, sizeof record);
    b.queued = LIMIT_QUEUE - 100;
    say(&a, 1);
    desk_finish(&stage.desk);
    actor_check_error(&b, CODE_SLOW);
    check_accepted(&a, 1, 1);
    check_sealed(&c, &a, 1, 1);
    assert_int_equal(stage.room.count, 2);
    stage_later(&stage, NOTICES_GAP_NS);
    check_left(&a, "bob", LEFT_REMOVED);
    check_left(&c, "bob", LEFT_REMOVED);
    /* All of them at once, also the one that is answered. */
    a.queued = c.queued = LIMIT_QUEUE;
    say(&a, 2);
    desk_finish(&stage.desk);
    actor_check_error(&a, CODE_SLOW);
    actor_check_error(&c, CODE_SLOW);
    assert_int_equal(stage.room.count, 0);
}

static void paused_while_much_waits(void **state)
{
    uint8_t record[16384];

    (void)state;
    all_three();
    b.queued = 300 * 1024;
    b.kicks = 0;
    say(&a, 1);
    desk_finish(&stage.desk);
    assert_true(b.paused);
    assert_false(c.paused);
    assert_true(b.kicks > 0); /* so it is asked when all is sent, and nobody writes any more */
    b.queued = 0;
    assert_int_equal(session_fill(&b.session, record, sizeof record), 0);
    assert_false(b.paused);
}

static void paused_while_many_are_unanswered(void **state)
{
    (void)state;
    all_three();
    for (uint64_t i = 0; i < 64; i++)
        say(&a, i);
    assert_false(a.paused);
    say(&a, 64);
    assert_true(a.paused);
    desk_finish(&stage.desk);
    assert_false(a.paused);
    assert_int_equal(a.session.unanswered, 0);
    actor_skip(&c);
    assert_true(stage.room.log.durable == 65);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_at_once_others_together, make, unmake),
        cmocka_unit_test_setup_teardown(the_first_member_is_told_no_old_bindings, make, unmake),
        cmocka_unit_test_setup_teardown(reasons_of_leaving, make, unmake),
        cmocka_unit_test_setup_teardown(everybody_is_dismissed, make, unmake),
        cmocka_unit_test_setup_teardown(accepted_and_passed_on_when_on_disk, make, unmake),
        cmocka_unit_test_setup_teardown(nobody_hears_before_hearing_who_came, make, unmake),
        cmocka_unit_test_setup_teardown(what_the_disk_refuses, make, unmake),
        cmocka_unit_test_setup_teardown(the_sender_goes_before_it_is_stored, make, unmake),
        cmocka_unit_test_setup_teardown(no_envelope, make, unmake),
        cmocka_unit_test_setup_teardown(one_to_all_has_each_ones_slot, make, unmake),
        cmocka_unit_test_setup_teardown(too_slow, make, unmake),
        cmocka_unit_test_setup_teardown(paused_while_much_waits, make, unmake),
        cmocka_unit_test_setup_teardown(paused_while_many_are_unanswered, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
