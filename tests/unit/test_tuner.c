/* The schedule auto, on simulated links: a server with a clip in three renditions, the real credit, a
 * viewer with a clock; in steps of a millisecond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "player/credit.h"
#include "player/tuner.h"
#include "tests/kit/dice.h"

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)
#define FPS 24
#define STEPS 3
#define TRIP_MOST 64 /* ms; credit.h: a round trip is well below 100 */
#define PREROLL 3

static const int64_t pixels[STEPS] = {426 * 240, 1280 * 720, 2560 * 1440};
static const int64_t sizes[STEPS] = {12000, 65000, 229000}; /* measured.md */

struct sim {
    struct dice dice;
    int64_t rate;  /* of the link, bytes a second */
    int64_t trip;  /* one way, ms */
    int64_t stall; /* jitter: now and then nothing passes for up to so many ms */
    int64_t stalled_until;
    int64_t now; /* ms */
    /* the server */
    int64_t allowed, left; /* credit; of the frame that is being sent */
    int64_t share;         /* of a byte, 1/1000 */
    uint32_t next;
    size_t rendition, wish;
    uint32_t wanted;
    /* on the way, by millisecond of arrival */
    int64_t grants[TRIP_MOST * 2], data[TRIP_MOST * 2];
    int wishes[TRIP_MOST * 2];
    /* the viewer */
    struct credit credit;
    struct tuner tuner;
    int64_t got;          /* bytes of the frame that comes */
    uint32_t expected;    /* the frame that comes */
    int64_t size[4096];   /* of frames, by number mod 4096 */
    uint8_t height[4096]; /* rendition + 1; 0: skipped */
    bool playing;
    int64_t base;   /* when frame 0 was due, ms */
    uint32_t shown; /* frames below have an outcome */
    /* what is counted */
    size_t missed, frames, changes;
    int64_t changed_at[1024];
    int64_t time_at[STEPS];
};

static void sim_start(struct sim *s, uint64_t seed, int64_t rate, int64_t trip, int64_t stall)
{
    *s = (struct sim){
        .dice = dice_make(seed), .rate = rate, .trip = trip, .stall = stall, .now = 7000};
    credit_start(&s->credit, s->now * MS);
    tuner_start(&s->tuner, pixels, STEPS, FPS, 1, s->now * MS);
    s->allowed = (int64_t)credit_grant(&s->credit, 0, 0, s->now * MS);
    memset(s->wishes, -1, sizeof s->wishes);
}

static int64_t due(const struct sim *s, uint32_t frame)
{
    return s->base + (int64_t)frame * 1000 / FPS;
}

static int64_t ahead_ns(const struct sim *s)
{
    int64_t end = s->playing ? due(s, s->expected) - s->now : (int64_t)s->expected * 1000 / FPS;

    return end > 0 ? end * MS : 0;
}

/* The next frame that is wanted gets a size and a rendition; those passed over have none. */
static void begin_frame(struct sim *s)
{
    for (; s->next < s->wanted; s->next++)
        s->height[s->next % 4096] = 0;
    s->rendition = s->wish;
    s->left = sizes[s->rendition] * (70 + (int64_t)dice_below(&s->dice, 61)) / 100;
    s->size[s->next % 4096] = s->left;
    s->height[s->next % 4096] = (uint8_t)(s->rendition + 1);
    s->next++;
}

static void serve(struct sim *s)
{
    size_t at = (size_t)s->now % (2 * TRIP_MOST);
    size_t then = (size_t)(s->now + s->trip + 1) % (2 * TRIP_MOST);
    int64_t bytes;

    s->allowed += s->grants[at];
    s->grants[at] = 0;
    if (s->wishes[at] >= 0)
        s->wish = (size_t)s->wishes[at];
    s->wishes[at] = -1;
    if (s->stall > 0 && dice_below(&s->dice, 1500) == 0)
        s->stalled_until = s->now + (int64_t)dice_below(&s->dice, (size_t)s->stall + 1);
    if (s->now < s->stalled_until)
        return;
    s->share += s->rate;
    bytes = s->share / 1000;
    s->share %= 1000;
    while (bytes > 0 && s->allowed > 0) {
        int64_t n;

        if (s->left == 0)
            begin_frame(s);
        n = bytes < s->left ? bytes : s->left;
        n = n < s->allowed ? n : s->allowed;
        s->left -= n;
        s->allowed -= n;
        bytes -= n;
        s->data[then] += n;
    }
}

