/* Everybody's share: the room's rate in turns, what one session may write, and the options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "tests/kit/dice.h"
#include "tests/kit/keys.h"
#include "tests/kit/stage.h"
#include "wire/video.h"

#define SECOND INT64_C(1000000000)
#define RATE LIMIT_ROOM_RATE
#define BURST (6 * RATE)
#define RESERVE (3 * RATE)
#define OWN (2 * RATE)

static struct stage stage;
static struct actor a, b, c;
static struct buf out, envelope;

static int make(void **state)
{
    (void)state;
    log_start("test", LOG_ERROR);
    buf_init(&out, MESSAGE_HEADER + LIMIT_MESSAGE);
    buf_init(&envelope, LIMIT_ENVELOPE);
    stage = (struct stage){.rates = true};
    stage_open(&stage);
    actor_enter(&a, &stage, 1, "alice", 0);
    actor_enter(&b, &stage, 2, "bob", 0);
    actor_enter(&c, &stage, 3, "carol", 0);
    stage_later(&stage, NOTICES_GAP_NS);
    actor_skip(&a);
    actor_skip(&b);
    actor_skip(&c);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    actor_end(&a);
    actor_end(&b);
    actor_end(&c);
    stage_close(&stage);
    buf_free(&out);
    buf_free(&envelope);
    return 0;
}

static void say(struct actor *x, uint64_t id)
{
    buf_clear(&envelope);
    stage_envelope(&envelope, id);
    wire_put_send(&out, id, (struct span){envelope.data, envelope.len});
    actor_send(x, &out);
}

static void say_many(struct actor *x, uint64_t first, size_t count)
{
    for (uint64_t i = 0; i < count; i++)
        say(x, first + i);
}

/* How many more were accepted of it, in the order in which it sent them. */
static size_t accepted(struct actor *x, uint64_t *next)
{
    size_t count = 0;

    desk_finish(&stage.desk);
    while (actor_peek(x) != 0) {
        if (actor_peek(x) == MESSAGE_ACCEPTED) {
            uint64_t id, number;

            assert_int_equal(wire_get_accepted(actor_next(x, MESSAGE_ACCEPTED), &id, &number),
                             ERR_OK);
            assert_true(id == *next);
            ++*next;
            count++;
        } else {
            actor_next(x, actor_peek(x));
        }
    }
    return count;
}

/* Turns as the loop would make them, each when it is due, until that much later. */
static void pass(int64_t ns)
{
    int64_t end = stage.room.now + ns;

    for (int64_t due; (due = room_due(&stage.room)) <= end;) {
        assert_true(due > stage.room.now);
        stage_later(&stage, due - stage.room.now);
    }
    stage_later(&stage, end - stage.room.now);
}

static void a_paste_is_slowed_and_not_lost(void **state)
{
    uint64_t next = 1;
    size_t sent = 0, got = 0;

    (void)state;
    while (!a.paused) {
        while (!a.paused)
            say(&a, ++sent);
        got += accepted(&a, &next);
    }
    /* All of the room's but the reserve, then what is held. */
    assert_int_equal(got, RESERVE);
    assert_int_equal(sent, got + 65);
    pass(SECOND);
    assert_in_range(accepted(&a, &next), RATE, RATE + RATE / 16 + 1);
    while (sent < 200) {
        while (sent < 200 && !a.paused)
            say(&a, ++sent);
        pass(SECOND / RATE);
    }
    pass(20 * SECOND);
    accepted(&a, &next);
    assert_true(next == 201);
    assert_false(a.paused);
    assert_true(room_due(&stage.room) == INT64_MAX);
}

static void who_says_little_does_not_wait(void **state)
{
    uint64_t next_a = 1, next_b = 1, sent_b = 0;

    (void)state;
    say_many(&a, 1, 500);
    accepted(&a, &next_a);
    for (int i = 0; i < OWN; i++) {
        say(&b, ++sent_b);
        assert_int_equal(accepted(&b, &next_b), 1);
    }
    /* Beyond that it shares with who floods. */
    say_many(&b, sent_b + 1, 100);
    accepted(&b, &next_b);
    accepted(&a, &next_a);
    pass(10 * SECOND);
    assert_in_range(accepted(&b, &next_b), 60, 120);
    assert_in_range(accepted(&a, &next_a), 60, 120);
}

