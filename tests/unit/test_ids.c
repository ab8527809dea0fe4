/* Numbers of envelopes: never twice, whoever draws them and whatever fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/ids.h"
#include "tests/kit/scratch.h"

#define WALL UINT64_C(1700000000000)

static struct scratch scratch;

static int make(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static uint64_t draw(struct ids *ids, uint64_t wall_ms)
{
    uint64_t id = 0;

    assert_int_equal(ids_next(ids, wall_ms, &id), ERR_OK);
    return id;
}

static struct ids open_file(const char *name)
{
    char path[512];
    struct ids ids;

    scratch_path(&scratch, name, path);
    assert_int_equal(ids_open(&ids, path), ERR_OK);
    return ids;
}

/* The clock goes on, stands still and goes back, within blocks and past them. */
static void rises_whatever_the_clock_does(void **state)
{
    static const int64_t steps[] = {0, 1, 0, 0, -1, 5, -1000000, 3, 60000, 0, -60000, 90000, 1};
    struct ids ids = open_file("rising"), memory;
    uint64_t last[2] = {0}, wall = WALL;

    (void)state;
    assert_int_equal(ids_open(&memory, NULL), ERR_OK);
    for (int i = 0; i < 20000; i++) {
        uint64_t a = draw(&ids, wall), b = draw(&memory, wall);

        assert_true(a > last[0] && a >= wall << 20);
        assert_true(b > last[1] && b >= wall << 20);
        last[0] = a;
        last[1] = b;
        if (i % 100 == 0)
            wall += (uint64_t)steps[(size_t)(i / 100) % (sizeof steps / sizeof *steps)];
    }
    ids_close(&ids);
    ids_close(&ids);
    ids_close(&memory);
}

/* Who does not close has drawn nothing twice all the same; also if the clock went back. */
static void goes_on_after_a_crash(void **state)
{
    uint64_t last = 0, wall = WALL;

    (void)state;
    for (int run = 0; run < 50; run++) {
        struct ids ids = open_file("crash");

        for (int i = 0; i < 7; i++) {
            uint64_t id = draw(&ids, wall);

            assert_true(id > last);
            last = id;
        }
        wall -= 1000;
        free(ids.path);
    }
}

/* A file from a backup, or the key restored elsewhere: the clock keeps them apart. */
static void old_file_is_no_danger(void **state)
{
    struct ids ids;
    uint64_t before;

    (void)state;
    scratch_put(&scratch, "old", "1024\n", 5);
    ids = open_file("old");
    before = draw(&ids, WALL);
    assert_true(before >= WALL << 20);
    ids_close(&ids);
    scratch_put(&scratch, "old", "1024\n", 5);
    ids = open_file("old");
    assert_true(draw(&ids, WALL + 1) > before);
    ids_close(&ids);
}

/* A long file of commands must not wait for the disk at every line. */
static void reserves_seldom(void **state)
{
    struct ids ids = open_file("seldom");
    uint64_t end = 0;
    int reserved = 0;

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        draw(&ids, WALL + i);
        reserved += ids.end != end;
        end = ids.end;
    }
    assert_true(reserved < 40);
    /* and never far ahead of the clock, which another copy of the key goes by */
    assert_true(ids.end <= (WALL + 100000 + 60000) << 20);
    ids_close(&ids);
}

static void refuse(const char *text, size_t len)
{
    struct ids ids;
    struct buf now;
    uint64_t id;

    scratch_put(&scratch, "broken", text, len);
    ids = open_file("broken");
    assert_int_equal(ids_next(&ids, WALL, &id), ERR_BROKEN);
    ids_close(&ids);
    buf_init(&now, 1024);
    scratch_get(&scratch, "broken", &now);
    assert_int_equal(now.len, len);
    assert_memory_equal(now.data, text, len);
    buf_free(&now);
}

static void refuses_a_broken_file_untouched(void **state)
{
    (void)state;
    refuse("", 0);
    refuse("\n", 1);
    refuse("x\n", 2);
    refuse("12 \n", 4);
    refuse("-1\n", 3);
    refuse("1\n2\n", 4);
    refuse("12\0003\n", 5);
    refuse("18446744073709551615\n", 21);
    refuse("18446744073709551616\n", 21);
}

static void tells_what_the_system_refuses(void **state)
{
    struct ids ids = open_file("no/such/directory");
    uint64_t id;

    (void)state;
    assert_int_equal(ids_next(&ids, WALL, &id), ERR_IO);
    ids_close(&ids);
}

enum { CHILDREN = 4, DRAWN = 5000 };

static void draw_many(int child, int to)
{
    static uint64_t drawn[DRAWN];
    char path[512];
    struct ids ids;
    bool good;

    scratch_path(&scratch, "shared", path);
    good = ids_open(&ids, path) == ERR_OK;
    /* Each has another clock, and it goes on: so each must reserve again and again. */
    for (unsigned i = 0; good && i < DRAWN; i++)
        good = ids_next(&ids, WALL + (uint64_t)child * 3 + i / 50, &drawn[i]) == ERR_OK;
    good = good && write(to, drawn, sizeof drawn) == (ssize_t)sizeof drawn;
    _exit(good ? 0 : 1);
}

static int compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

static void processes_never_draw_the_same(void **state)
{
    static uint64_t all[CHILDREN * DRAWN];
    char *at = (char *)all;
    int fds[CHILDREN][2];
    pid_t pids[CHILDREN];

    (void)state;
    for (int i = 0; i < CHILDREN; i++) {
        assert_int_equal(pipe(fds[i]), 0);
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0)
            draw_many(i, fds[i][1]);
        close(fds[i][1]);
    }
    for (int i = 0; i < CHILDREN; i++) {
        ssize_t got;
        int status;

        while ((got = read(fds[i][0], at, (size_t)((char *)(all + CHILDREN * DRAWN) - at))) > 0)
            at += got;
        close(fds[i][0]);
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    assert_ptr_equal(at, all + CHILDREN * DRAWN);
    qsort(all, CHILDREN * DRAWN, sizeof *all, compare);
    for (size_t i = 1; i < CHILDREN * DRAWN; i++)
        assert_true(all[i - 1] < all[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rises_whatever_the_clock_does),
        cmocka_unit_test(goes_on_after_a_crash),
        cmocka_unit_test(old_file_is_no_danger),
        cmocka_unit_test(reserves_seldom),
        cmocka_unit_test(refuses_a_broken_file_untouched),
        cmocka_unit_test(tells_what_the_system_refuses),
        cmocka_unit_test(processes_never_draw_the_same),
    };
    return cmocka_run_group_tests(tests, make, remove_all);
}
