#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdint.h>
#include <stdlib.h>

#include "player/pacer.h"

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)

static unsigned seed;

static unsigned roll(unsigned below)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % below;
}

static void test_pts(void **state)
{
    struct pacer p;

    (void)state;
    pacer_init(&p, 24, 1);
    assert_int_equal(pacer_pts(&p, 0), 0);
    assert_int_equal(pacer_pts(&p, 1), 41666666);
    assert_int_equal(pacer_pts(&p, 24), SECOND);
    pacer_init(&p, 24000, 1001);
    assert_int_equal(pacer_pts(&p, 24000), 1001 * SECOND);
    assert_int_equal(pacer_pts(&p, 10000000), INT64_C(417083333333333));
    pacer_init(&p, 1000000, 1000000);
    assert_int_equal(pacer_pts(&p, 10000000), 10000000 * SECOND);
    for (uint32_t i = 0; i < 5000; i++)
        assert_true(pacer_pts(&p, i) < pacer_pts(&p, i + 1));
}

static void test_frame_is_the_inverse_of_pts(void **state)
{
    static const uint32_t rates[][2] = {{24, 1}, {24000, 1001}, {1, 100}, {999999, 1000}, {7, 3}};
    struct pacer p;

    (void)state;
    for (unsigned i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        pacer_init(&p, rates[i][0], rates[i][1]);
        assert_int_equal(pacer_frame(&p, -5), 0);
        for (uint32_t k = 0; k < 10000000; k = k * 3 / 2 + 1) {
            int64_t pts = pacer_pts(&p, k);
            assert_int_equal(pacer_frame(&p, pts), k);
            assert_int_equal(pacer_frame(&p, pacer_pts(&p, k + 1) - 1), k);
        }
        assert_true(pacer_frame(&p, INT64_C(1000000001) * SECOND) >= 10000000);
    }
}

static void test_judge(void **state)
{
    struct pacer p;

    (void)state;
    pacer_init(&p, 10, 1);
    assert_int_equal(pacer_judge(&p, 7, false, 0), PACER_DECODE);
    pacer_start(&p, 0, SECOND);
    p.decoding = 7 * MS;
    p.drawing = 3 * MS;
    /* Frame 1: due at 1.1 s, its time ends at 1.2 s, decoding takes 10 ms. */
    assert_int_equal(pacer_judge(&p, 1, false, SECOND), PACER_DECODE);
    assert_int_equal(pacer_judge(&p, 1, false, SECOND + 190 * MS - 1), PACER_DECODE);
    assert_int_equal(pacer_judge(&p, 1, false, SECOND + 190 * MS), PACER_DROP);
    /* As the newest it is kept, and shown late when 100 ms have gone by. */
    assert_true(pacer_shown(&p, 0, SECOND + 150 * MS) == false);
    assert_int_equal(pacer_judge(&p, 1, true, SECOND + 190 * MS), PACER_HOLD);
    assert_int_equal(pacer_gap_end(&p), SECOND + 240 * MS);
    assert_int_equal(pacer_judge(&p, 1, true, SECOND + 240 * MS), PACER_DECODE);
}

static void test_relaxed_while_frames_are_cheap_and_in_time(void **state)
{
    struct pacer p;

    (void)state;
    pacer_init(&p, 25, 1);
    assert_false(pacer_relaxed(&p));
    pacer_start(&p, 0, SECOND);
    assert_true(pacer_relaxed(&p));
    for (int i = 0; i < 40; i++) {
        pacer_decoded(&p, 12 * MS);
        pacer_drew(&p, 7 * MS);
    }
    assert_true(pacer_relaxed(&p));
    for (int i = 0; i < 40; i++)
        pacer_drew(&p, 9 * MS);
    assert_false(pacer_relaxed(&p));
    for (int i = 0; i < 40; i++)
        pacer_drew(&p, 7 * MS);
    pacer_pause(&p, true, SECOND);
    assert_false(pacer_relaxed(&p));
    pacer_pause(&p, false, SECOND);
    pacer_missed(&p);
    assert_false(pacer_relaxed(&p));
    for (uint32_t i = 0; i < 25; i++)
        assert_true(pacer_shown(&p, i, pacer_due(&p, i)));
    assert_true(pacer_relaxed(&p));
}

static void test_pause_moves_the_clock(void **state)
{
    struct pacer p;

    (void)state;
    pacer_init(&p, 25, 1);
    pacer_start(&p, 50, SECOND);
    assert_int_equal(pacer_clock(&p, SECOND), 2 * SECOND);
    pacer_pause(&p, true, SECOND + 100 * MS);
    pacer_pause(&p, true, SECOND + 200 * MS);
    assert_int_equal(pacer_clock(&p, 9 * SECOND), 2 * SECOND + 100 * MS);
    assert_int_equal(pacer_judge(&p, 0, false, 9 * SECOND), PACER_DECODE);
    assert_false(pacer_resume(&p, 51, 9 * SECOND));
    assert_int_equal(pacer_wanted(&p, 51, 9 * SECOND), 51);
    pacer_pause(&p, false, 9 * SECOND);
    assert_int_equal(pacer_clock(&p, 9 * SECOND), 2 * SECOND + 100 * MS);
    assert_int_equal(pacer_due(&p, 53), 9 * SECOND + 20 * MS);
}

