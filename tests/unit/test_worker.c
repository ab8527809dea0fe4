#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "platform/wake.h"
#include "platform/worker.h"

struct sum {
    struct worker_job job; /* first: a pointer to it is one to the whole */
    uint64_t from, total;
    unsigned ran, done;
    bool cancelled;
    bool signals_blocked;
    atomic_bool *gate; /* run() waits for it */
    atomic_int *started;
};

static void sum_run(struct worker_job *job)
{
    struct sum *s = (struct sum *)job;
    sigset_t mask;

    if (s->started != NULL)
        atomic_fetch_add(s->started, 1);
    while (s->gate != NULL && !atomic_load(s->gate))
        sched_yield();
    for (uint64_t i = 0; i < 1000; i++)
        s->total += s->from + i;
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    s->signals_blocked = sigismember(&mask, SIGINT) == 1 && sigismember(&mask, SIGTERM) == 1;
    s->ran++;
}

static void sum_done(struct worker_job *job)
{
    struct sum *s = (struct sum *)job;

    s->cancelled = job->cancelled;
    s->done++;
}

static bool readable(int fd, int timeout)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, timeout) == 1;
}

static void collect_all(struct worker *w)
{
    while (worker_pending(w) > 0) {
        assert_true(readable(worker_fd(w), 10000));
        worker_collect(w);
    }
}

static void test_wake(void **state)
{
    int fd = wake_open();

    (void)state;
    assert_true(fd >= 0);
    assert_false(readable(fd, 0));
    for (int i = 0; i < 3; i++)
        wake_send(fd);
    assert_true(readable(fd, 0));
    wake_drain(fd);
    assert_false(readable(fd, 0));
    wake_drain(fd);
    wake_close(fd);
    wake_close(-1);
}

static void test_all_run_once(void **state)
{
    enum { JOBS = 500 };
    static struct sum jobs[JOBS];
    struct worker *w = worker_open(3, JOBS);

    (void)state;
    assert_non_null(w);
    for (unsigned i = 0; i < JOBS; i++) {
        jobs[i] = (struct sum){.job = {.run = sum_run, .done = sum_done}, .from = i};
        assert_true(worker_submit(w, &jobs[i].job));
    }
    collect_all(w);
    assert_false(readable(worker_fd(w), 0));
    for (unsigned i = 0; i < JOBS; i++) {
        assert_int_equal(jobs[i].ran, 1);
        assert_int_equal(jobs[i].done, 1);
        assert_false(jobs[i].cancelled);
        assert_true(jobs[i].signals_blocked);
        assert_int_equal(jobs[i].total, 1000 * (uint64_t)i + 499500);
    }
    worker_close(w);
}

static void test_limit(void **state)
{
    atomic_bool gate = false;
    struct sum jobs[3];
    struct worker *w = worker_open(1, 2);

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        jobs[i] = (struct sum){.job = {.run = sum_run, .done = sum_done}, .gate = &gate};
    assert_true(worker_submit(w, &jobs[0].job));
    assert_true(worker_submit(w, &jobs[1].job));
    assert_false(worker_submit(w, &jobs[2].job));
    assert_int_equal(worker_pending(w), 2);
    atomic_store(&gate, true);
    collect_all(w);
    assert_int_equal(jobs[2].done, 0);
    assert_true(worker_submit(w, &jobs[2].job));
    collect_all(w);
    assert_int_equal(jobs[2].done, 1);
    worker_close(w);
}

static unsigned threads_now(void)
{
    DIR *tasks = opendir("/proc/self/task");
    unsigned count = 0;

    assert_non_null(tasks);
    for (struct dirent *e; (e = readdir(tasks)) != NULL;)
        count += e->d_name[0] != '.';
    closedir(tasks);
    return count;
}

static void test_threads_come_with_the_work(void **state)
{
    enum { THREADS = 3, JOBS = 5 };
    const unsigned others = threads_now();
    atomic_bool gate = false;
    atomic_int started = 0;
    struct sum jobs[JOBS];
    struct worker *w = worker_open(THREADS, JOBS);

    (void)state;
    assert_int_equal(threads_now(), others + 1);
    for (unsigned i = 0; i < JOBS; i++) {
        jobs[i] = (struct sum){
            .job = {.run = sum_run, .done = sum_done}, .gate = &gate, .started = &started};
        assert_true(worker_submit(w, &jobs[i].job));
        while (atomic_load(&started) < (int)(i < THREADS ? i + 1 : THREADS))
            sched_yield();
        assert_int_equal(threads_now(), others + (i < THREADS ? i + 1 : THREADS));
    }
    atomic_store(&gate, true);
    collect_all(w);
    worker_close(w);
}

static void *open_gate(void *arg)
{
    atomic_bool *gate = arg;

    /* Closing has to begin while the first job still runs; either order passes. */
    for (int i = 0; i < 1000; i++)
        sched_yield();
    atomic_store(gate, true);
    return NULL;
}

static void test_close_cancels_what_waits(void **state)
{
    enum { JOBS = 8 };
    atomic_bool gate = false;
    atomic_int started = 0;
    pthread_t opener;
    struct sum jobs[JOBS];
    struct worker *w = worker_open(1, JOBS);
    unsigned ran = 0;

    (void)state;
    for (unsigned i = 0; i < JOBS; i++) {
        jobs[i] = (struct sum){
            .job = {.run = sum_run, .done = sum_done}, .gate = &gate, .started = &started};
        assert_true(worker_submit(w, &jobs[i].job));
    }
    while (atomic_load(&started) == 0)
        sched_yield();
    assert_int_equal(pthread_create(&opener, NULL, open_gate, &gate), 0);
    worker_close(w);
    pthread_join(opener, NULL);
    for (unsigned i = 0; i < JOBS; i++) {
        assert_int_equal(jobs[i].done, 1);
        assert_int_equal(jobs[i].cancelled, jobs[i].ran == 0);
        ran += jobs[i].ran;
    }
    assert_true(ran >= 1);
    worker_close(NULL);
}

struct again {
    struct worker_job job;
    struct worker *w;
    unsigned ran, done;
};

static void again_run(struct worker_job *job)
{
    ((struct again *)job)->ran++;
}

static void again_done(struct worker_job *job)
{
    struct again *a = (struct again *)job;

    if (++a->done < 10)
        assert_true(worker_submit(a->w, job));
}

static void test_done_may_submit(void **state)
{
    struct again a = {.job = {.run = again_run, .done = again_done}};

    (void)state;
    a.w = worker_open(2, 1);
    assert_true(worker_submit(a.w, &a.job));
    collect_all(a.w);
    assert_int_equal(a.ran, 10);
    assert_int_equal(a.done, 10);
    worker_close(a.w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wake),
        cmocka_unit_test(test_all_run_once),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_threads_come_with_the_work),
        cmocka_unit_test(test_close_cancels_what_waits),
        cmocka_unit_test(test_done_may_submit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
