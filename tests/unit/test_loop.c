/* The select() loop, and the queue of what waits to be sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/loop.h"
#include "net/outbox.h"
#include "platform/now.h"
#include "tests/kit/dice.h"
#include "tests/kit/emulated.h"

/* One end of a socket pair, watched; the test has the other. */
struct end {
    struct loop_watch watch;
    int own, other;
    int calls, readable, writable;
    int order;
    void (*then)(struct end *e);
};

static struct loop *loop;
static int calls;

static void on_ready(struct loop_watch *w, bool readable, bool writable)
{
    struct end *e = w->owner;

    e->calls++;
    e->order = ++calls;
    e->readable += readable;
    e->writable += writable;
    if (e->then != NULL)
        e->then(e);
}

static void end_open(struct end *e)
{
    int fds[2];

    *e = (struct end){.watch = {.fd = -1, .ready = on_ready, .owner = e}};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    e->own = fds[0];
    e->other = fds[1];
    assert_true(loop_add(loop, &e->watch, e->own));
}

static void end_close(struct end *e)
{
    loop_remove(loop, &e->watch);
    loop_remove(loop, &e->watch);
    close(e->own);
    close(e->other);
}

static void wake_end(struct end *e)
{
    assert_int_equal(write(e->other, "x", 1), 1);
}

static int turn(void)
{
    return loop_turn(loop, 0);
}

static int make(void **state)
{
    (void)state;
    loop = loop_open(4096);
    calls = 0;
    return loop == NULL;
}

static int unmake(void **state)
{
    (void)state;
    loop_close(loop);
    return 0;
}

static void only_what_is_wanted_is_told(void **state)
{
    struct end e;

    (void)state;
    end_open(&e);
    wake_end(&e);
    assert_int_equal(turn(), 0);
    loop_want(loop, &e.watch, true, false);
    assert_int_equal(turn(), 1);
    assert_true(e.readable == 1 && e.writable == 0);
    loop_want(loop, &e.watch, false, true);
    assert_int_equal(turn(), 1);
    assert_true(e.readable == 1 && e.writable == 1);
    loop_want(loop, &e.watch, true, true);
    assert_int_equal(turn(), 1);
    assert_true(e.readable == 2 && e.writable == 2);
    end_close(&e);
    assert_int_equal(turn(), 0);
}

static void adding_is_checked(void **state)
{
    struct end e;
    struct loop_watch second = {.fd = -1, .ready = on_ready};

    (void)state;
    end_open(&e);
    assert_false(loop_add(loop, &second, e.own));
    assert_false(loop_add(loop, &second, -1));
    assert_false(loop_add(loop, &second, (int)loop_limit(loop)));
    assert_int_equal(second.fd, -1);
    loop_want(loop, &second, true, true);
    end_close(&e);
}

static void waiting_ends_at_the_time(void **state)
{
    int64_t start = now_ns();

    (void)state;
    assert_int_equal(loop_turn(loop, start - 1000), 0);
    assert_true(now_ns() - start < 1000000000);
    start = now_ns();
    assert_int_equal(loop_turn(loop, start + 20000000), 0);
    assert_true(now_ns() - start >= 20000000);
}

/* A set of 1024 bits would be written past its end here. */
static void descriptors_above_1024(void **state)
{
    struct rlimit limit;
    struct end low, high;
    int fd;

    (void)state;
    emulated_lacks("room in select() for more than 1024 descriptors");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur <= 2001) {
        print_message("the hard limit of descriptors is too low\n");
        skip();
    }
    end_open(&low);
    end_open(&high);
    loop_remove(loop, &high.watch);
    fd = fcntl(high.own, F_DUPFD, 2000);
    assert_true(fd >= 2000);
    close(high.own);
    high.own = fd;
    assert_true(loop_add(loop, &high.watch, fd));
    loop_want(loop, &low.watch, true, false);
    loop_want(loop, &high.watch, true, false);
    assert_int_equal(turn(), 0);
    wake_end(&high);
    assert_int_equal(turn(), 1);
    assert_true(high.calls == 1 && low.calls == 0);
    wake_end(&low);
    for (int i = 0; i < 100; i++)
        assert_int_equal(turn(), 2);
    assert_true(high.calls == 101 && low.calls == 100);
    end_close(&high);
    assert_int_equal(turn(), 1);
    end_close(&low);
}

