/* The file that only grows: durable in groups, cut back when writing fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "server/appender.h"
#include "tests/kit/desk.h"
#include "tests/kit/dice.h"

static struct desk desk;
static struct appender a;

/* What was told. */
static uint64_t durable;
static int durable_calls, failed_calls, last_error;
static void (*in_failed)(void);

static void on_durable(void *owner, uint64_t ticket)
{
    assert_ptr_equal(owner, &desk);
    assert_true(ticket > durable);
    durable = ticket;
    durable_calls++;
}

static void on_failed(void *owner, int error)
{
    assert_ptr_equal(owner, &desk);
    failed_calls++;
    last_error = error;
    if (in_failed != NULL)
        in_failed();
}

static const struct appender_events events = {on_durable, on_failed};

static int open_file(const char *name)
{
    char path[512];
    int fd;

    scratch_path(&desk.scratch, name, path);
    fd = open(path, O_RDWR | O_CREAT, 0600);
    assert_true(fd >= 0);
    return fd;
}

static int make(void **state)
{
    (void)state;
    desk_open(&desk);
    durable = 0;
    durable_calls = failed_calls = last_error = 0;
    in_failed = NULL;
    appender_open(&a, desk.worker, open_file("f"), 0, 1000, &events, &desk);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    desk_limit_files(0);
    desk_finish(&desk);
    appender_close(&a);
    appender_close(&a);
    desk_close(&desk);
    return 0;
}

static uint64_t add(const char *text, size_t len)
{
    struct buf b;
    uint64_t ticket;

    buf_init(&b, 2000);
    buf_add(&b, text, len);
    ticket = appender_add(&a, &b);
    buf_free(&b);
    return ticket;
}

static void check_file(const char *name, const char *text)
{
    struct buf b;

    buf_init(&b, 100000);
    scratch_get(&desk.scratch, name, &b);
    assert_string_equal(buf_text(&b), text);
    buf_free(&b);
}

static void what_waits_goes_in_one_write(void **state)
{
    (void)state;
    assert_false(appender_busy(&a));
    for (uint64_t i = 1; i <= 10; i++)
        assert_true(add(&"abcdefghij"[i - 1], 1) == i);
    assert_true(appender_busy(&a));
    assert_true(durable == 0); /* nothing is told before it is collected */
    desk_finish(&desk);
    assert_true(durable == 10);
    assert_int_equal(durable_calls, 2); /* the first alone, then all that waited */
    assert_false(appender_busy(&a));
    check_file("f", "abcdefghij");
    assert_true(add("k", 1) == 11);
    desk_finish(&desk);
    assert_true(durable == 11 && durable_calls == 3);
    check_file("f", "abcdefghijk");
}

static void too_much_waits(void **state)
{
    char text[1001];

    (void)state;
    memset(text, 'x', sizeof text);
    assert_true(add(text, 600) == 1);
    assert_true(add(text, 1001) == 0);
    assert_true(add(text, 1000) == 2);
    assert_true(add(text, 1) == 0);
    desk_finish(&desk);
    assert_true(durable == 2);
    assert_true(a.size == 1600);
    assert_true(add("y", 1) == 3);
}

static void failure_is_for_all_that_wait(void **state)
{
    (void)state;
    add("good", 4);
    desk_finish(&desk);
    desk_limit_files(8);
    add("long-er", 7); /* a part of it is written */
    add("more", 4);
    desk_finish(&desk);
    assert_true(durable == 1);
    assert_int_equal(failed_calls, 1);
    assert_int_equal(last_error, EFBIG);
    assert_false(appender_busy(&a));
    check_file("f", "good");
    desk_limit_files(0);
    add("!", 1);
    desk_finish(&desk);
    assert_true(durable_calls == 2 && failed_calls == 1);
    check_file("f", "good!");
}

static void add_again(void)
{
    desk_limit_files(0);
    add("again", 5);
}

static void adding_while_told_of_a_failure(void **state)
{
    (void)state;
    in_failed = add_again;
    desk_limit_files(2);
    add("long", 4);
    desk_finish(&desk);
    assert_int_equal(failed_calls, 1);
    assert_int_equal(durable_calls, 1);
    check_file("f", "again");
}

static void going_on_in_another_file(void **state)
{
    (void)state;
    add("one", 3);
    desk_finish(&desk);
    appender_switch(&a, open_file("g"), 0);
    add("two", 3);
    desk_finish(&desk);
    check_file("f", "one");
    check_file("g", "two");
}

static void hold(struct worker_job *job)
{
    (void)job;
}

/* The worker is full of others' jobs: what was added waits, and is not lost. */
static void a_full_worker(void **state)
{
    static struct worker_job jobs[64];

    (void)state;
    for (int i = 0; i < 64; i++) {
        jobs[i] = (struct worker_job){.run = hold, .done = hold};
        assert_true(worker_submit(desk.worker, &jobs[i]));
    }
    assert_true(add("late", 4) == 1);
    assert_true(appender_busy(&a) && !a.running);
    desk_finish(&desk);
    assert_true(durable == 0);
    appender_go_on(&a);
    appender_go_on(&a);
    desk_finish(&desk);
    assert_true(durable == 1);
    check_file("f", "late");
}

static void closing_tells_what_was_not_written(void **state)
{
    (void)state;
    add("x", 1);
    add("y", 1);
    worker_close(desk.worker); /* runs or cancels the first; the second never starts */
    desk.worker = worker_open(1, 8);
    assert_int_equal(durable_calls + failed_calls, 1);
}

/* Whatever fails and when: the file holds exactly what was told to be durable. */
static void what_is_durable_is_there(void **state)
{
    struct dice dice = dice_make(7);
    struct buf expected, waiting, got;
    int seen = 0, failures = 0;

    (void)state;
    buf_init(&expected, 100000);
    buf_init(&waiting, 100000);
    buf_init(&got, 100000);
    for (int round = 0; round < 200; round++) {
        bool fail = dice_below(&dice, 4) == 0;

        buf_clear(&waiting);
        desk_limit_files(fail ? expected.len + dice_below(&dice, 5) : 0);
        for (size_t n = 1 + dice_below(&dice, 5); n > 0; n--) {
            char text[20];
            size_t len = 5 + dice_below(&dice, 15);

            memset(text, (int)('a' + dice_below(&dice, 26)), len);
            assert_true(add(text, len) > 0);
            buf_add(&waiting, text, len);
        }
        desk_finish(&desk);
        assert_int_equal(failed_calls > failures, fail);
        failures = failed_calls;
        if (!fail)
            buf_add(&expected, waiting.data, waiting.len);
        assert_true(durable_calls >= seen);
        seen = durable_calls;
        scratch_get(&desk.scratch, "f", &got);
        assert_int_equal(got.len, expected.len);
        if (got.len > 0)
            assert_memory_equal(got.data, expected.data, got.len);
    }
    buf_free(&expected);
    buf_free(&waiting);
    buf_free(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_waits_goes_in_one_write, make, unmake),
        cmocka_unit_test_setup_teardown(too_much_waits, make, unmake),
        cmocka_unit_test_setup_teardown(failure_is_for_all_that_wait, make, unmake),
        cmocka_unit_test_setup_teardown(adding_while_told_of_a_failure, make, unmake),
        cmocka_unit_test_setup_teardown(going_on_in_another_file, make, unmake),
        cmocka_unit_test_setup_teardown(a_full_worker, make, unmake),
        cmocka_unit_test_setup_teardown(closing_tells_what_was_not_written, make, unmake),
        cmocka_unit_test_setup_teardown(what_is_durable_is_there, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
