/* What waits to be accepted, and what waits to be delivered: both outlive the process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/awaited.h"
#include "client/backoff.h"
#include "client/unsent.h"
#include "tests/kit/desk.h"
#include "tests/kit/dice.h"
#include "tests/kit/keys.h"

static const uint8_t server[SIZE_FINGERPRINT] = {1}, other[SIZE_FINGERPRINT] = {2};

struct seen {
    uint64_t ids[64];
    size_t count;
    enum err say;
};

static enum err take(void *owner, const struct unsent *u)
{
    struct seen *s = owner;
    char text[32];
    int len = snprintf(text, sizeof text, "envelope %llu", (unsigned long long)u->id);

    assert_string_equal(u->name, "bob");
    assert_int_equal(u->to[31], 9);
    assert_int_equal(u->envelope.len, len);
    assert_memory_equal(u->envelope.data, text, (size_t)len);
    s->ids[s->count++] = u->id;
    return s->say;
}

static void keep(const char *dir, const uint8_t *room, uint64_t id)
{
    struct unsent u = {.id = id, .to = {[31] = 9}, .name = "bob"};
    char text[32];

    memcpy(u.server, room, sizeof u.server);
    u.envelope.data = (const uint8_t *)text;
    u.envelope.len = (size_t)snprintf(text, sizeof text, "envelope %llu", (unsigned long long)id);
    assert_int_equal(unsent_keep(dir, &u), ERR_OK);
}

static void kept_in_order_until_dropped(void **state)
{
    struct scratch s;
    struct seen seen = {0};
    char dir[512];
    size_t broken;

    (void)state;
    scratch_make(&s);
    scratch_path(&s, "unsent", dir);
    assert_int_equal(unsent_each(dir, server, take, &seen, &broken), ERR_OK);
    assert_int_equal(seen.count, 0);
    keep(dir, server, UINT64_C(1) << 60);
    keep(dir, server, 20);
    keep(dir, other, 15);
    keep(dir, server, 3);
    keep(dir, server, 20);
    unsent_drop(dir, 3);
    unsent_drop(dir, 4);
    keep(dir, server, 19);
    assert_int_equal(unsent_each(dir, server, take, &seen, &broken), ERR_OK);
    assert_int_equal(broken, 0);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.ids[0], 19);
    assert_int_equal(seen.ids[1], 20);
    assert_true(seen.ids[2] == UINT64_C(1) << 60);
    seen.say = ERR_STATE;
    assert_int_equal(unsent_each(dir, server, take, &seen, &broken), ERR_STATE);
    assert_int_equal(seen.count, 4);
    scratch_remove(&s);
}

static void damage_is_counted_and_left(void **state)
{
    static const char name[] = "unsent/0000000000000014.sealed";
    struct scratch s;
    struct seen seen = {0};
    struct buf file;
    char dir[512];
    size_t broken;

    (void)state;
    scratch_make(&s);
    scratch_path(&s, "unsent", dir);
    keep(dir, server, 20);
    buf_init(&file, 4096);
    scratch_get(&s, name, &file);
    scratch_put(&s, "unsent/readme", "not ours", 8);
    for (size_t len = 0; len < file.len; len += 7) {
        scratch_put(&s, name, file.data, len);
        assert_int_equal(unsent_each(dir, server, take, &seen, &broken), ERR_OK);
        assert_int_equal(broken, 1);
    }
    for (size_t at = 0; at < file.len; at += 3) {
        file.data[at] ^= 1;
        scratch_put(&s, name, file.data, file.len);
        file.data[at] ^= 1;
        assert_int_equal(unsent_each(dir, server, take, &seen, &broken), ERR_OK);
        assert_int_equal(broken, 1);
    }
    assert_int_equal(seen.count, 0);
    buf_free(&file);
    scratch_remove(&s);
}

static void awaited_until_taken(void **state)
{
    struct scratch s;
    struct awaited a;
    char path[512];

    (void)state;
    scratch_make(&s);
    scratch_path(&s, "awaited", path);
    assert_int_equal(awaited_open(&a, path), ERR_OK);
    assert_false(awaited_take(&a, 0, server));
    for (uint64_t id = 1; id <= 100; id++)
        assert_int_equal(awaited_add(&a, id, id % 2 ? server : other), ERR_OK);
    assert_false(awaited_take(&a, 1, other)); /* somebody else's receipt */
    assert_true(awaited_take(&a, 1, server));
    assert_false(awaited_take(&a, 1, server));
    assert_true(awaited_take(&a, 100, other));
    assert_true(awaited_take(&a, 99, server));
    awaited_close(&a);
    assert_int_equal(awaited_open(&a, path), ERR_OK);
    assert_false(awaited_take(&a, 1, server));
    assert_false(awaited_take(&a, 100, other));
    assert_int_equal(awaited_add(&a, 200, other), ERR_OK);
    assert_int_equal(a.count, 100); /* a free place is used again */
    for (uint64_t id = 2; id <= 98; id++)
        assert_true(awaited_take(&a, id, id % 2 ? server : other));
    assert_true(awaited_take(&a, 200, other));
    awaited_close(&a);
    awaited_close(&a);
    scratch_remove(&s);
}