/* However many flood: what goes is bounded in every second, each gets its turn, and all is there. */
static void the_rate_holds_for_all_together(void **state)
{
    struct actor *all[] = {&a, &b, &c};
    uint64_t next[] = {1, 1, 1}, sent[] = {0, 0, 0};
    size_t total = 0, got[3] = {0};
    struct dice d = dice_make(9);

    (void)state;
    for (int second = 0; second < 30; second++) {
        size_t before = total;

        for (int part = 0; part < 10; part++) {
            for (size_t i = 0; i < 3; i++) {
                for (size_t n = dice_below(&d, 40); n > 0 && !all[i]->paused; n--)
                    say(all[i], ++sent[i]);
            }
            pass(SECOND / 10);
            for (size_t i = 0; i < 3; i++) {
                size_t n = accepted(all[i], &next[i]);

                got[i] += n;
                total += n;
            }
        }
        assert_true(total <= BURST + (size_t)RATE * (size_t)(second + 1));
        assert_true(second == 0 || total - before <= RATE + RESERVE);
        assert_true(second < 5 || total - before >= RATE - 1);
    }
    for (size_t i = 0; i < 3; i++)
        assert_in_range(got[i], total / 3 - 20, total / 3 + 20);
}

static void who_goes_takes_what_waits_along(void **state)
{
    uint64_t next = 1;
    size_t got;

    (void)state;
    say_many(&a, 1, 150);
    say_many(&b, 1, OWN + 30);
    accepted(&b, &next);
    actor_end(&a);
    assert_true(room_due(&stage.room) < INT64_MAX);
    pass(5 * SECOND);
    got = accepted(&b, &next);
    assert_int_equal(next, OWN + 31);
    assert_true(got > 0);
    assert_true(stage.room.log.durable < 150);
    actor_end(&b);
    assert_null(stage.room.intake.waiting);
}

/* The largest that there is, for everyone; it opens for nobody. */
static void put_largest(void)
{
    buf_clear(&envelope);
    buf_add(&envelope, "\1\1\2", 3);
    for (size_t i = 0; i < 16; i++)
        buf_add8(&envelope, 0);
    buf_add32(&envelope, LIMIT_SEALED);
    for (size_t i = 0; i < LIMIT_SEALED; i++)
        buf_add8(&envelope, 0);
    buf_add16(&envelope, LIMIT_SLOTS);
    for (size_t i = 0; i < LIMIT_SLOTS * 260; i++)
        buf_add8(&envelope, 0);
}

/* However many sessions there are that hold as much as one may. */
static void what_waits_in_all_is_bounded(void **state)
{
    struct wire_send m = {.id = 1000};

    (void)state;
    say_many(&a, 1, 150);
    actor_skip(&a);
    put_largest();
    m.envelope = (struct span){envelope.data, envelope.len};
    for (; stage.room.intake.bytes + envelope.len <= LIMIT_WAITING; m.id++)
        intake_take(&a.session, &m);
    assert_true(m.id > 1010);
    assert_int_equal(actor_peek(&a), 0);
    intake_take(&a.session, &m);
    actor_check_refused(&a, m.id, CODE_STORE);
    actor_end(&a);
    assert_true(stage.room.intake.bytes == 0);
}

static void too_large_an_envelope(void **state)
{
    (void)state;
    stage.room.limits.value[LIMITS_ENVELOPE] = 1318;
    say(&a, 1);
    actor_check_refused(&a, 1, CODE_LIMIT);
    stage.room.limits.value[LIMITS_ENVELOPE] = 1319;
    say(&a, 2);
    desk_finish(&stage.desk);
    actor_next(&a, MESSAGE_ACCEPTED);
}

static void list_many(struct actor *x, size_t count)
{
    for (size_t i = 0; i < count && !x->finished; i++) {
        wire_put_list(&out);
        actor_send(x, &out);
    }
}