static void take(struct sim *s)
{
    size_t at = (size_t)s->now % (2 * TRIP_MOST);

    if (s->data[at] == 0)
        return;
    credit_received(&s->credit, (size_t)s->data[at], s->now * MS);
    s->got += s->data[at];
    s->data[at] = 0;
    while (s->expected < s->next) {
        uint32_t slot = s->expected % 4096;

        if (s->height[slot] != 0 && s->got < s->size[slot])
            break;
        if (s->height[slot] != 0) {
            s->got -= s->size[slot];
            tuner_arrived(&s->tuner, s->expected, (size_t)s->height[slot] - 1,
                          (size_t)s->size[slot]);
        }
        s->expected++;
    }
}

static void play(struct sim *s)
{
    if (!s->playing && s->expected >= PREROLL) {
        s->playing = true;
        s->base = s->now;
    }
    while (s->playing && due(s, s->shown + 1) <= s->now) {
        bool there = s->shown < s->expected && s->height[s->shown % 4096] != 0;

        s->frames++;
        if (!there) {
            s->missed++;
            tuner_missed(&s->tuner, s->shown, s->now * MS);
        }
        s->shown++;
    }
    /* What the server need not send any more; it hears at once, which changes little. */
    if (s->shown > s->wanted)
        s->wanted = s->shown;
}

static void sim_run(struct sim *s, int64_t ms)
{
    for (int64_t end = s->now + ms; s->now < end; s->now++) {
        size_t then = (size_t)(s->now + s->trip + 1) % (2 * TRIP_MOST);

        serve(s);
        take(s);
        play(s);
        s->grants[then] +=
            (int64_t)credit_grant(&s->credit, (size_t)s->got, ahead_ns(s), s->now * MS);
        if (tuner_look(&s->tuner, ahead_ns(s), s->credit.rate, s->now * MS)) {
            assert_true(s->tuner.at < STEPS && s->changes < 1024);
            s->wishes[then] = (int)s->tuner.at;
            s->changed_at[s->changes++] = s->now;
        }
        s->time_at[s->tuner.at]++;
    }
}

static size_t most_changes_in_a_minute(const struct sim *s, int64_t from)
{
    size_t most = 0;

    for (size_t i = 0; i < s->changes; i++) {
        size_t n = 0;

        while (i + n < s->changes && s->changed_at[i + n] < s->changed_at[i] + 60000)
            n++;
        if (s->changed_at[i] >= from && n > most)
            most = n;
    }
    return most;
}

/* The highest rendition that the link carries with some room. */
static size_t right(int64_t rate)
{
    size_t r = 0;

    while (r + 1 < STEPS && sizes[r + 1] * FPS * 3 / 2 <= rate)
        r++;
    return r;
}

static struct sim s;

static void a_fast_link_is_at_the_top_soon(void **state)
{
    (void)state;
    for (int64_t trip = 0; trip <= 20; trip += 4) {
        sim_start(&s, 1, 50000000, trip, 0);
        sim_run(&s, 15000);
        assert_int_equal(s.tuner.at, STEPS - 1);
        assert_true(s.changes <= 2);
        sim_run(&s, 300000);
        assert_true(s.changes <= 2);
        assert_int_equal(s.missed, 0);
    }
}

static void any_steady_link_has_few_changes_and_the_right_rendition(void **state)
{
    static const int64_t trips[] = {0, 2, 10, 20};

    (void)state;
    for (int64_t rate = 40000, k = 0; rate < 60000000; rate = rate * 5 / 4, k++) {
        for (int64_t stall = 0; stall <= 200; stall += 100) {
            int64_t at_least = 0;

            sim_start(&s, (uint64_t)(k * 3 + stall), rate, trips[k % 4], stall);
            sim_run(&s, 60000);
            memset(s.time_at, 0, sizeof s.time_at);
            s.frames = s.missed = 0;
            sim_run(&s, 240000);
            for (size_t r = right(rate); r < STEPS; r++)
                at_least += s.time_at[r];
            if (most_changes_in_a_minute(&s, 0) > 9 || most_changes_in_a_minute(&s, 67000) > 6 ||
                at_least < 240000 * 85 / 100 ||
                (rate >= sizes[0] * FPS * 3 / 2 && s.missed * 50 > s.frames))
                fail_msg("rate %lld trip %lld stall %lld: %zu, later %zu changes in a minute; "
                         "%lld ms at %zu or above; %zu of %zu missed",
                         (long long)rate, (long long)s.trip, (long long)stall,
                         most_changes_in_a_minute(&s, 0), most_changes_in_a_minute(&s, 67000),
                         (long long)at_least, right(rate), s.missed, s.frames);
        }
    }
}

