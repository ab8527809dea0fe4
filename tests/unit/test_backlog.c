/* The log read back: each number comes once, right, or is told as lost; and what the log keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/log.h"
#include "platform/now.h"
#include "server/backlog.h"
#include "tests/kit/ledger.h"

static struct ledger l;

static int make(void **state)
{
    (void)state;
    log_start("test", LOG_ERROR);
    ledger_open(&l);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    ledger_close(&l);
    return 0;
}

static void every_part_in_any_pieces(void **state)
{
    static const size_t pieces[] = {1, 1400, 16384, 1000000};

    (void)state;
    ledger_add_many(&l, 20);
    for (uint64_t after = 0; after <= 20; after++) {
        for (uint64_t last = after; last <= 20; last++)
            assert_true(ledger_read(&l, after, last, pieces[(after + last) % 4]) == 0);
    }
    assert_true(ledger_read(&l, 20, 25, 1000) == 5); /* were never there */
}

static void what_expired_is_lost(void **state)
{
    (void)state;
    ledger_add_many(&l, 40);
    l.log.upkeep.bounds.bytes = 20000;
    ledger_add_many(&l, 4);
    assert_true(l.log.first > 20 && l.log.first <= 44);
    assert_true(sealed_log_bytes(&l.log) <= 20000 + 5000);
    assert_true(ledger_read(&l, 0, 44, 3000) == l.log.first - 1);
    assert_true(ledger_read(&l, l.log.first, 44, 3000) == 0);
    assert_true(ledger_read(&l, 1, 5, 3000) == 4);
    ledger_reopen(&l, 5000);
    assert_true(l.log.last == 44 && l.log.first > 20);
}

/* A segment goes away between two pieces. */
static void what_expires_while_it_is_read(void **state)
{
    struct backlog b;
    struct buf got;
    size_t at = 0;

    (void)state;
    ledger_add_many(&l, 12); /* 1-4, 5-8, 9-12 */
    buf_init(&got, 100000);
    backlog_start(&b, l.dir, ledger_receiver, 1, 12);
    assert_int_equal(backlog_read(&b, 1, &got), ERR_OK);
    assert_true(shelf_remove(l.dir, 1) && shelf_remove(l.dir, 5));
    assert_int_equal(backlog_read(&b, 100000, &got), ERR_OK);
    assert_true(ledger_check(&l, &got, &at) == 1);
    assert_true(ledger_check(&l, &got, &at) == 9);
    assert_true(b.next == 13 && b.lost == 7);
    buf_free(&got);
}

static void age(uint64_t first, int64_t seconds)
{
    char path[600];
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
                                {.tv_sec = (time_t)((int64_t)(now_wall_ms() / 1000) - seconds)}};

    snprintf(path, sizeof path, "%s/%020llu.seg", l.dir, (unsigned long long)first);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void what_is_too_old_goes(void **state)
{
    (void)state;
    l.log.upkeep.bounds.seconds = 1000;
    ledger_add_many(&l, 12);
    age(1, 1200);
    age(5, 900);
    sealed_log_tick(&l.log, 0);
    desk_finish(&l.desk);
    assert_true(l.log.first == 5 && l.log.due > 0);
    age(5, 1200);
    sealed_log_tick(&l.log, l.log.due - 1);
    desk_finish(&l.desk);
    assert_true(l.log.first == 5);
    sealed_log_tick(&l.log, l.log.due);
    desk_finish(&l.desk);
    assert_true(l.log.first == 9);
    assert_true(ledger_read(&l, 0, 12, 10000) == 8);
}

/* Nothing is written any more, and the last message must go all the same. */
static void a_quiet_rooms_messages_go_too(void **state)
{
    (void)state;
    l.log.upkeep.bounds.seconds = 1000;
    ledger_add_many(&l, 2);
    sealed_log_tick(&l.log, 0);
    desk_finish(&l.desk);
    assert_true(l.log.first == 1); /* its entries are from 2023, but nobody closed it */
    l.log.due = 0;
    age(1, 1200);
    sealed_log_tick(&l.log, 1);
    desk_finish(&l.desk);
    assert_true(l.log.first == 3 && sealed_log_bytes(&l.log) == SEGMENT_HEAD);
    sealed_log_tick(&l.log, l.log.due);
    desk_finish(&l.desk);
    ledger_reopen(&l, 5000);
    assert_true(l.log.last == 2);
    ledger_add_many(&l, 1);
    assert_true(l.accepted == 3 && ledger_read(&l, 0, 3, 1000) == 2);
}

