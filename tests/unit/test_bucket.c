/* The token bucket: never more than burst and rate * time, nothing lost to rounding, any gap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/bucket.h"
#include "tests/kit/dice.h"

#define SECOND INT64_C(1000000000)

static void a_burst_then_the_rate(void **state)
{
    struct bucket b;
    int64_t now = 5 * SECOND;

    (void)state;
    bucket_open(&b, 20, 3, now);
    for (int i = 0; i < 3; i++) {
        assert_true(bucket_due(&b, 1, now) == now);
        bucket_take(&b, 1, now);
    }
    assert_true(bucket_level(&b, now) == 0);
    assert_true(bucket_due(&b, 1, now) == now + SECOND / 20);
    assert_true(bucket_level(&b, now + SECOND / 20 - 1) < BUCKET_TOKEN);
    assert_true(bucket_level(&b, now + SECOND / 20) == BUCKET_TOKEN);
    assert_true(bucket_due(&b, 3, now) == now + 3 * SECOND / 20);
    assert_true(bucket_due(&b, 4, now) == INT64_MAX);
    /* A time before the last one brings nothing and takes nothing. */
    bucket_take(&b, 0, now + SECOND / 20);
    assert_true(bucket_level(&b, now) == BUCKET_TOKEN);
}

static void a_debt_is_paid(void **state)
{
    struct bucket b;

    (void)state;
    bucket_open(&b, 10, 5, 0);
    bucket_take(&b, 25, 0);
    assert_true(bucket_level(&b, 0) == -20 * BUCKET_TOKEN);
    assert_true(bucket_due(&b, 0, 0) == 2 * SECOND);
    assert_true(bucket_due(&b, 5, 0) == 2 * SECOND + SECOND / 2);
    assert_true(bucket_level(&b, 2 * SECOND) == 0);
}

static void what_was_not_used_comes_back(void **state)
{
    struct bucket b;

    (void)state;
    bucket_open(&b, 10, 5, 0);
    bucket_take(&b, 5, 0);
    bucket_give(&b, 3);
    assert_true(bucket_level(&b, 0) == 3 * BUCKET_TOKEN);
    bucket_give(&b, BUCKET_BURST_MAX);
    assert_true(bucket_level(&b, 0) == 5 * BUCKET_TOKEN);
}

static void no_rate_is_no_limit(void **state)
{
    struct bucket b;

    (void)state;
    bucket_open(&b, 0, 0, 7);
    for (int i = 0; i < 1000; i++)
        bucket_take(&b, BUCKET_BURST_MAX, 7);
    assert_true(bucket_level(&b, 7) == INT64_MAX);
    assert_true(bucket_due(&b, BUCKET_BURST_MAX, 7) == 7);
}

static void the_largest_numbers(void **state)
{
    struct bucket b;

    (void)state;
    bucket_open(&b, BUCKET_RATE_MAX, BUCKET_BURST_MAX, 0);
    for (int i = 0; i < 10; i++)
        bucket_take(&b, BUCKET_BURST_MAX, 0);
    assert_true(bucket_level(&b, 0) == -BUCKET_BURST_MAX * BUCKET_TOKEN);
    assert_true(bucket_due(&b, BUCKET_BURST_MAX, 0) == 4 * SECOND);
    assert_true(bucket_level(&b, INT64_MAX) == BUCKET_BURST_MAX * BUCKET_TOKEN);
    bucket_take(&b, 1, INT64_MAX);
    assert_true(bucket_level(&b, INT64_MAX) == (BUCKET_BURST_MAX - 1) * BUCKET_TOKEN);
    bucket_open(&b, 1, BUCKET_BURST_MAX, 0);
    bucket_take(&b, BUCKET_BURST_MAX, 0);
    bucket_take(&b, BUCKET_BURST_MAX, 0);
    assert_true(bucket_due(&b, 0, 0) == BUCKET_BURST_MAX * SECOND);
}

/* How long until the next try: mostly next to nothing, sometimes for ever. */
static int64_t gap(struct dice *d)
{
    static const int64_t sizes[] = {3, 1000, SECOND / 100, SECOND, 40 * SECOND, INT64_C(1) << 50};
    size_t which = dice_below(d, 100);

    which = which < 95 ? which % 4 : which < 99 ? 4 : 5;
    return (int64_t)(dice_u64(d) % (uint64_t)sizes[which]);
}

/* In each window of what was taken: at most the burst and what the time brought. And whoever comes
 * when it was told to, gets what it was told of; a nanosecond earlier it does not. */
static void never_more_than_it_should_be(void **state)
{
    enum { TRIES = 3000 };
    static int64_t when[TRIES];
    struct dice d = dice_make(4);

    (void)state;
    for (int round = 0; round < 60; round++) {
        int64_t rate = 1 + (int64_t)dice_below(&d, round % 3 == 0 ? 7 : 3000);
        int64_t burst = 1 + (int64_t)dice_below(&d, 50), now = (int64_t)dice_below(&d, 1000);
        size_t taken = 0;
        struct bucket b;

        bucket_open(&b, rate, burst, now);
        for (int i = 0; i < TRIES; i++) {
            int64_t due = bucket_due(&b, 1, now);

            if (due > now) {
                assert_true(bucket_level(&b, due) >= BUCKET_TOKEN);
                assert_true(bucket_level(&b, due - 1) < BUCKET_TOKEN);
                now = dice_below(&d, 2) == 0 ? due : now + gap(&d);
                continue;
            }
            bucket_take(&b, 1, now);
            when[taken++] = now;
        }
        for (size_t i = 0; i < taken; i++) {
            for (size_t k = 1; i + k < taken && k < 200; k += 1 + k / 4) {
                double brought = (double)(when[i + k] - when[i]) * (double)rate / 1e9;

                assert_true((double)k + 1 <= (double)burst + brought + 1e-6);
            }
        }
    }
}

/* A rate that divides no second brings what it should to the last token, however often it is asked. */
static void no_drift(void **state)
{
    struct dice d = dice_make(5);
    struct bucket b;
    int64_t now = 0, late = 0;

    (void)state;
    bucket_open(&b, 7, 3, now);
    bucket_take(&b, 3, now);
    for (int i = 0; i < 70000; i++) {
        /* Whoever comes late, but before the bucket is full, loses nothing by it. */
        late = (int64_t)dice_below(&d, SECOND / 7);
        now = bucket_due(&b, 1, now) + late;
        bucket_take(&b, 1, now);
    }
    assert_in_range(now, 10000 * SECOND, 10000 * SECOND + SECOND / 7 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_then_the_rate),
        cmocka_unit_test(a_debt_is_paid),
        cmocka_unit_test(what_was_not_used_comes_back),
        cmocka_unit_test(no_rate_is_no_limit),
        cmocka_unit_test(the_largest_numbers),
        cmocka_unit_test(never_more_than_it_should_be),
        cmocka_unit_test(no_drift),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