/* 25 for each LIST: 1000 at once, then 500 a second. */
static void who_writes_too_fast_rests(void **state)
{
    (void)state;
    list_many(&a, 40);
    assert_false(a.paused);
    assert_true(room_due(&stage.room) == INT64_MAX);
    list_many(&a, 1);
    assert_true(a.paused);
    assert_false(b.paused);
    assert_true(room_due(&stage.room) == stage.room.now + SECOND / 20);
    /* What a record still held is answered as well, and rested for. */
    list_many(&a, 10);
    assert_true(room_due(&stage.room) == stage.room.now + 11 * SECOND / 20);
    stage_later(&stage, 11 * SECOND / 20 - 1);
    assert_true(a.paused);
    stage_later(&stage, 1);
    assert_false(a.paused);
    assert_true(room_due(&stage.room) == INT64_MAX);
    list_many(&a, 1);
    assert_true(a.paused);
    actor_end(&a);
    assert_null(stage.room.resting);
    stage_later(&stage, NOTICES_GAP_NS);
    assert_true(room_due(&stage.room) == INT64_MAX);
}

static void who_writes_far_too_fast_is_ended(void **state)
{
    (void)state;
    list_many(&a, 240);
    assert_false(a.finished);
    list_many(&a, 1);
    desk_finish(&stage.desk);
    while (actor_peek(&a) != 0 && actor_peek(&a) != MESSAGE_ERROR)
        actor_next(&a, actor_peek(&a));
    actor_check_error(&a, CODE_FAST);
    assert_null(stage.room.resting);
    assert_int_equal(stage.room.count, 2);
}

/* An unknown message that may be ignored counts like any other. */
static void bytes_count_too(void **state)
{
    static const uint8_t zeros[LIMIT_LIST];
    size_t count = 0;

    (void)state;
    while (!a.paused) {
        buf_add8(&out, 0xf0);
        buf_add32(&out, LIMIT_LIST);
        buf_add(&out, zeros, LIMIT_LIST);
        actor_send(&a, &out);
        count++;
    }
    assert_int_equal(count, 2 * LIMIT_BYTE_RATE / LIMIT_LIST);
    assert_false(a.finished);
    assert_in_range(room_due(&stage.room) - stage.room.now, 1, SECOND / 10);
    stage_later(&stage, SECOND / 10);
    assert_false(a.paused);
}

static void no_clips_at_all(void **state)
{
    struct wire_play m = {.stream = 7, .credit = 1};

    (void)state;
    m.clip = (struct span){(const uint8_t *)"film", 4};
    m.schedule = (struct span){(const uint8_t *)"thirds", 6};
    stage.room.limits.value[LIMITS_CLIPS] = 0;
    wire_put_play(&out, &m);
    actor_send(&a, &out);
    actor_check_refused(&a, 7, CODE_LIMIT);
}

/* What a huge room's newcomer is given at once is not held against it; what comes later is. */
static void the_entrance_is_not_counted(void **state)
{
    uint8_t record[16384];
    size_t entrance = a.session.allowance;

    (void)state;
    assert_true(entrance > 400);
    a.queued = LIMIT_QUEUE + entrance - 2000;
    say(&b, 1);
    desk_finish(&stage.desk);
    actor_next(&a, MESSAGE_SEALED);
    assert_false(a.finished);
    a.queued = 0;
    session_fill(&a.session, record, sizeof record);
    a.queued = LIMIT_QUEUE - 1000;
    say(&b, 2);
    desk_finish(&stage.desk);
    actor_check_error(&a, CODE_SLOW);
}

static void new_names_of_one_address(void **state)
{
    static struct newcomers n;
    uint8_t group[16] = {1}, other[16] = {0};
    int64_t now = 50 * SECOND, hour = 3600 * SECOND;

    (void)state;
    for (int i = 0; i < 8; i++)
        assert_true(newcomers_take(&n, group, 8, now));
    assert_false(newcomers_take(&n, group, 8, now));
    assert_true(newcomers_take(&n, group, 0, now));
    assert_true(newcomers_take(&n, other, 8, now));
    assert_false(newcomers_take(&n, group, 8, now + hour / 2 - SECOND));
    assert_true(newcomers_take(&n, group, 8, now + hour / 2));
    assert_false(newcomers_take(&n, group, 8, now + hour / 2));
    /* Who took all is the last to be forgotten. */
    for (unsigned i = 0; i < 3 * NEWCOMERS_PLACES; i++) {
        other[2] = (uint8_t)i;
        other[3] = (uint8_t)(i >> 8);
        assert_true(newcomers_take(&n, other, 8, now + hour / 2));
    }
    assert_int_equal(n.count, NEWCOMERS_PLACES);
    assert_false(newcomers_take(&n, group, 8, now + hour / 2));
    assert_true(newcomers_take(&n, group, 8, now + 9 * hour));
}

