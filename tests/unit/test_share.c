/* What all viewers together may be sent, on a virtual clock in turns of a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/share.h"
#include "tests/kit/dice.h"

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)
#define MOST 40

/* A viewer at the end of a link of its own, with a socket buffer: it always wants while it is on. */
struct viewer {
    struct share_seat seat;
    int64_t link;   /* bytes a second */
    int64_t socket; /* free bytes of its buffer, times 1000 */
    bool on;
    int64_t got;
};

static struct share share;
static struct viewer viewers[MOST];
static size_t count;
static int64_t now, piece;

static void start(int64_t rate, size_t n)
{
    memset(viewers, 0, sizeof viewers);
    now = 5 * SECOND;
    count = n;
    piece = 16000;
    share_start(&share, rate, now);
    for (size_t i = 0; i < n; i++)
        viewers[i] = (struct viewer){.link = 1000000000, .on = true};
}

/* Fills as a link would: until its socket or its share says no. */
static void fill(struct viewer *v)
{
    while (v->on && v->socket > 0) {
        size_t n = share_ask(&share, &v->seat, 16384);

        if (n == 0)
            return;
        n = n < (size_t)piece ? n : (size_t)piece;
        share_spent(&share, &v->seat, n);
        v->got += (int64_t)n;
        v->socket -= (int64_t)n * 1000;
    }
}

static void turn(void)
{
    struct share_seat *seat;

    while ((seat = share_next(&share, now)) != NULL)
        fill((struct viewer *)((char *)seat - offsetof(struct viewer, seat)));
    for (size_t i = 0; i < count; i++) {
        struct viewer *v = &viewers[i];

        v->socket += v->link;
        if (v->socket > 16384 * 1000)
            v->socket = 16384 * 1000;
        fill(v);
    }
}

static int64_t run(int64_t ms)
{
    int64_t before = 0, after = 0;

    for (size_t i = 0; i < count; i++)
        before += viewers[i].got;
    for (int64_t end = now + ms * MS; now < end; now += MS)
        turn();
    for (size_t i = 0; i < count; i++)
        after += viewers[i].got;
    return after - before;
}

/* Within parts of a hundred. */
static void near(int64_t got, int64_t expected, int64_t percent)
{
    if (got * 100 < expected * (100 - percent) || got * 100 > expected * (100 + percent))
        fail_msg("%lld instead of %lld", (long long)got, (long long)expected);
}

static void no_bound_is_none(void **state)
{
    struct share_seat seat = {0};

    (void)state;
    share = (struct share){0};
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(share_ask(&share, &seat, 16384), 16384);
        share_spent(&share, &seat, 16384);
    }
    assert_true(share_due(&share) == INT64_MAX);
    assert_null(share_next(&share, now));
    share_leave(&share, &seat);
}

static void equal_ones_get_equal_shares_of_all(void **state)
{
    static const int64_t rates[] = {50000, 400000, 3000000, 20000000};

    (void)state;
    for (size_t r = 0; r < sizeof rates / sizeof rates[0]; r++) {
        for (size_t n = 1; n <= MOST; n += 13) {
            start(rates[r], n);
            near(run(20000), rates[r] * 20, 10);
            for (size_t i = 0; i < n; i++)
                viewers[i].got = 0;
            near(run(60000), rates[r] * 60, 2);
            for (size_t i = 0; i < n; i++)
                near(viewers[i].got, rates[r] * 60 / (int64_t)n, 10);
        }
    }
}

/* Max-min: who has a slow link gets what that carries, the others share the rest. */
static void a_slow_link_does_not_waste_its_share(void **state)
{
    (void)state;
    start(3000000, 10);
    viewers[3].link = 100000;
    viewers[7].link = 20000;
    run(5000);
    for (size_t i = 0; i < count; i++)
        viewers[i].got = 0;
    near(run(30000), 3000000 * 30, 2);
    near(viewers[3].got, 100000 * 30, 5);
    near(viewers[7].got, 20000 * 30, 15);
    for (size_t i = 0; i < count; i++) {
        if (i != 3 && i != 7)
            near(viewers[i].got, (3000000 - 120000) * 30 / 8, 5);
    }
}

static void large_pieces_or_small_ones_are_the_same(void **state)
{
    (void)state;
    for (piece = 300; piece < 20000; piece *= 3) {
        int64_t keep = piece;

        start(200000, 5);
        piece = keep;
        run(3000);
        for (size_t i = 0; i < count; i++)
            viewers[i].got = 0;
        near(run(30000), 200000 * 30, 3);
        for (size_t i = 0; i < count; i++)
            near(viewers[i].got, 200000 * 30 / 5, 5);
    }
}

/* They come and go as they like: never more than the rate and a burst, and all of it is used. */
static void whoever_wants(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct dice d = dice_make(seed);
        int64_t rate = 20000 + (int64_t)dice_below(&d, 5000000);

        start(rate, 1 + dice_below(&d, MOST));
        run(1000);
        for (int i = 0; i < 300; i++) {
            struct viewer *v = &viewers[dice_below(&d, count)];
            int64_t ms = 10 + (int64_t)dice_below(&d, 200), got;
            bool any = false;

            v->on = !v->on;
            if (!v->on) {
                share_leave(&share, &v->seat);
                share_leave(&share, &v->seat);
            }
            for (size_t k = 0; k < count; k++)
                any = any || viewers[k].on;
            got = run(ms);
            assert_true(got <= rate * ms / 1000 + rate / 20 + 4 * 16384 + (int64_t)count * 2048);
            assert_true(any || got == 0);
            assert_int_equal(share.first == NULL, share_due(&share) == INT64_MAX);
        }
        for (size_t k = 0; k < count; k++) {
            viewers[k].on = true;
            viewers[k].got = 0;
        }
        near(run(30000), rate * 30, 5);
    }
}

/* An idle hour is not saved up; a wake-up is not asked for more often than every two milliseconds. */
static void nothing_is_saved_up(void **state)
{
    (void)state;
    start(1000000, 2);
    run(1000);
    viewers[0].on = viewers[1].on = false;
    share_leave(&share, &viewers[0].seat);
    share_leave(&share, &viewers[1].seat);
    now += 3600 * SECOND;
    viewers[0].on = true;
    assert_true(run(10) <= 10000 + 50000 + 16384);
    assert_true(share_due(&share) >= share.bytes.at + 2 * MS);
    assert_true(share_due(&share) <= now + 40 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_bound_is_none),
        cmocka_unit_test(equal_ones_get_equal_shares_of_all),
        cmocka_unit_test(a_slow_link_does_not_waste_its_share),
        cmocka_unit_test(large_pieces_or_small_ones_are_the_same),
        cmocka_unit_test(whoever_wants),
        cmocka_unit_test(nothing_is_saved_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
