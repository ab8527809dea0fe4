/* What was missed: asked for, shown once and in order, and never forgotten halfway. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "tests/kit/scratch.h"
#include "tests/kit/visitor.h"
#include "wire/hello.h"
#include "wire/past.h"

static struct visitor v;

static struct buf messages(void)
{
    struct buf b;

    buf_init(&b, 64 * 1024 * 1024);
    return b;
}

/* At the door of a server whose log holds numbers up to last. */
static void arrive(uint64_t last)
{
    visitor_open(&v);
    v.config.reconnect = true;
    v.features = FEATURE_PAST;
    v.last = v.number = last;
    visitor_forget(&v);
}

static int leave(void **state)
{
    (void)state;
    visitor_close(&v);
    return 0;
}

/* Away, and back in a room whose log holds numbers up to last. */
static void come_back(uint64_t last)
{
    visitor_lose(&v);
    v.last = v.number = last;
    visitor_return(&v);
    visitor_go_in(&v);
    assert_int_equal(v.client.state, CLIENT_ROOM);
}

/* RESUME was sent once, with that log (its first byte) and number. */
static void asked(uint8_t log, uint64_t after)
{
    struct wire_resume m;
    struct span payload;

    assert_int_equal(visitor_saw(&v, MESSAGE_RESUME, &payload), 1);
    assert_int_equal(wire_get_resume(payload, &m), ERR_OK);
    assert_int_equal(m.log_id[0], log);
    assert_true(m.after == after);
}

static void past(uint64_t number, uint64_t id, const char *text)
{
    struct buf out = messages();

    visitor_put_past(&v, number, id, text, &out);
    visitor_send(&v, &out);
}

static void past_end(uint64_t from, uint64_t last, uint64_t lost)
{
    const struct wire_past_end m = {.from = from, .last = last, .lost = lost};
    struct buf out = messages();

    wire_put_past_end(&out, &m);
    visitor_send(&v, &out);
}

static void live(uint64_t id, const char *text)
{
    struct buf out = messages();

    visitor_put_text(&v, id, text, &out);
    visitor_send(&v, &out);
}

/* Of what was said since the last time, the texts "#..." are these, in that order. */
static void shown(const char *texts)
{
    const char *at = buf_text(&v.said);
    char found[512] = "";

    while ((at = strstr(at, "\"text\":\"#")) != NULL) {
        size_t used = strlen(found);

        at += strlen("\"text\":\"");
        snprintf(found + used, sizeof found - used, "%s%.*s", used > 0 ? " " : "",
                 (int)strcspn(at, "\""), at);
    }
    assert_string_equal(found, texts);
    buf_clear(&v.said);
}

static void recorded(uint8_t log, uint64_t number)
{
    assert_int_equal(v.client.received.log_id[0], log);
    assert_true(v.client.received.number == number);
}

static void live_waits_for_the_past(void **state)
{
    (void)state;
    arrive(5);
    visitor_go_in(&v);
    asked(0, 0);
    live(60, "#6");
    shown("");
    past(2, 20, "#2");
    past(4, 40, "#4");
    live(70, "#7");
    shown("#2 #4");
    recorded(7, 4);
    past_end(0, 5, 0);
    shown("#6 #7");
    recorded(7, 7);
    live(80, "#8");
    shown("#8");
    recorded(7, 8);
}

/* The same log, and nothing new in it: nothing is asked for, and what comes is shown. */
static void nothing_was_missed(void **state)
{
    (void)state;
    arrive(0);
    visitor_go_in(&v);
    past_end(0, 0, 0);
    live(10, "#1");
    come_back(1);
    assert_int_equal(visitor_saw(&v, MESSAGE_RESUME, NULL), 0);
    live(20, "#2");
    shown("#1 #2");
    recorded(7, 2);
}

/* Twice: once in the past, once with messages held. What was shown is not shown again. */
static void broken_off_in_the_middle(void **state)
{
    (void)state;
    arrive(5);
    visitor_go_in(&v);
    past(1, 10, "#1");
    past(2, 20, "#2");
    live(60, "#6");
    shown("#1 #2");
    come_back(6);
    asked(7, 2);
    past(3, 30, "#3");
    live(70, "#7");
    come_back(7);
    asked(7, 3);
    past(5, 50, "#5");
    /* A server that says it twice, under another number too. */
    past(6, 50, "#5");
    past(7, 60, "#6");
    shown("#3 #5 #6");
    past_end(3, 7, 1);
    live(70, "#7");
    shown("#7");
    recorded(7, 8);
}

static void says_what_is_lost(void **state)
{
    (void)state;
    arrive(9);
    visitor_go_in(&v);
    past_end(0, 9, 3);
    assert_int_equal(visitor_said(&v, "\"lost\":3"), 1);
    recorded(7, 9);
}