static struct end *victim;

static void remove_victim(struct end *e)
{
    (void)e;
    loop_remove(loop, &victim->watch);
}

static void removed_while_handed_out(void **state)
{
    struct end a, b;

    (void)state;
    end_open(&a);
    end_open(&b);
    loop_want(loop, &a.watch, true, false);
    loop_want(loop, &b.watch, true, false);
    wake_end(&a);
    wake_end(&b);
    /* Whichever comes first takes the other out, or itself. */
    a.then = b.then = remove_victim;
    victim = a.own < b.own ? &b : &a;
    assert_int_equal(turn(), 1);
    assert_int_equal(victim->calls, 0);
    victim = victim == &a ? &b : &a;
    assert_int_equal(turn(), 1);
    assert_int_equal(turn(), 0);
    end_close(&a);
    end_close(&b);
}

static struct loop_watch stranger;
static int stranger_calls;

static void on_stranger(struct loop_watch *w, bool readable, bool writable)
{
    (void)w;
    (void)readable;
    (void)writable;
    stranger_calls++;
}

static void replace_victim(struct end *e)
{
    (void)e;
    loop_remove(loop, &victim->watch);
    stranger = (struct loop_watch){.fd = -1, .ready = on_stranger};
    assert_true(loop_add(loop, &stranger, victim->own));
    loop_want(loop, &stranger, false, true);
}

/* A number that is closed and opened again in one turn is somebody else: it hears nothing of what
 * was ready for the one before. */
static void a_new_watch_hears_nothing_old(void **state)
{
    struct end a, b;

    (void)state;
    end_open(&a);
    end_open(&b);
    loop_want(loop, &a.watch, true, false);
    loop_want(loop, &b.watch, true, false);
    wake_end(&a);
    wake_end(&b);
    victim = a.own < b.own ? &b : &a;
    (victim == &a ? &b : &a)->then = replace_victim;
    stranger_calls = 0;
    assert_int_equal(turn(), 1);
    assert_int_equal(stranger_calls, 0);
    (victim == &a ? &b : &a)->then = NULL;
    assert_int_equal(turn(), 2);
    assert_int_equal(stranger_calls, 1);
    loop_remove(loop, &stranger);
    end_close(&a);
    end_close(&b);
}

/* Everybody is served once a turn, and not the same one first each time. */
static void the_first_changes(void **state)
{
    enum { COUNT = 200 };
    static struct end ends[COUNT];
    int firsts[COUNT] = {0}, distinct = 0;

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        end_open(&ends[i]);
        loop_want(loop, &ends[i].watch, true, false);
        wake_end(&ends[i]);
    }
    for (int round = 0; round < 20; round++) {
        calls = 0;
        assert_int_equal(turn(), COUNT);
        for (int i = 0; i < COUNT; i++) {
            assert_int_equal(ends[i].calls, round + 1);
            firsts[i] += ends[i].order == 1;
        }
    }
    for (int i = 0; i < COUNT; i++)
        distinct += firsts[i] > 0;
    assert_true(distinct >= 3);
    for (int i = 0; i < COUNT; i++)
        end_close(&ends[i]);
}

static void a_closed_descriptor_is_an_error(void **state)
{
    struct end e;
    int hole;

    (void)state;
    end_open(&e);
    loop_want(loop, &e.watch, true, false);
    hole = e.own;
    close(e.own);
    assert_int_equal(turn(), -EBADF);
    e.own = dup2(e.other, hole);
    end_close(&e);
}

/* Also where there are few: a newcomer with a high number must not wait behind ever new low ones. */
static void everybody_is_first_in_turn(void **state)
{
    enum { COUNT = 7 };
    struct end ends[COUNT];

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        end_open(&ends[i]);
        loop_want(loop, &ends[i].watch, true, false);
        wake_end(&ends[i]);
    }
    for (int round = 0; round < COUNT; round++) {
        calls = 0;
        assert_int_equal(turn(), COUNT);
        assert_int_equal(ends[round].order, 1);
    }
    for (int i = 0; i < COUNT; i++)
        end_close(&ends[i]);
}

