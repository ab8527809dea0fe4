/* Whatever fails, crashes or is cut off: what was accepted is in the log, and it goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/kit/dice.h"
#include "tests/kit/faults.h"
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
    faults_set(0, 0, 0);
    ledger_close(&l);
    return 0;
}

/* Random appends, restarts, cuts of the end, deletions: nothing accepted before the cut changes. */
static void a_long_life(void **state)
{
    struct dice dice = dice_make(4);

    (void)state;
    for (int round = 0; round < 40; round++) {
        for (size_t n = dice_below(&dice, 8); n > 0; n--) {
            assert_true(ledger_add(&l, dice_u64(&dice) >> 20));
            if (dice_below(&dice, 2) == 0)
                desk_finish(&l.desk);
        }
        desk_finish(&l.desk);
        assert_true(l.accepted == l.log.last);
        if (dice_below(&dice, 4) == 0 && l.accepted > 0) {
            int64_t end = l.log.file.size - (int64_t)dice_below(&dice, 1300);

            if (end > SEGMENT_HEAD && ftruncate(l.log.file.fd, end) == 0)
                l.accepted -= end < l.log.file.size;
        }
        if (dice_below(&dice, 3) == 0 || l.log.last != l.accepted) {
            ledger_reopen(&l, (int64_t)(2000 + dice_below(&dice, 9000)));
            assert_true(l.log.last == l.accepted && l.log.durable == l.accepted);
        }
        l.log.upkeep.bounds.bytes = dice_below(&dice, 5) == 0 ? 60000 : UINT64_MAX;
        assert_true(ledger_read(&l, 0, l.accepted, dice_below(&dice, 20000) + 1) ==
                    l.log.first - 1);
    }
    assert_true(l.log.first > 1 && l.log.last < LEDGER_MOST);
}

/* One life with faults: groups of entries, then the fault is gone. True if it was hit. */
static bool live_with(int from, int count, int error)
{
    bool was_hit;

    faults_set(from, count, error);
    for (uint64_t i = 1; i <= 9; i++) {
        assert_true(ledger_add(&l, 1000 * i + (uint64_t)from));
        if (i % 3 != 0)
            desk_finish(&l.desk);
    }
    desk_finish(&l.desk);
    was_hit = faults_calls() >= from;
    faults_set(0, 0, 0);
    assert_true(l.log.last == l.accepted);
    assert_true(ledger_read(&l, 0, l.accepted, 4000) == 0);
    for (uint64_t i = 1; i <= 3; i++) {
        uint64_t before = l.accepted;

        assert_true(ledger_add(&l, i));
        desk_finish(&l.desk);
        assert_true(l.accepted == before + 1);
    }
    assert_true(ledger_read(&l, 0, l.accepted, 4000) == 0);
    ledger_reopen(&l, 5000);
    assert_true(l.log.last == l.accepted);
    assert_true(ledger_read(&l, 0, l.accepted, 4000) == 0);
    return was_hit;
}

/* Every write, sync, cut, rename and deletion fails once, for a while, or to the end. */
static void whatever_fails_when(void **state)
{
    static const int counts[] = {1, 3, 1000};
    int lives = 0;

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        bool hit = true;

        for (int from = 1; hit; from++, lives++) {
            assert_int_equal(unmake(state), 0);
            assert_int_equal(make(state), 0);
            hit = live_with(from, counts[i], from % 2 ? ENOSPC : EIO);
        }
    }
    assert_true(lives > 50);
}

/* The power goes instead: what was accepted by then is there. */
static void whatever_fails_and_then_a_restart(void **state)
{
    bool hit = true;

    for (int from = 1; hit; from++) {
        assert_int_equal(unmake(state), 0);
        assert_int_equal(make(state), 0);
        faults_set(from, 100000, EIO);
        for (uint64_t i = 1; i <= 9; i++) {
            assert_true(ledger_add(&l, 1000 * i + (uint64_t)from));
            if (i % 2 == 0)
                desk_finish(&l.desk);
        }
        desk_finish(&l.desk);
        hit = faults_calls() >= from;
        faults_set(0, 0, 0);
        ledger_reopen(&l, 5000);
        assert_true(l.log.last >= l.accepted);
        assert_true(ledger_read(&l, 0, l.accepted, 4000) == 0);
    }
}

/* A segment could be made but not be gone on with: its numbers are in the one before. */
static void an_empty_segment_too_early(void **state)
{
    (void)state;
    ledger_add_many(&l, 3);
    close(shelf_make(l.dir, l.log.log_id, 2));
    close(shelf_make(l.dir, l.log.log_id, 3));
    assert_true(ledger_read(&l, 0, 3, 1000) == 0);
    ledger_reopen(&l, 5000);
    assert_true(l.log.last == 3);
    ledger_add_many(&l, 1);
    assert_true(ledger_read(&l, 0, 4, 1000) == 0);
}

static void leftovers_of_a_crash_go(void **state)
{
    char path[600];

    (void)state;
    ledger_add_many(&l, 1);
    scratch_put(&l.desk.scratch, "log/00000000000000000009.seg.AbCdEf", "x", 1);
    scratch_put(&l.desk.scratch, "log/notes.txt.AbCdEf", "x", 1);
    ledger_reopen(&l, 5000);
    scratch_path(&l.desk.scratch, "log/00000000000000000009.seg.AbCdEf", path);
    assert_int_equal(access(path, F_OK), -1);
    scratch_path(&l.desk.scratch, "log/notes.txt.AbCdEf", path);
    assert_int_equal(access(path, F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_long_life, make, unmake),
        cmocka_unit_test_setup_teardown(whatever_fails_when, make, unmake),
        cmocka_unit_test_setup_teardown(whatever_fails_and_then_a_restart, make, unmake),
        cmocka_unit_test_setup_teardown(an_empty_segment_too_early, make, unmake),
        cmocka_unit_test_setup_teardown(leftovers_of_a_crash_go, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