static void a_link_that_grows_slower_and_fast_again(void **state)
{
    (void)state;
    for (int64_t slow = 100000; slow < 4500000; slow = slow * 3 / 2) {
        size_t before, missed;

        sim_start(&s, (uint64_t)slow, 30000000, 5, 0);
        sim_run(&s, 30000);
        assert_int_equal(s.tuner.at, STEPS - 1);
        assert_int_equal(s.missed, 0);
        before = s.changes;
        s.rate = slow;
        /* The less it lacks, the longer the buffer lasts. */
        sim_run(&s, 1200 * sizes[STEPS - 1] * FPS / (sizes[STEPS - 1] * FPS - slow));
        if (s.changes == before || s.tuner.at == STEPS - 1)
            fail_msg("at %lld nothing changed", (long long)slow);
        sim_run(&s, 10000);
        missed = s.missed;
        memset(s.time_at, 0, sizeof s.time_at);
        sim_run(&s, 20000);
        for (size_t r = right(slow) + 2; r < STEPS; r++)
            assert_true(s.time_at[r] < 5000);
        if (slow >= sizes[0] * FPS * 3 / 2 && s.missed - missed > FPS)
            fail_msg("at %lld %zu frames were missed after it had adapted", (long long)slow,
                     s.missed - missed);
        s.rate = 30000000;
        sim_run(&s, 2 * TUNER_WAIT_NS / MS + 10000);
        assert_int_equal(s.tuner.at, STEPS - 1);
    }
}

/* Straight to the rules, without a link. */

static struct tuner t;

static void start(void)
{
    tuner_start(&t, pixels, STEPS, FPS, 1, 0);
    tuner_arrived(&t, 0, 0, 12000);
}

static void up_after_five_steady_seconds(void **state)
{
    (void)state;
    start();
    t.begun = true;
    assert_false(tuner_look(&t, SECOND, 0, 0));
    assert_false(tuner_look(&t, SECOND, 0, TUNER_STEADY_NS - 1));
    assert_true(tuner_look(&t, SECOND, 0, TUNER_STEADY_NS));
    assert_int_equal(t.at, 1);
    assert_false(tuner_look(&t, TUNER_HIGH_NS - 1, 0, 9 * SECOND)); /* not enough: begins anew */
    assert_false(tuner_look(&t, SECOND, 0, 14 * SECOND - 1));
    assert_true(tuner_look(&t, SECOND, 0, 14 * SECOND));
    assert_int_equal(t.at, 2);
    assert_false(tuner_look(&t, SECOND, 0, 900 * SECOND)); /* there is no higher one */
}

static void down_at_once_when_frames_miss(void **state)
{
    (void)state;
    start();
    assert_true(tuner_look(&t, SECOND, 50000000, 0)); /* the jump at the start */
    assert_int_equal(t.at, 2);
    for (uint32_t i = 1; i < 9; i++)
        tuner_missed(&t, i, 10 * MS); /* still of the rendition before */
    assert_false(tuner_look(&t, SECOND, 0, 10 * MS));
    tuner_arrived(&t, 9, 2, 229000);
    tuner_missed(&t, 8, 20 * MS);
    tuner_missed(&t, 9, 20 * MS);
    tuner_missed(&t, 10, 30 * MS);
    assert_false(tuner_look(&t, SECOND, 0, 30 * MS));
    tuner_missed(&t, 11, 40 * MS);
    assert_true(tuner_look(&t, SECOND, 0, 40 * MS));
    assert_int_equal(t.at, 1);
    tuner_arrived(&t, 12, 1, 65000);
    tuner_missed(&t, 12, 100 * MS);
    tuner_missed(&t, 13, 700 * MS);
    tuner_missed(&t, 14, 1101 * MS); /* three, but not within a second */
    assert_false(tuner_look(&t, SECOND, 0, 1101 * MS));
}