/* A clock that was wrong for a while left times that are not in order. */
static void times_of_a_wrong_clock(void **state)
{
    (void)state;
    l.log.upkeep.bounds.seconds = 1000;
    ledger_add_many(&l, 20); /* 1-4 ... 17-20 */
    age(1, 500);
    age(5, 1700000000); /* not older than what is before it */
    age(9, -86400000);  /* nor younger than what is behind it */
    age(13, 400);
    sealed_log_tick(&l.log, 0);
    desk_finish(&l.desk);
    assert_true(l.log.first == 1);
    age(1, 1500);
    age(13, 1200);
    sealed_log_tick(&l.log, l.log.due);
    desk_finish(&l.desk);
    assert_true(l.log.first == 17);
}

/* The clock is put ahead by years, and set right again; or it stays so. */
static void a_clock_that_jumps_ahead(void **state)
{
    int64_t *wall = &l.log.calendar.wall;

    (void)state;
    l.log.upkeep.bounds.seconds = 1000;
    ledger_add_many(&l, 12);
    age(1, 1200);
    *wall -= CALENDAR_JUMP + 100; /* so that now is that much later */
    sealed_log_tick(&l.log, 0);
    desk_finish(&l.desk);
    assert_true(l.log.first == 1);
    l.log.calendar.doubt -= CALENDAR_DOUBT + 100;
    sealed_log_tick(&l.log, l.log.due);
    desk_finish(&l.desk);
    assert_true(l.log.first == 5);
}

/* Opened again when everything in it seems too old. */
static void a_clock_that_was_wrong_at_the_start(void **state)
{
    (void)state;
    ledger_add_many(&l, 12);
    age(1, 1200);
    age(5, 1200);
    age(9, 1200);
    l.bounds.seconds = 1000;
    ledger_reopen(&l, 5000);
    sealed_log_tick(&l.log, 0);
    desk_finish(&l.desk);
    assert_true(l.log.first == 1);
    age(9, 100);
    ledger_reopen(&l, 5000);
    sealed_log_tick(&l.log, 0);
    desk_finish(&l.desk);
    assert_true(l.log.first == 9);
    l.bounds.seconds = 0;
}

/* Wherever a byte is altered: what is whole is read, and nothing else. */
static void damage_costs_one_entry_or_a_segment(void **state)
{
    struct buf b;

    (void)state;
    ledger_add_many(&l, 6); /* 1-4, 5-6 */
    buf_init(&b, 100000);
    scratch_get(&l.desk.scratch, "log/00000000000000000001.seg", &b);
    for (size_t i = 0; i < b.len; i += i < 200 ? 1 : 17) {
        b.data[i] ^= 0x41;
        scratch_put(&l.desk.scratch, "log/00000000000000000001.seg", b.data, b.len);
        assert_true(ledger_read(&l, 0, 6, 1 + i) == (i < SEGMENT_HEAD ? 0 : 1));
        b.data[i] ^= 0x41;
    }
    for (size_t len = 0; len < b.len; len += len < 200 ? 1 : 17) {
        scratch_put(&l.desk.scratch, "log/00000000000000000001.seg", b.data, len);
        assert_true(ledger_read(&l, 0, 6, 1 + len) >= 1);
    }
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_part_in_any_pieces, make, unmake),
        cmocka_unit_test_setup_teardown(what_expired_is_lost, make, unmake),
        cmocka_unit_test_setup_teardown(what_expires_while_it_is_read, make, unmake),
        cmocka_unit_test_setup_teardown(what_is_too_old_goes, make, unmake),
        cmocka_unit_test_setup_teardown(times_of_a_wrong_clock, make, unmake),
        cmocka_unit_test_setup_teardown(a_clock_that_jumps_ahead, make, unmake),
        cmocka_unit_test_setup_teardown(a_clock_that_was_wrong_at_the_start, make, unmake),
        cmocka_unit_test_setup_teardown(a_quiet_rooms_messages_go_too, make, unmake),
        cmocka_unit_test_setup_teardown(damage_costs_one_entry_or_a_segment, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