static void test_a_stall_loses_nothing_on_a_good_link(void **state)
{
    struct pacer p;
    uint32_t i;

    (void)state;
    pacer_init(&p, 20, 1);
    pacer_start(&p, 0, 0);
    for (i = 0; i < 30; i++)
        assert_true(pacer_shown(&p, i, pacer_due(&p, i)));
    assert_int_equal(pacer_wanted(&p, 30, 60 * SECOND), 30);
    assert_false(pacer_resume(&p, 30, pacer_due(&p, 30) + PACER_STALL_NS - 1));
    assert_true(pacer_resume(&p, 30, pacer_due(&p, 30) + PACER_STALL_NS));
    assert_int_equal(pacer_due(&p, 30), 1500 * MS + PACER_STALL_NS);
    /* The next time only after another second in time. */
    assert_false(pacer_resume(&p, 31, 60 * SECOND));
    assert_int_equal(pacer_wanted(&p, 31, pacer_due(&p, 40)), 40);
    assert_int_equal(pacer_wanted(&p, 31, pacer_end(&p, 40)), 41);
    assert_int_equal(pacer_wanted(&p, 50, pacer_due(&p, 40)), 50);
    for (i = 31; i < 51; i++)
        assert_true(pacer_shown(&p, i, pacer_due(&p, i)));
    assert_true(pacer_resume(&p, 51, 60 * SECOND));
}

/* A whole player on a virtual clock: frames arrive, one decoder, pictures are shown. */
struct run {
    struct pacer p;
    int64_t now, step;
    int64_t cost; /* of decoding, and how much it varies */
    unsigned noise;
    uint32_t frames, given, first; /* held: first..given-1 */
    uint32_t decoding;             /* frames: none */
    int64_t decoded_at;
    uint32_t ready; /* frames: none */
    uint32_t shown, late, dropped, skipped;
    int64_t shown_at, gap_most;
    int64_t held_since; /* when frames began to be there without a break */
};

static void run_show(struct run *r, uint32_t frame)
{
    int64_t from = r->shown_at > r->held_since ? r->shown_at : r->held_since;

    if (r->p.started && r->now - from > r->gap_most)
        r->gap_most = r->now - from;
    if (!r->p.started)
        pacer_start(&r->p, frame, r->now);
    if (pacer_shown(&r->p, frame, r->now))
        r->shown++;
    else
        r->late++;
    r->shown_at = r->now;
    r->ready = r->frames;
}

static void run_plan(struct run *r)
{
    while (r->decoding == r->frames && r->ready == r->frames && r->first < r->given) {
        pacer_resume(&r->p, r->first, r->now);
        switch (pacer_judge(&r->p, r->first, r->first + 1 == r->given, r->now)) {
        case PACER_DECODE:
            r->decoding = r->first++;
            r->decoded_at = r->now + r->cost + roll(r->noise + 1);
            break;
        case PACER_DROP:
            /* Never one whose time has not passed, as far as the cost is known. */
            assert_true(r->now + r->p.decoding >= pacer_end(&r->p, r->first));
            pacer_missed(&r->p);
            r->dropped++;
            r->first++;
            break;
        case PACER_HOLD:
            assert_true(r->first + 1 == r->given);
            return;
        }
    }
}

static void run_turn(struct run *r)
{
    if (r->first == r->given && r->decoding == r->frames && r->ready == r->frames)
        r->held_since = r->now;
    run_plan(r);
    if (r->decoding != r->frames && r->now >= r->decoded_at) {
        pacer_decoded(&r->p, r->cost);
        r->ready = r->decoding;
        r->decoding = r->frames;
    }
    if (r->ready != r->frames && (!r->p.started || r->now >= pacer_due(&r->p, r->ready)))
        run_show(r, r->ready);
    r->now += r->step;
}

static bool run_over(const struct run *r)
{
    return r->shown + r->late + r->dropped + r->skipped == r->frames;
}

static void run_init(struct run *r, uint32_t fps, int64_t cost)
{
    *r = (struct run){.frames = 400, .step = MS / 4, .cost = cost, .now = 77 * SECOND};
    r->decoding = r->ready = r->frames;
    pacer_init(&r->p, fps, 1);
}

/* All frames are there at once: nothing is lost while decoding is fast enough, and when it is not,
 * pictures still come at least every 100 ms and a decoding, and the clip keeps its length. */