static void down_before_anything_is_late(void **state)
{
    (void)state;
    start();
    assert_false(tuner_look(&t, TUNER_LOW_NS - 1, 0, 0)); /* it fills for the first time */
    tuner_look(&t, SECOND, 50000000, 0);
    assert_int_equal(t.at, 2);
    assert_false(tuner_look(&t, TUNER_LOW_NS, 9000000, 10 * MS));
    assert_true(tuner_look(&t, TUNER_LOW_NS - 1, 9000000, 20 * MS));
    assert_int_equal(t.at, 1);
    assert_false(tuner_look(&t, TUNER_LOW_NS - 1, 9000000, 30 * MS)); /* it fills again */
    tuner_look(&t, SECOND, 9000000, 40 * MS);
    tuner_rest(&t, 50 * MS);
    assert_false(tuner_look(&t, 0, 9000000, 60 * MS)); /* after a seek nothing is buffered */
}

static void the_rate_says_how_far(void **state)
{
    (void)state;
    start();
    tuner_look(&t, SECOND, 50000000, 0);
    tuner_arrived(&t, 9, 2, 229000);
    assert_true(tuner_look(&t, 0, 300000, SECOND));
    assert_int_equal(t.at, 0);
    start();
    assert_false(tuner_look(&t, SECOND, 300000, SECOND)); /* no jump: the rate is not enough */
    start();
    assert_true(tuner_look(&t, SECOND, 4000000, SECOND));
    assert_int_equal(t.at, 1);
    /* No rate is known, but a second's frames came within 50 ms, which is 5.76 MB/s. */
    start();
    for (uint32_t i = 1; i < FPS; i++)
        tuner_arrived(&t, i, 0, 12000);
    assert_true(tuner_look(&t, SECOND, 0, 49 * MS));
    assert_int_equal(t.at, 1);
}

static void what_failed_twice_waits_twice_as_long(void **state)
{
    int64_t now = 0, wait = TUNER_STEADY_NS;

    (void)state;
    start();
    t.begun = true;
    tuner_look(&t, SECOND, 1, now);
    for (int i = 0; i < 6; i++) {
        assert_false(tuner_look(&t, SECOND, 0, now + wait - 1));
        assert_true(tuner_look(&t, SECOND, 0, now + wait));
        now += wait + SECOND;
        assert_true(tuner_look(&t, 0, 0, now));
        assert_int_equal(t.at, 0);
        if (i > 0)
            wait = wait * 2 < TUNER_WAIT_NS ? wait * 2 : TUNER_WAIT_NS;
    }
    /* And is forgiven when it holds for a minute. */
    assert_true(tuner_look(&t, SECOND, 0, now + wait));
    now += wait + TUNER_PROBATION_NS;
    tuner_look(&t, TUNER_HIGH_NS - 1, 0, now);
    assert_true(tuner_look(&t, 0, 0, now));
    tuner_look(&t, SECOND, 0, now);
    assert_true(tuner_look(&t, SECOND, 0, now + TUNER_STEADY_NS));
}

/* One frame of it would use up half the buffer: it is tried, but rarely. */
static void frames_too_large_for_the_link_are_tried_late(void **state)
{
    static const int64_t large[] = {1000, 1000000};

    (void)state;
    tuner_start(&t, large, 2, FPS, 1, 0);
    tuner_arrived(&t, 0, 0, 330);
    t.begun = true;
    assert_false(tuner_look(&t, SECOND, 125000, 0));
    assert_false(tuner_look(&t, SECOND, 125000, TUNER_RELUCTANCE * TUNER_STEADY_NS - 1));
    assert_true(tuner_look(&t, SECOND, 125000, TUNER_RELUCTANCE * TUNER_STEADY_NS));
}

static void one_rendition_is_no_choice(void **state)
{
    (void)state;
    tuner_start(&t, pixels, 1, FPS, 1, 0);
    for (int64_t now = 0; now < 100 * SECOND; now += 10 * MS) {
        tuner_arrived(&t, (uint32_t)(now / MS), 0, 1000);
        tuner_missed(&t, (uint32_t)(now / MS), now);
        assert_false(tuner_look(&t, now % SECOND, 1000000, now));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fast_link_is_at_the_top_soon),
        cmocka_unit_test(any_steady_link_has_few_changes_and_the_right_rendition),
        cmocka_unit_test(a_link_that_grows_slower_and_fast_again),
        cmocka_unit_test(up_after_five_steady_seconds),
        cmocka_unit_test(down_at_once_when_frames_miss),
        cmocka_unit_test(down_before_anything_is_late),
        cmocka_unit_test(the_rate_says_how_far),
        cmocka_unit_test(what_failed_twice_waits_twice_as_long),
        cmocka_unit_test(frames_too_large_for_the_link_are_tried_late),
        cmocka_unit_test(one_rendition_is_no_choice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
