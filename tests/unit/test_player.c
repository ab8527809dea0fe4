/* The whole player, with its threads, on the headless display. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "platform/now.h"
#include "tests/kit/jpegs.h"
#include "tests/kit/show.h"

static void test_every_frame_once_in_order(void **state)
{
    struct player *p = show_start(100, 90);
    struct player_event e;
    struct player_counts counts;
    uint32_t shown = 0;

    show_next(p, &e);
    assert_int_equal(e.kind, PLAYER_EVENT_OPENED);
    assert_string_equal(e.text, "headless");
    for (uint32_t i = 0; i < 90; i++)
        assert_int_equal(show_give(*state, p, i), ERR_OK);
    assert_int_equal(player_expected(p), 90);
    for (uint32_t i = 0; i < 90; i++) {
        show_next(p, &e);
        show_check(*state, &e, i);
        assert_int_equal(e.pts_ns, i * 10 * MS);
        if (e.outcome == PLAYER_SHOWN) {
            assert_true(e.shown_ns >= e.pts_ns && e.shown_ns < e.pts_ns + 10 * MS);
            shown++;
        } else if (e.outcome == PLAYER_LATE) {
            assert_true(e.shown_ns >= e.pts_ns + 10 * MS);
        } else {
            assert_int_equal(e.shown_ns, -1);
        }
    }
    show_next(p, &e);
    assert_int_equal(e.kind, PLAYER_EVENT_ENDED);
    assert_false(player_next(p, &e));
    counts = player_counts(p);
    assert_int_equal(counts.shown + counts.late + counts.dropped, 90);
    assert_int_equal(counts.skipped, 0);
    assert_int_equal(counts.shown, shown);
    assert_true(shown > 0);
    assert_int_equal(player_buffered(p).bytes, 0);
    assert_int_equal(player_buffered(p).frames, 0);
    player_close(p);
    player_close(NULL);
}

static void test_skipped_and_broken(void **state)
{
    struct player *p = show_start(200, 40);
    struct player_event e;
    struct player_frame bad = {.number = 0, .height = 1, .length = 5};

    /* Decoding does not wait for the display: a broken frame could be told of before it is open. */
    show_next_of(p, PLAYER_EVENT_OPENED, &e);
    /* The first: it is decoded for certain, for no time passes before there is a picture. */
    bad.jpeg = jpegs_copy((const uint8_t *)"nojpg", 5);
    assert_int_equal(player_give(p, &bad), ERR_OK);
    for (uint32_t i = 1; i < 10; i++)
        assert_int_equal(show_give(*state, p, i), ERR_OK);
    assert_int_equal(player_skipped(p, 10, 2), ERR_OK);
    for (uint32_t i = 12; i < 30; i++)
        assert_int_equal(show_give(*state, p, i), ERR_OK);
    assert_int_equal(player_skipped(p, 30, 10), ERR_OK);
    for (uint32_t i = 0; i < 40; i++) {
        show_next(p, &e);
        assert_int_equal(e.kind, PLAYER_EVENT_FRAME);
        assert_int_equal(e.number, i);
        assert_int_equal(e.outcome == PLAYER_SKIPPED, i == 10 || i == 11 || i >= 30);
        assert_int_equal(e.reason, i == 0 ? ERR_BROKEN : ERR_OK);
        if (i == 0)
            assert_int_equal(e.outcome, PLAYER_DROPPED);
    }
    show_next(p, &e);
    assert_int_equal(e.kind, PLAYER_EVENT_ENDED);
    assert_int_equal(player_counts(p).skipped, 12);
    player_close(p);
}