static void test_decoding_speeds(void **state)
{
    static const uint32_t rates[] = {5, 12, 24, 25, 30, 50, 60, 120};

    (void)state;
    for (unsigned i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        for (int64_t cost = MS; cost < 300 * MS; cost += cost / 2 + MS) {
            struct run r;
            int64_t frame = SECOND / rates[i];
            int64_t from;
            run_init(&r, rates[i], cost);
            r.given = r.frames;
            from = r.now;
            while (!run_over(&r))
                run_turn(&r);
            assert_true(r.gap_most <= (frame > PACER_GAP_NS ? frame : PACER_GAP_NS) + 2 * cost);
            if (cost + 2 * MS < frame)
                assert_true(r.shown == r.frames && r.late == 0);
            assert_true(r.now - from < r.frames * frame + 2 * cost + PACER_STALL_NS);
        }
    }
}

/* Frames that come in fits: every one gets an outcome, gaps stay bounded while there are frames. */
static void test_arrivals_in_fits(void **state)
{
    (void)state;
    for (seed = 1; seed < 300; seed++) {
        struct run r;
        int64_t next = 0;
        unsigned start = seed;
        run_init(&r, 10 + roll(60), (int64_t)roll(30) * MS);
        r.noise = (unsigned)(roll(5) * MS);
        next = r.now;
        for (int64_t end = r.now + 600 * SECOND; !run_over(&r);) {
            if (r.now >= next && r.given < r.frames) {
                r.given += 1 + roll(r.frames - r.given < 40 ? r.frames - r.given : 40);
                next = r.now + (int64_t)roll(roll(8) == 0 ? 3000 : 300) * MS;
            }
            run_turn(&r);
            assert_true(r.now < end);
        }
        assert_true(r.gap_most <= PACER_GAP_NS + 2 * r.cost + 2 * (int64_t)r.noise + MS);
        seed = start;
    }
}

/* A link that brings one frame in six, where the server leaves out what is not wanted: after the
 * trust of the start is used up, the clip keeps its pace. */
static void test_slow_link_keeps_pace(void **state)
{
    struct run r;
    int64_t from, next;

    (void)state;
    run_init(&r, 24, 3 * MS);
    r.frames = r.decoding = r.ready = 1200;
    from = next = r.now;
    while (!run_over(&r)) {
        if (r.now >= next && r.given < r.frames) {
            uint32_t wanted = pacer_wanted(&r.p, r.given, r.now);
            if (wanted > r.frames - 1)
                wanted = r.frames - 1;
            if (wanted > r.given) {
                while (r.first < r.given) { /* what is held comes before what is left out */
                    r.dropped++;
                    r.first++;
                }
                r.skipped += wanted - r.given;
                r.given = r.first = wanted;
                pacer_missed(&r.p);
            }
            r.given++;
            next = r.now + 250 * MS;
        }
        run_turn(&r);
    }
    assert_true(r.now - from < 50 * SECOND + 3 * SECOND);
    assert_true(r.shown + r.late >= 50 * 3);
}

/* Clips behind each other: times go on, each at its own pace. */
static void test_parts_follow_without_a_gap(void **state)
{
    struct pacer p;

    (void)state;
    pacer_init(&p, 24, 1);
    pacer_append(&p, 48, 10, 1);
    assert_int_equal(pacer_pts(&p, 47), INT64_C(1958333333));
    assert_int_equal(pacer_pts(&p, 48), 2 * SECOND);
    assert_int_equal(pacer_pts(&p, 49), 2 * SECOND + SECOND / 10);
    assert_int_equal(pacer_frame(&p, 2 * SECOND - 1), 47);
    assert_int_equal(pacer_frame(&p, 2 * SECOND), 48);
    for (uint32_t i = 0; i < 100; i++)
        pacer_append(&p, 58 + i * 30, i % 2 ? 30000 : 30, i % 2 ? 1001 : 1);
    for (uint32_t frame = 58 + 94 * 30; frame < 58 + 110 * 30; frame++) {
        assert_int_equal(pacer_frame(&p, pacer_pts(&p, frame)), frame);
        assert_true(pacer_pts(&p, frame + 1) > pacer_pts(&p, frame));
        assert_true(pacer_pts(&p, frame + 1) < pacer_pts(&p, frame) + SECOND / 29);
    }
    assert_true(pacer_pts(&p, 0) <= pacer_pts(&p, 58 + 94 * 30)); /* forgotten */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_follow_without_a_gap),
        cmocka_unit_test(test_pts),
        cmocka_unit_test(test_frame_is_the_inverse_of_pts),
        cmocka_unit_test(test_judge),
        cmocka_unit_test(test_relaxed_while_frames_are_cheap_and_in_time),
        cmocka_unit_test(test_pause_moves_the_clock),
        cmocka_unit_test(test_a_stall_loses_nothing_on_a_good_link),
        cmocka_unit_test(test_decoding_speeds),
        cmocka_unit_test(test_arrivals_in_fits),
        cmocka_unit_test(test_slow_link_keeps_pace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
