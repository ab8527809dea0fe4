#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdint.h>

#include "player/credit.h"

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)

/* A viewer at the end of a link, on a virtual clock in steps of 100 us. The server always has more
 * to send and sends what it has credit for; the player takes `clip` bytes a second. */
struct link {
    int64_t rate, trip; /* bytes a second; one way, ns */
    int64_t clip;
    int64_t now;
    int64_t granted[4096]; /* on their way to the server, by arrival in steps */
    int64_t allowed;       /* the server's credit */
    int64_t queue;         /* bytes in the link's bottleneck */
    int64_t share;         /* of a byte, in units of 1e-9 */
    int64_t coming[4096];
    int64_t received, buffered, played_share;
    int64_t queue_most; /* since the marker */
    int64_t stalled;    /* the viewer does nothing until then */
    int64_t waiting;    /* came meanwhile */
    size_t grants;
    struct credit credit;
};

#define STEP (100 * INT64_C(1000))
#define PIECE 4096 /* read at once */

static void link_arrive(struct link *l, int64_t step)
{
    int64_t *slot = &l->coming[step % 4096];
    int64_t piece;

    l->waiting += *slot;
    *slot = 0;
    piece = l->now < l->stalled ? 0 : l->waiting < PIECE ? l->waiting : PIECE;
    l->waiting -= piece;
    if (piece > 0) {
        l->received += piece;
        l->buffered += piece;
        credit_received(&l->credit, (size_t)piece, l->now);
    }
}

static void link_grant(struct link *l, int64_t step)
{
    int64_t ns = l->clip > 0 ? l->buffered * SECOND / l->clip : 0;
    size_t grant = credit_grant(&l->credit, (size_t)l->buffered, ns, l->now);

    if (grant > 0)
        l->grants++;
    l->granted[(step + l->trip / STEP + 1) % 4096] += (int64_t)grant;
}

static void link_carry(struct link *l, int64_t step)
{
    int64_t *slot = &l->granted[step % 4096];
    int64_t moved;

    l->allowed += *slot;
    *slot = 0;
    l->queue += l->allowed;
    l->allowed = 0;
    if (l->queue > l->queue_most)
        l->queue_most = l->queue;
    l->share += l->rate * STEP;
    moved = l->share / SECOND;
    l->share -= moved * SECOND;
    if (moved > l->queue) {
        moved = l->queue;
        l->share = 0;
    }
    l->queue -= moved;
    l->coming[(step + l->trip / STEP + 1) % 4096] += moved;
}

static void link_play(struct link *l)
{
    int64_t bytes;

    l->played_share += l->clip * STEP;
    bytes = l->played_share / SECOND;
    l->played_share -= bytes * SECOND;
    l->buffered -= bytes < l->buffered ? bytes : l->buffered;
}

static void link_run(struct link *l, int64_t ns)
{
    int64_t end = l->now + ns;

    for (; l->now < end; l->now += STEP) {
        int64_t step = l->now / STEP;
        link_carry(l, step);
        link_arrive(l, step);
        link_play(l);
        link_grant(l, step);
        assert_true(l->credit.open >= 0 && l->credit.open <= CREDIT_CEILING);
    }
}

/* As on a machine that does other things too: off for so long, again and again. */
static void link_stall(struct link *l, int64_t each, int64_t off, int times)
{
    for (int i = 0; i < times; i++) {
        l->stalled = l->now + off;
        link_run(l, each);
    }
}

static struct link *link_start(int64_t rate, int64_t trip, int64_t clip)
{
    static struct link l;

    l = (struct link){.rate = rate, .trip = trip, .clip = clip, .now = 5 * SECOND};
    credit_start(&l.credit, l.now);
    link_grant(&l, l.now / STEP);
    return &l;
}

/* A clip that needs more than the link has: the link is used, and its queue stays short. */
static void check_busy(int64_t rate, int64_t trip)
{
    struct link *l = link_start(rate, trip, rate * 3);
    int64_t before, bound = rate * CREDIT_OPEN_MS / 1000 * 13 / 10;

    link_run(l, 3 * SECOND);
    before = l->received;
    l->queue_most = 0;
    l->grants = 0;
    link_run(l, 5 * SECOND);
    assert_true(l->received - before > rate * 5 * 9 / 10);
    if (bound < CREDIT_FLOOR)
        bound = CREDIT_FLOOR;
    assert_true(l->queue_most <= bound);
    assert_true(l->grants <= 5 * 50);
}