static void test_what_is_refused(void **state)
{
    struct player_options o = {.display = "headless", .title = "", .fps_num = 24, .fps_den = 1};
    struct player_frame empty = {.number = 0, .jpeg = NULL, .length = 0};
    struct player *p;

    assert_int_equal(player_open(&o, &p), ERR_LIMIT);
    assert_null(p);
    o.frames = 10;
    o.start_frame = 10;
    assert_int_equal(player_open(&o, &p), ERR_LIMIT);
    o.start_frame = 0;
    o.fps_num = 0;
    assert_int_equal(player_open(&o, &p), ERR_FORMAT);
    o.fps_num = 24;
    o.display = "no such display";
    assert_int_equal(player_open(&o, &p), ERR_UNKNOWN);

    p = show_start(24, 10);
    assert_int_equal(player_give(p, &empty), ERR_LIMIT);
    assert_int_equal(show_give(*state, p, 1), ERR_STATE);
    assert_int_equal(player_skipped(p, 1, 1), ERR_STATE);
    assert_int_equal(player_skipped(p, 0, 0), ERR_STATE);
    assert_int_equal(player_skipped(p, 0, 11), ERR_STATE);
    assert_int_equal(show_give(*state, p, 0), ERR_OK);
    assert_int_equal(show_give(*state, p, 0), ERR_STATE);
    assert_int_equal(player_skipped(p, 1, 9), ERR_OK);
    assert_int_equal(show_give(*state, p, 10), ERR_STATE);
    player_close(p);
}

static void test_all_skipped_ends(void **state)
{
    struct player *p = show_start(24, 5000);
    struct player_event e;

    (void)state;
    assert_int_equal(player_skipped(p, 0, 5000), ERR_OK);
    show_next_of(p, PLAYER_EVENT_ENDED, &e);
    assert_int_equal(player_counts(p).skipped, 5000);
    player_close(p);
}

static void test_a_full_store_refuses(void **state)
{
    struct player *p = show_start(1, 100);
    struct player_frame big = {.length = 8 * 1024 * 1024};
    enum err err = ERR_OK;

    (void)state;
    for (big.number = 0; big.number < 20 && err == ERR_OK; big.number++) {
        big.jpeg = calloc(1, big.length);
        assert_non_null(big.jpeg);
        err = player_give(p, &big);
        assert_true(player_buffered(p).bytes <= PLAYER_HELD_BYTES);
        player_pause(p, true);
    }
    assert_true(err == ERR_LIMIT || err == ERR_OK);
    player_close(p);
}

static void test_seek(void **state)
{
    struct player *p = show_start(100, 1000);
    struct player_event e;

    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(show_give(*state, p, i), ERR_OK);
    show_next_of(p, PLAYER_EVENT_FRAME, &e);
    assert_int_equal(e.number, 0);
    player_seek(p, 980);
    assert_int_equal(player_expected(p), 980);
    assert_int_equal(player_wanted(p), 980);
    /* What was under way from before is refused by its number. */
    assert_int_equal(show_give(*state, p, 20), ERR_STATE);
    for (uint32_t i = 980; i < 1000; i++)
        assert_int_equal(show_give(*state, p, i), ERR_OK);
    for (uint32_t i = 980; i < 1000; i++) {
        show_next_of(p, PLAYER_EVENT_FRAME, &e);
        show_check(*state, &e, i);
        if (e.outcome == PLAYER_SHOWN)
            assert_true(e.shown_ns - e.pts_ns < 10 * MS);
    }
    show_next(p, &e);
    assert_int_equal(e.kind, PLAYER_EVENT_ENDED);
    /* And back, after the end. */
    player_seek(p, 5);
    for (uint32_t i = 5; i < 15; i++)
        assert_int_equal(show_give(*state, p, i), ERR_OK);
    assert_int_equal(player_skipped(p, 15, 985), ERR_OK);
    for (uint32_t i = 5; i < 1000; i++) {
        show_next(p, &e);
        assert_int_equal(e.kind, PLAYER_EVENT_FRAME);
        assert_int_equal(e.number, i);
    }
    show_next(p, &e);
    assert_int_equal(e.kind, PLAYER_EVENT_ENDED);
    player_seek(p, UINT32_MAX);
    assert_int_equal(player_expected(p), 999);
    player_close(p);
}

/* Typed far faster than it is painted: no frame is lost to it. */
static void test_text_in_between(void **state)
{
    struct player *p = show_start(100, 60);
    struct player_event e;
    char line[] = "> typed so fast 000";

    for (uint32_t i = 0; i < 60; i++) {
        assert_int_equal(show_give(*state, p, i), ERR_OK);
        for (unsigned k = 0; k < 20; k++) {
            struct player_text text = {.shown = i % 10 < 8, .edited = line, .cursor = k};
            line[16 + k % 3] = (char)('0' + k % 10);
            text.lines[k % PLAYER_TEXT_LINES] = "a line";
            player_text(p, &text);
        }
    }
    for (uint32_t i = 0; i < 60; i++) {
        show_next_of(p, PLAYER_EVENT_FRAME, &e);
        show_check(*state, &e, i);
    }
    show_next(p, &e);
    assert_int_equal(e.kind, PLAYER_EVENT_ENDED);
    assert_true(player_counts(p).shown + player_counts(p).late > 0);
    player_close(p);
}