/* dave's address is at its end: a known key, and a guest for a while, come in all the same. */
static void no_more_new_names(void **state)
{
    struct actor d;

    (void)state;
    stage.room.limits.value[LIMITS_NEW_NAMES] = 1;
    actor_end(&c);
    actor_enter(&c, &stage, 3, "carol", 0);
    stage.room.newcomers.count = 0;
    actor_enter(&d, &stage, 4, "dave", 0);
    actor_end(&d);
    actor_start(&d, &stage, 4);
    actor_say_hello(&d, "erin", 0);
    actor_next(&d, MESSAGE_HELLO_ACK);
    actor_say_ack(&d, "erin");
    actor_check_error(&d, CODE_FULL);
    actor_end(&d);
    actor_enter(&d, &stage, 4, "dave", 0);
    actor_end(&d);
    actor_enter(&d, &stage, 4, "erin", HELLO_EPHEMERAL);
    actor_end(&d);
}

static void options_are_checked(void **state)
{
    struct limits l, fresh;
    char text[32], why[64];

    (void)state;
    limits_default(&fresh);
    for (int i = 0; i < LIMITS_COUNT; i++) {
        enum limits_which which = (enum limits_which)i;
        long long least, most; /* one more than the most must fit */

        limits_default(&l);
        snprintf(text, sizeof text, "%lld", (long long)l.value[i]);
        assert_true(limits_parse(&l, which, text, why));
        assert_memory_equal(&l, &fresh, sizeof l);
        assert_false(limits_parse(&l, which, "", why));
        assert_false(limits_parse(&l, which, "-1", why));
        assert_false(limits_parse(&l, which, "4x", why));
        assert_false(limits_parse(&l, which, "99999999999999999999", why));
        assert_memory_equal(&l, &fresh, sizeof l);
        assert_int_equal(sscanf(why, "not a %*s of %lld to %lld:", &least, &most), 2);
        for (long long v = least; v <= most; v += most - least > 0 ? most - least : 1) {
            snprintf(text, sizeof text, "%lld", v);
            assert_true(limits_parse(&l, which, text, why));
            assert_true(l.value[i] == v);
        }
        snprintf(text, sizeof text, "%lld", most + 1);
        assert_false(limits_parse(&l, which, text, why));
        snprintf(text, sizeof text, "%lld", least - 1);
        assert_false(limits_parse(&l, which, text, why));
    }
    assert_true(limits_parse(&l, LIMITS_QUEUE, "16M", why) && l.value[LIMITS_QUEUE] == 16 << 20);
    assert_false(limits_parse(&l, LIMITS_ROOM_RATE, "1K", why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_paste_is_slowed_and_not_lost, make, unmake),
        cmocka_unit_test_setup_teardown(who_says_little_does_not_wait, make, unmake),
        cmocka_unit_test_setup_teardown(the_rate_holds_for_all_together, make, unmake),
        cmocka_unit_test_setup_teardown(who_goes_takes_what_waits_along, make, unmake),
        cmocka_unit_test_setup_teardown(what_waits_in_all_is_bounded, make, unmake),
        cmocka_unit_test_setup_teardown(too_large_an_envelope, make, unmake),
        cmocka_unit_test_setup_teardown(who_writes_too_fast_rests, make, unmake),
        cmocka_unit_test_setup_teardown(who_writes_far_too_fast_is_ended, make, unmake),
        cmocka_unit_test_setup_teardown(bytes_count_too, make, unmake),
        cmocka_unit_test_setup_teardown(no_clips_at_all, make, unmake),
        cmocka_unit_test_setup_teardown(the_entrance_is_not_counted, make, unmake),
        cmocka_unit_test(new_names_of_one_address),
        cmocka_unit_test_setup_teardown(no_more_new_names, make, unmake),
        cmocka_unit_test(options_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
