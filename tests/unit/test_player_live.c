/* The player with somebody's camera: what comes is shown at once, and of many the newest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>

#include "tests/kit/show.h"

static struct player *start(bool digest)
{
    const struct player_options options = {.display = "headless",
                                           .title = "live",
                                           .fps_num = 25,
                                           .fps_den = 1,
                                           .live = true,
                                           .digest = digest};
    struct player *p;

    assert_int_equal(player_open(&options, &p), ERR_OK);
    return p;
}

/* The outcome of each, in order. */
static struct player_event outcome(struct player *p, uint32_t number)
{
    struct player_event e;

    show_next_of(p, PLAYER_EVENT_FRAME, &e);
    assert_int_equal(e.number, number);
    return e;
}

/* Nobody waits for a second frame, nor for a time. */
static void test_each_is_shown_when_it_comes(void **state)
{
    for (int digest = 0; digest < 2; digest++) {
        struct player *p = start(digest == 1);

        for (uint32_t i = 0; i < 40; i++) {
            assert_int_equal(show_give(*state, p, i), ERR_OK);
            assert_int_not_equal(outcome(p, i).outcome, PLAYER_DROPPED);
        }
        player_close(p);
    }
}

static void test_of_many_the_newest(void **state)
{
    struct player *p = start(true);
    struct player_counts n;

    assert_int_equal(show_give(*state, p, 0), ERR_OK);
    outcome(p, 0);
    player_pause(p, true);
    for (uint32_t i = 1; i < 200; i++)
        assert_int_equal(show_give(*state, p, i), ERR_OK);
    assert_int_equal(player_skipped(p, 200, 2000), ERR_OK);
    assert_int_equal(show_give(*state, p, 2200), ERR_OK);
    player_pause(p, false);
    for (uint32_t i = 1; i < 200; i++)
        outcome(p, i);
    assert_int_equal(outcome(p, 200).outcome, PLAYER_SKIPPED);
    for (uint32_t i = 201; i < 2200; i++)
        assert_int_equal(outcome(p, i).outcome, PLAYER_SKIPPED);
    assert_int_not_equal(outcome(p, 2200).outcome, PLAYER_DROPPED);
    n = player_counts(p);
    assert_true(n.dropped >= 190);
    assert_int_equal(n.skipped, 2000);
    player_close(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_is_shown_when_it_comes, show_setup,
                                        show_teardown),
        cmocka_unit_test_setup_teardown(test_of_many_the_newest, show_setup, show_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