static void test_slow_link(void **state)
{
    (void)state;
    check_busy(125000, 1 * MS);
    check_busy(125000, 20 * MS);
}

static void test_fast_links(void **state)
{
    (void)state;
    check_busy(1250000, 5 * MS);
    check_busy(12500000, 1 * MS);
    check_busy(12500000, MS / 2);
}

/* Loopback: the clip's own rate is the limit, a second of it is kept ahead, never much more. */
static void test_enough_is_buffered(void **state)
{
    struct link *l = link_start(INT64_C(1000000000), 0, 5500000);

    (void)state;
    link_run(l, 500 * MS);
    assert_true(l->buffered >= 5500000 / 4);
    link_run(l, 2 * SECOND);
    for (int i = 0; i < 100; i++) {
        link_run(l, 10 * MS);
        assert_true(l->buffered >= 5500000 * 8 / 10);
        assert_true(l->buffered <= 5500000 + CREDIT_CEILING);
    }
}

/* With enough in hand the server is not asked anew for each frame, but when a tenth of it was played. */
static void test_enough_is_asked_for_seldom(void **state)
{
    const size_t bytes = CREDIT_AHEAD_BYTES;
    const int64_t ns = CREDIT_AHEAD_NS;
    struct credit c;

    (void)state;
    credit_start(&c, SECOND);
    assert_true(credit_grant(&c, 0, ns - 1, SECOND) > 0);
    credit_received(&c, (size_t)c.open, SECOND);
    assert_int_equal(credit_grant(&c, 0, ns, SECOND), 0);
    assert_int_equal(credit_grant(&c, 0, ns * 95 / 100, SECOND), 0);
    assert_int_equal(credit_grant(&c, bytes / 100 * 95, 0, SECOND), 0);
    assert_true(credit_grant(&c, bytes / 100 * 89, ns * 89 / 100, SECOND) > 0);
    credit_received(&c, (size_t)c.open, SECOND);
    assert_true(credit_grant(&c, bytes / 100 * 95, ns * 95 / 100, SECOND) > 0);
}

/* Paused: nothing is played, so the buffer fills to its bound and stays there; then it goes on. */
static void test_pause_and_go_on(void **state)
{
    struct link *l = link_start(12500000, MS, 5500000);
    int64_t at_rest;

    (void)state;
    link_run(l, SECOND);
    l->clip = 1;
    link_run(l, 5 * SECOND);
    at_rest = l->received;
    link_run(l, 5 * SECOND);
    assert_int_equal(l->received, at_rest);
    assert_int_equal(l->credit.open, 0);
    l->clip = 5500000;
    link_run(l, 5 * SECOND);
    assert_true(l->received - at_rest > INT64_C(4) * 5500000 * 9 / 10);
}

/* A link that grows ten times slower is followed within seconds. */
static void test_link_grows_slower(void **state)
{
    struct link *l = link_start(12500000, MS, 50000000);

    (void)state;
    link_run(l, 3 * SECOND);
    l->rate = 1250000;
    link_run(l, 5 * SECOND);
    l->queue_most = 0;
    link_run(l, SECOND);
    assert_true(l->queue_most <= 1250000 * CREDIT_OPEN_MS / 1000 * 13 / 10);
}

/* What lay in the socket meanwhile comes at once. That is no faster link: chat would wait behind what
 * the server is then allowed. */
static void test_a_viewer_that_stalls(void **state)
{
    (void)state;
    for (int64_t off = 3 * MS; off <= 200 * MS; off += 7 * MS) {
        struct link *l = link_start(125000, MS, 1000000);

        link_run(l, 3 * SECOND);
        l->queue_most = 0;
        link_stall(l, off + 313 * MS, off, 10);
        assert_true(l->queue_most <= 125000 * CREDIT_OPEN_MS / 1000 * 14 / 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slow_link),
        cmocka_unit_test(test_fast_links),
        cmocka_unit_test(test_enough_is_buffered),
        cmocka_unit_test(test_pause_and_go_on),
        cmocka_unit_test(test_enough_is_asked_for_seldom),
        cmocka_unit_test(test_link_grows_slower),
        cmocka_unit_test(test_a_viewer_that_stalls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
