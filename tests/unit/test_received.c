/* What was shown is not shown again, also by the next process: against a plain set, with processes that
 * end at every point. And the file beneath. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/received.h"
#include "tests/kit/dice.h"
#include "tests/kit/scratch.h"

static const uint8_t alice[SIZE_FINGERPRINT] = {1}, bob[SIZE_FINGERPRINT] = {2};
static const uint8_t log_id[RECEIVED_LOG_ID] = {7};

struct place {
    struct scratch scratch;
    char path[512];
    struct received r;
};

static void place_open(struct place *p)
{
    scratch_make(&p->scratch);
    scratch_path(&p->scratch, "received", p->path);
    assert_int_equal(received_open(&p->r, p->path), ERR_OK);
}

/* The process is killed, and starts again: closing writes nothing. */
static void place_again(struct place *p)
{
    received_close(&p->r);
    assert_int_equal(received_open(&p->r, p->path), ERR_OK);
}

static void place_close(struct place *p)
{
    received_close(&p->r);
    scratch_remove(&p->scratch);
}

static void show(struct received *r, const uint8_t *from, uint64_t id, bool owed)
{
    bool again;

    assert_int_equal(received_look(r, from, id, &again), ERR_OK);
    assert_int_equal(received_begin(r, from, id), ERR_OK);
    assert_int_equal(received_done(r, from, id, owed), ERR_OK);
}

static void outlives_the_process(void **state)
{
    struct place p;
    bool again;

    (void)state;
    place_open(&p);
    show(&p.r, alice, 100, false);
    show(&p.r, bob, 5, false);
    show(&p.r, alice, 102, false);
    assert_int_equal(received_reached(&p.r, log_id, 42), ERR_OK);
    place_again(&p);
    assert_int_equal(p.r.number, 42);
    assert_memory_equal(p.r.log_id, log_id, sizeof log_id);
    assert_int_equal(received_look(&p.r, alice, 100, &again), ERR_REPLAY);
    assert_int_equal(received_look(&p.r, alice, 102, &again), ERR_REPLAY);
    assert_int_equal(received_look(&p.r, bob, 5, &again), ERR_REPLAY);
    assert_int_equal(received_look(&p.r, alice, 101, &again), ERR_OK);
    assert_false(again);
    place_close(&p);
}

/* Killed between begun and done: it comes again, marked so; all others are not. Also when others come
 * between, and when that process is killed too. */
static void what_was_open_comes_again(void **state)
{
    struct place p;
    bool again;

    (void)state;
    place_open(&p);
    show(&p.r, alice, 1, false);
    assert_int_equal(received_begin(&p.r, alice, 2), ERR_OK);
    place_again(&p);
    show(&p.r, bob, 9, false);
    assert_int_equal(received_begin(&p.r, bob, 10), ERR_OK);
    place_again(&p);
    assert_int_equal(received_look(&p.r, alice, 2, &again), ERR_OK);
    assert_true(again);
    assert_int_equal(received_look(&p.r, bob, 10, &again), ERR_OK);
    assert_true(again);
    assert_int_equal(received_look(&p.r, alice, 3, &again), ERR_OK);
    assert_false(again);
    show(&p.r, alice, 2, false);
    place_again(&p);
    assert_int_equal(received_look(&p.r, alice, 2, &again), ERR_REPLAY);
    assert_int_equal(received_look(&p.r, bob, 10, &again), ERR_OK);
    assert_true(again);
    place_close(&p);
}

static void begun_and_done_is_no_doubt(void **state)
{
    struct place p;
    bool again;

    (void)state;
    place_open(&p);
    show(&p.r, alice, 2, false);
    place_again(&p);
    received_look(&p.r, alice, 2, &again);
    assert_false(again);
    place_close(&p);
}

static void receipts_are_owed_until_settled(void **state)
{
    struct place p;
    uint64_t ids[4];
    size_t at = 0;

    (void)state;
    place_open(&p);
    show(&p.r, bob, 7, true);
    show(&p.r, alice, 3, true);
    show(&p.r, alice, 1, true);
    show(&p.r, alice, 2, false);
    place_again(&p);
    assert_int_equal(received_owed(&p.r, &at, ids, 4), 2);
    assert_memory_equal(p.r.replay.senders[at]->fingerprint, alice, sizeof alice);
    assert_int_equal(ids[0], 3); /* in the order in which they were shown */
    assert_int_equal(ids[1], 1);
    assert_int_equal(received_settle(&p.r, alice, ids, 2), ERR_OK);
    assert_int_equal(received_owed(&p.r, &at, ids, 4), 1);
    assert_memory_equal(p.r.replay.senders[at]->fingerprint, bob, sizeof bob);
    assert_int_equal(ids[0], 7);
    place_again(&p);
    at = 0;
    assert_int_equal(received_owed(&p.r, &at, ids, 4), 1);
    assert_int_equal(received_settle(&p.r, bob, ids, 1), ERR_OK);
    at = 0;
    assert_int_equal(received_owed(&p.r, &at, ids, 4), 0);
    ids[0] = 1;
    assert_int_equal(received_settle(&p.r, (const uint8_t[SIZE_FINGERPRINT]){3}, ids, 1),
                     ERR_UNKNOWN);
    place_close(&p);
}

