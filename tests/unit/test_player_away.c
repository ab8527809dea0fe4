/* The player when the link is lost: what comes after it, and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>

#include "tests/kit/show.h"

/* Waits until nothing has happened for so long. */
static void rest(struct player *p, int ms)
{
    struct pollfd quiet = {.fd = player_fd(p), .events = POLLIN};
    struct player_event e;

    assert_false(player_next(p, &e));
    assert_int_equal(poll(&quiet, 1, ms), 0);
}

/* On a link that did not keep the pace what is late is left out; after a lost one it is not. */
static void test_interrupted(void **state)
{
    for (int paused = 0; paused < 2; paused++) {
        struct player *p = show_start(50, 60);
        struct player_event e;

        for (uint32_t i = 0; i < 9; i++)
            assert_int_equal(show_give(*state, p, i), ERR_OK);
        assert_int_equal(player_skipped(p, 9, 1), ERR_OK);
        do {
            show_next_of(p, PLAYER_EVENT_FRAME, &e);
        } while (e.number < 9);
        player_interrupted(p);
        rest(p, 200);
        assert_int_equal(player_wanted(p), 10);
        player_pause(p, paused == 1);
        for (uint32_t i = 10; i < 60; i++)
            assert_int_equal(show_give(*state, p, i), ERR_OK);
        assert_true(player_buffered(p).ns > 900 * MS);
        if (paused == 1)
            rest(p, 100);
        player_pause(p, false);
        show_next(p, &e);
        show_check(*state, &e, 10);
        /* The clock runs anew from it, so that it can't have passed. */
        assert_true(e.outcome == PLAYER_SHOWN || e.outcome == PLAYER_LATE);
        for (uint32_t i = 11; i < 60; i++) {
            show_next(p, &e);
            show_check(*state, &e, i);
        }
        show_next(p, &e);
        assert_int_equal(e.kind, PLAYER_EVENT_ENDED);
        player_close(p);
    }
}

/* What comes in time after all moves no clock; a seek ends the waiting. */
static void test_interrupted_for_nothing(void **state)
{
    struct player *p = show_start(10, 60);
    struct player_event e;
    int64_t first;

    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(show_give(*state, p, i), ERR_OK);
    show_next_of(p, PLAYER_EVENT_FRAME, &e);
    first = e.shown_ns - e.pts_ns;
    player_interrupted(p);
    for (uint32_t i = 5; i < 10; i++)
        assert_int_equal(show_give(*state, p, i), ERR_OK);
    for (uint32_t i = 1; i < 10; i++) {
        show_next(p, &e);
        show_check(*state, &e, i);
        if (e.outcome == PLAYER_SHOWN)
            assert_true(e.shown_ns - e.pts_ns >= 0 && e.shown_ns - e.pts_ns - first < 100 * MS);
    }
    player_interrupted(p);
    player_seek(p, 50);
    assert_int_equal(player_wanted(p), 50);
    assert_int_equal(show_give(*state, p, 50), ERR_OK);
    show_next(p, &e);
    show_check(*state, &e, 50);
    player_close(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_interrupted_for_nothing),
    };

    return cmocka_run_group_tests(tests, show_setup, show_teardown);
}