/* More came live than is held: the room is entered again, and all of it comes as the past. */
static void too_much_is_held(void **state)
{
    enum { PART = 60000, COUNT = LIMIT_HELD / PART + 2 };
    struct buf envelope = messages(), out = messages();

    (void)state;
    arrive(2);
    visitor_go_in(&v);
    past(1, 10, "#1");
    live(30, "#3");
    memset(buf_reserve(&envelope, PART), 1, PART);
    buf_grew(&envelope, PART);
    for (size_t i = 0; i < COUNT; i++)
        visitor_put_sealed(&v, "carol", VISITOR_CAROL, &envelope, &out);
    buf_free(&envelope);
    visitor_send(&v, &out);
    assert_true(v.client.catchup.too_much);
    assert_true(v.client.catchup.held.len <= LIMIT_HELD);
    live(40, "#4");
    v.stands = 1;
    past_end(0, 2, 0);
    shown("#1");
    assert_int_equal(v.client.state, CLIENT_WAITING);
    assert_int_equal(v.client.catchup.held.len, 0);
    recorded(7, 1);
    v.last = v.number;
    visitor_return(&v);
    visitor_go_in(&v);
    asked(7, 1);
    past(3, 30, "#3");
    past(v.last, 40, "#4");
    past_end(1, v.last, 0);
    shown("#3 #4");
    recorded(7, v.last);
}

/* The server was set back to an older copy of its log: said, and new numbers count from there. */
static void a_log_that_was_set_back(void **state)
{
    unsigned log;

    (void)state;
    arrive(0);
    visitor_go_in(&v);
    past_end(0, 0, 0);
    for (uint64_t i = 1; i <= 6; i++)
        live(10 * i, "#");
    recorded(7, 6);
    log = v.client.catchup.log;
    buf_clear(&v.said);
    come_back(2);
    assert_int_equal(visitor_said(&v, "\"code\":\"new-log\""), 1);
    assert_int_equal(visitor_said(&v, "lost a part of its log"), 1);
    assert_int_equal(visitor_saw(&v, MESSAGE_RESUME, NULL), 0);
    recorded(7, 2);
    /* The old numbers mean others now: one that is still dealt with is none of the new ones. */
    assert_true(v.client.catchup.log != log);
    live(30, "#again");
    live(70, "#new");
    shown("#new");
    recorded(7, 4);
    /* What is missed from here on comes. */
    come_back(6);
    asked(7, 4);
}

static void another_log(void **state)
{
    (void)state;
    arrive(0);
    visitor_go_in(&v);
    past_end(0, 0, 0);
    live(10, "#1");
    live(20, "#2");
    buf_clear(&v.said);
    v.log = 8;
    come_back(3);
    assert_int_equal(visitor_said(&v, "\"code\":\"new-log\""), 1);
    asked(7, 2);
    past(1, 20, "#2");
    past(3, 30, "#3");
    recorded(8, 3);
    past_end(0, 3, 0);
    shown("#3");
    recorded(8, 3);
}

/* What we sent ourselves has a number too, which needs no showing. */
static void our_own_numbers_count(void **state)
{
    struct buf out = messages();
    struct wire_send sent;

    (void)state;
    arrive(1);
    visitor_go_in(&v);
    visitor_forget(&v);
    assert_int_equal(mail_send(&v.client, "bob", (struct span){(const uint8_t *)"hi", 2}), ERR_OK);
    visitor_settle(&v);
    sent = visitor_seen(&v, 0);
    wire_put_accepted(&out, sent.id, ++v.number);
    visitor_send(&v, &out);
    recorded(0, 0);
    past(1, 10, "#1");
    past_end(0, 1, 0);
    recorded(7, 2);
    live(30, "#3");
    shown("#1 #3");
    recorded(7, 3);
}

/* A later den of the same state asks from where this one was. */
static void goes_on_in_the_next_run(void **state)
{
    struct scratch scratch;

    (void)state;
    scratch_make(&scratch);
    arrive(0);
    v.config.state = scratch.path;
    visitor_go_in(&v);
    past_end(0, 0, 0);
    live(10, "#1");
    live(20, "#2");
    visitor_close(&v);
    arrive(4);
    v.config.state = scratch.path;
    visitor_go_in(&v);
    asked(7, 2);
    past(3, 20, "#2");
    past(4, 40, "#4");
    past_end(2, 4, 0);
    shown("#4");
    scratch_remove(&scratch);
}

static void answers_to_nothing(void **state)
{
    (void)state;
    arrive(0);
    visitor_go_in(&v);
    past_end(0, 0, 0);
    past_end(0, 0, 0);
    assert_int_equal(visitor_said(&v, "\"code\":\"protocol\""), 1);
    visitor_close(&v);
    arrive(0);
    visitor_go_in(&v);
    past_end(0, 0, 0);
    past(1, 10, "#1");
    assert_int_equal(visitor_said(&v, "\"code\":\"protocol\""), 1);
    shown("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(live_waits_for_the_past, leave),
        cmocka_unit_test_teardown(nothing_was_missed, leave),
        cmocka_unit_test_teardown(broken_off_in_the_middle, leave),
        cmocka_unit_test_teardown(says_what_is_lost, leave),
        cmocka_unit_test_teardown(too_much_is_held, leave),
        cmocka_unit_test_teardown(a_log_that_was_set_back, leave),
        cmocka_unit_test_teardown(another_log, leave),
        cmocka_unit_test_teardown(our_own_numbers_count, leave),
        cmocka_unit_test_teardown(goes_on_in_the_next_run, leave),
        cmocka_unit_test_teardown(answers_to_nothing, leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