enum { SENDERS = 5, IDS = 400 };

/* Ids near each other, in any order, with kills: each is shown once, but for what a kill left open. */
static void each_is_shown_once(void **state)
{
    static bool shown[SENDERS][IDS], open[SENDERS][IDS];
    struct dice d = dice_make(11);
    struct place p;

    (void)state;
    place_open(&p);
    for (size_t i = 0; i < 20000; i++) {
        size_t who = dice_below(&d, SENDERS), id = 1 + dice_below(&d, IDS - 1);
        uint8_t from[SIZE_FINGERPRINT] = {(uint8_t)(who + 1)};
        bool again;
        enum err e = received_look(&p.r, from, id, &again);

        assert_int_equal(e, shown[who][id] ? ERR_REPLAY : ERR_OK);
        if (e != ERR_OK)
            continue;
        assert_int_equal(again, open[who][id]);
        assert_int_equal(received_begin(&p.r, from, id), ERR_OK);
        if (dice_below(&d, 200) != 0) {
            assert_int_equal(received_done(&p.r, from, id, false), ERR_OK);
            shown[who][id] = true;
            continue;
        }
        open[who][id] = true;
        place_again(&p);
    }
    place_close(&p);
}

static void damaged_slot_is_forgotten(void **state)
{
    struct place p;
    bool again;
    int fd;

    (void)state;
    place_open(&p);
    show(&p.r, alice, 1, false);
    show(&p.r, bob, 1, false);
    received_close(&p.r);
    fd = open(p.path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "x", 1, 2 * 4096 + 40), 1);
    close(fd);
    assert_int_equal(received_open(&p.r, p.path), ERR_OK);
    assert_int_equal(received_look(&p.r, alice, 1, &again), ERR_OK);
    assert_int_equal(received_look(&p.r, bob, 1, &again), ERR_REPLAY);
    place_close(&p);
}

static void torn_end_is_cut(void **state)
{
    struct place p;
    bool again;

    (void)state;
    place_open(&p);
    show(&p.r, alice, 1, false);
    show(&p.r, bob, 1, false);
    received_close(&p.r);
    assert_int_equal(truncate(p.path, 4 * 4096 - 100), 0);
    assert_int_equal(received_open(&p.r, p.path), ERR_OK);
    assert_int_equal(received_look(&p.r, alice, 1, &again), ERR_REPLAY);
    assert_int_equal(received_look(&p.r, bob, 1, &again), ERR_OK);
    show(&p.r, bob, 1, false);
    place_again(&p);
    assert_int_equal(received_look(&p.r, bob, 1, &again), ERR_REPLAY);
    place_close(&p);
}

static void other_files_are_left_alone(void **state)
{
    struct place p;
    uint8_t head[4096];
    int fd;

    (void)state;
    place_open(&p);
    received_close(&p.r);
    fd = open(p.path, O_RDWR);
    assert_int_equal(pread(fd, head, sizeof head, 0), sizeof head);
    head[8] = 2; /* a newer version */
    assert_int_equal(pwrite(fd, head, sizeof head, 0), sizeof head);
    assert_int_equal(received_open(&p.r, p.path), ERR_VERSION);
    head[0] = 'x';
    assert_int_equal(pwrite(fd, head, sizeof head, 0), sizeof head);
    assert_int_equal(received_open(&p.r, p.path), ERR_BROKEN);
    assert_int_equal(ftruncate(fd, 100), 0);
    assert_int_equal(received_open(&p.r, p.path), ERR_OK); /* was being made */
    received_close(&p.r);
    close(fd);
    assert_int_equal(unlink(p.path), 0);
    assert_int_equal(symlink("/dev/null", p.path), 0);
    assert_int_equal(received_open(&p.r, p.path), ERR_IO);
    assert_int_equal(unlink(p.path), 0);
    assert_int_equal(mkfifo(p.path, 0600), 0);
    assert_int_equal(received_open(&p.r, p.path), ERR_BROKEN);
    assert_int_equal(unlink(p.path), 0);
    assert_int_equal(received_open(&p.r, "/nowhere/at/all"), ERR_IO);
    assert_int_equal(errno, ENOENT);
    place_close(&p);
}

static void works_without_a_file(void **state)
{
    struct received r;
    bool again;

    (void)state;
    assert_int_equal(received_open(&r, NULL), ERR_OK);
    show(&r, alice, 3, true);
    assert_int_equal(received_look(&r, alice, 3, &again), ERR_REPLAY);
    assert_int_equal(received_reached(&r, log_id, 3), ERR_OK);
    received_close(&r);
    received_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outlives_the_process),
        cmocka_unit_test(what_was_open_comes_again),
        cmocka_unit_test(begun_and_done_is_no_doubt),
        cmocka_unit_test(receipts_are_owed_until_settled),
        cmocka_unit_test(each_is_shown_once),
        cmocka_unit_test(damaged_slot_is_forgotten),
        cmocka_unit_test(torn_end_is_cut),
        cmocka_unit_test(other_files_are_left_alone),
        cmocka_unit_test(works_without_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