/* Paused before the first picture: that one is shown, as a still; then the clock stands. */
static void test_pause(void **state)
{
    struct player *p = show_start(50, 60);
    struct player_event e;
    struct pollfd quiet;

    player_pause(p, true);
    for (uint32_t i = 0; i < 60; i++)
        assert_int_equal(show_give(*state, p, i), ERR_OK);
    show_next_of(p, PLAYER_EVENT_FRAME, &e);
    assert_int_equal(e.number, 0);
    assert_int_equal(e.outcome, PLAYER_SHOWN);
    assert_false(player_next(p, &e));
    quiet = (struct pollfd){.fd = player_fd(p), .events = POLLIN};
    assert_int_equal(poll(&quiet, 1, 200), 0);
    assert_int_equal(player_wanted(p), 60);
    player_pause(p, false);
    for (uint32_t i = 1; i < 60; i++) {
        show_next(p, &e);
        show_check(*state, &e, i);
        /* The time of the pause is no lateness. */
        if (e.outcome == PLAYER_SHOWN)
            assert_true(e.shown_ns < e.pts_ns + 20 * MS);
    }
    assert_true(player_counts(p).shown + player_counts(p).late > 1);
    show_next(p, &e);
    assert_int_equal(e.kind, PLAYER_EVENT_ENDED);
    player_close(p);
}

/* Without digests the loop is woken for several frames that were shown in time, not for each: none is
 * told later than a tenth of a second, and a miss and the last at once. */
static void test_told_together(void **state)
{
    struct player_options o = {
        .display = "headless", .title = "", .fps_num = 100, .fps_den = 1, .frames = 60};
    unsigned woken = 0, told = 0;
    struct player_event e;
    bool ended = false;
    struct player *p;

    assert_int_equal(player_open(&o, &p), ERR_OK);
    show_next_of(p, PLAYER_EVENT_OPENED, &e);
    for (uint32_t i = 0; i < 60; i++)
        assert_int_equal(show_give(*state, p, i), ERR_OK);
    while (!ended) {
        struct pollfd wait = {.fd = player_fd(p), .events = POLLIN};
        assert_int_equal(poll(&wait, 1, 20000), 1);
        woken++;
        while (player_next(p, &e)) {
            ended = e.kind == PLAYER_EVENT_ENDED;
            if (!ended)
                assert_int_equal(e.number, told++);
        }
    }
    assert_int_equal(told, 60);
    /* Each miss wakes it once more. */
    assert_true(woken <= 60 / 10 + 3 + 2 * (60 - player_counts(p).shown));
    player_close(p);
}

/* Twenty times: give some, close after a random while; nothing leaks, hangs or is touched after. */
static void test_close_at_any_moment(void **state)
{
    unsigned seed = 3;

    for (int round = 0; round < 20; round++) {
        struct player *p = show_start(500, 100);
        struct player_event e;
        int64_t until;
        seed = seed * 1664525 + 1013904223;
        until = now_ns() + (int64_t)(seed >> 8) % (30 * MS);
        for (uint32_t i = 0; i < 100 && now_ns() < until; i++) {
            assert_int_equal(show_give(*state, p, i), ERR_OK);
            if (i % 7 == 0)
                player_next(p, &e);
            if (i % 31 == 30) {
                player_seek(p, i + 1);
            }
            player_pause(p, i % 5 == 0);
        }
        player_close(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_frame_once_in_order),
        cmocka_unit_test(test_skipped_and_broken),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_all_skipped_ends),
        cmocka_unit_test(test_a_full_store_refuses),
        cmocka_unit_test(test_seek),
        cmocka_unit_test(test_text_in_between),
        cmocka_unit_test(test_pause),
        cmocka_unit_test(test_told_together),
        cmocka_unit_test(test_close_at_any_moment),
    };

    return cmocka_run_group_tests(tests, show_setup, show_teardown);
}