static void full_list_forgets_the_oldest(void **state)
{
    struct awaited a;

    (void)state;
    assert_int_equal(awaited_open(&a, NULL), ERR_OK);
    for (uint64_t id = 1; id <= LIMIT_AWAITED + 5; id++)
        assert_int_equal(awaited_add(&a, id, server), ERR_OK);
    assert_false(awaited_take(&a, 5, server));
    assert_true(awaited_take(&a, 6, server));
    assert_true(awaited_take(&a, LIMIT_AWAITED + 5, server));
    awaited_close(&a);
}

static void waits_longer_each_time(void **state)
{
    struct random random = keys_random(4);
    int64_t sum = 0;

    (void)state;
    for (unsigned tries = 0; tries < 100; tries++) {
        int64_t base = tries > 6 ? BACKOFF_MOST_NS : BACKOFF_LEAST_NS << tries;
        bool varies = false;
        int64_t first = backoff_wait(tries, &random);

        for (int i = 0; i < 20; i++) {
            int64_t wait = backoff_wait(tries, &random);

            assert_in_range(wait, BACKOFF_LEAST_NS, BACKOFF_MOST_NS);
            if (base < BACKOFF_MOST_NS / 2)
                assert_in_range(wait, base, base + base / 2);
            varies = varies || wait != first;
            sum += wait;
        }
        assert_true(varies);
    }
    assert_true(sum > 80 * 20 * (BACKOFF_MOST_NS / 2));
    assert_in_range(backoff_wait(4000000000u, &random), BACKOFF_MOST_NS / 2, BACKOFF_MOST_NS);
    random_wipe(&random);
}

/* What the full disk did not take is written with the first that it takes again. */
static void awaited_on_a_full_disk(void **state)
{
    struct scratch s;
    struct awaited a;
    char path[512];

    (void)state;
    scratch_make(&s);
    scratch_path(&s, "full", path);
    assert_int_equal(awaited_open(&a, path), ERR_OK);
    assert_int_equal(awaited_add(&a, 1, server), ERR_OK);
    desk_limit_files(2 * 64);
    for (uint64_t id = 2; id <= 4; id++)
        assert_int_equal(awaited_add(&a, id, server), ERR_IO);
    desk_limit_files(0);
    assert_true(awaited_take(&a, 3, server));
    assert_int_equal(awaited_add(&a, 5, server), ERR_OK); /* in its place */
    assert_int_equal(awaited_add(&a, 6, server), ERR_OK);
    awaited_close(&a);
    assert_int_equal(awaited_open(&a, path), ERR_OK);
    assert_int_equal(a.count, 5);
    for (uint64_t id = 1; id <= 6; id++)
        assert_int_equal(awaited_take(&a, id, server), id != 3);
    awaited_close(&a);
    scratch_remove(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_in_order_until_dropped),
        cmocka_unit_test(damage_is_counted_and_left),
        cmocka_unit_test(awaited_until_taken),
        cmocka_unit_test(awaited_on_a_full_disk),
        cmocka_unit_test(full_list_forgets_the_oldest),
        cmocka_unit_test(waits_longer_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