/* The queue gives the same bytes as a plain row of them would, whatever is added and taken when. */
/* Those above wait for the next turn, and the order of turns goes on as if this one had not been. */
static void some_alone_for_a_moment(void **state)
{
    struct end one, other, *low = &one, *high = &other;

    (void)state;
    end_open(&one);
    end_open(&other);
    if (one.own > other.own) {
        low = &other;
        high = &one;
    }
    assert_int_equal(loop_top(loop), high->own);
    loop_want(loop, &one.watch, true, false);
    loop_want(loop, &other.watch, true, false);
    wake_end(high);
    assert_int_equal(loop_wait_below(loop, high->own, 0), 0);
    assert_int_equal(loop_hand_out(loop), 0);
    wake_end(low);
    assert_int_equal(loop_wait_below(loop, high->own, INT64_MAX), 0);
    assert_int_equal(loop_hand_out(loop), 1);
    assert_true(low->calls == 1 && high->calls == 0);
    assert_int_equal(loop_wait_below(loop, 1 << 20, INT64_MAX), 0);
    assert_int_equal(loop_hand_out(loop), 2);
    end_close(&one);
    end_close(&other);
}

static void outbox_is_a_row_of_bytes(void **state)
{
    struct dice dice = dice_make(6);
    struct outbox o;
    uint8_t sent = 0, expected = 0, room[700];
    size_t waiting = 0;

    (void)state;
    outbox_init(&o);
    for (int round = 0; round < 20000; round++) {
        if (dice_below(&dice, 2) == 0) {
            struct blob *b;
            size_t len = dice_below(&dice, dice_below(&dice, 2) == 0 ? 4 : 500);

            for (size_t i = 0; i < len; i++)
                room[i] = sent++;
            b = blob_make(room, len);
            assert_true(outbox_add(&o, b));
            blob_drop(b);
            waiting += len;
        } else {
            size_t want = dice_below(&dice, sizeof room + 1), n = outbox_take(&o, room, want);

            assert_int_equal(n, want < waiting ? want : waiting);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(room[i], expected++);
            waiting -= n;
        }
        assert_int_equal(o.bytes, waiting);
        assert_int_equal(outbox_empty(&o), waiting == 0);
    }
    outbox_free(&o);
    outbox_free(&o);
    assert_true(outbox_empty(&o));
    assert_int_equal(outbox_take(&o, room, 10), 0);
}

static void outbox_shares_blobs(void **state)
{
    struct blob *b = blob_make("abc", 3);
    struct outbox one, two;
    uint8_t got[8];

    (void)state;
    outbox_init(&one);
    outbox_init(&two);
    assert_true(outbox_add(&one, b) && outbox_add(&one, b) && outbox_add(&two, b));
    assert_int_equal(b->refs, 4);
    assert_int_equal(outbox_take(&one, got, 4), 4);
    assert_memory_equal(got, "abca", 4);
    assert_int_equal(b->refs, 3);
    outbox_free(&one);
    outbox_free(&two);
    assert_int_equal(b->refs, 1);
    blob_drop(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_what_is_wanted_is_told, make, unmake),
        cmocka_unit_test_setup_teardown(adding_is_checked, make, unmake),
        cmocka_unit_test_setup_teardown(waiting_ends_at_the_time, make, unmake),
        cmocka_unit_test_setup_teardown(descriptors_above_1024, make, unmake),
        cmocka_unit_test_setup_teardown(removed_while_handed_out, make, unmake),
        cmocka_unit_test_setup_teardown(a_new_watch_hears_nothing_old, make, unmake),
        cmocka_unit_test_setup_teardown(the_first_changes, make, unmake),
        cmocka_unit_test_setup_teardown(everybody_is_first_in_turn, make, unmake),
        cmocka_unit_test_setup_teardown(a_closed_descriptor_is_an_error, make, unmake),
        cmocka_unit_test_setup_teardown(some_alone_for_a_moment, make, unmake),
        cmocka_unit_test(outbox_is_a_row_of_bytes),
        cmocka_unit_test(outbox_shares_blobs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
