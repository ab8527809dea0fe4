/* Invitations: who used which, across restarts, a full disk and damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "base/text.h"
#include "server/invites.h"
#include "tests/kit/desk.h"

#define HEAD "den invites 1\n"
#define HASH "00000000000000000000000000000000000000000000000000000000000000aa"
#define OTHER "00000000000000000000000000000000000000000000000000000000000000bb"
#define LINE "1 " HASH " 1000 bob -\n"
#define USED "2 " OTHER " 1000 * SHA256:" HASH "\n"
#define NOW 500

static struct scratch scratch;
static struct invites invites;
static char path[512];
static const uint8_t first[SIZE_FINGERPRINT] = {1}, second[SIZE_FINGERPRINT] = {2};

static int make(void **state)
{
    (void)state;
    scratch_make(&scratch);
    scratch_path(&scratch, "invites", path);
    return invites_open(&invites, path) == ERR_OK ? 0 : -1;
}

static int unmake(void **state)
{
    (void)state;
    desk_limit_files(0);
    invites_close(&invites);
    invites_close(&invites);
    scratch_remove(&scratch);
    return 0;
}

static struct invite terms(uint8_t code, const char *name, int64_t until)
{
    uint8_t bytes[SIZE_INVITATION] = {code};
    struct invite one = {.until = until};

    invitation_hash(one.hash, bytes);
    memcpy(one.name, name, strlen(name));
    return one;
}

static uint32_t add(uint8_t code, const char *name, int64_t until)
{
    struct invite one = terms(code, name, until);

    assert_int_equal(invites_add(&invites, &one, NOW), ERR_OK);
    return one.id;
}

static const struct invite *find(uint8_t code, const char *name, const uint8_t *key, int64_t now)
{
    uint8_t bytes[SIZE_INVITATION] = {code};

    return invites_find(&invites, bytes, name, key, now);
}

static void reopen(void)
{
    invites_close(&invites);
    assert_int_equal(invites_open(&invites, path), ERR_OK);
}

static void holds_for_its_name_until_its_day(void **state)
{
    struct stat st;

    (void)state;
    assert_int_equal(add(1, "", 1000), 1);
    assert_int_equal(add(2, "Bob", 2000), 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(find(1, "anyone", first, NOW)->id, 1);
        assert_int_equal(find(1, "anyone", first, 999)->id, 1);
        assert_null(find(1, "anyone", first, 1000));
        assert_int_equal(find(2, "bOB", first, 1999)->id, 2);
        assert_null(find(2, "alice", first, NOW));
        assert_null(find(3, "bob", first, NOW));
        assert_null(find(0, "bob", first, NOW));
        reopen();
    }
    assert_true(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
}

/* A crash right behind the mark: the same key may come again with it, no other may. */
static void used_by_one_key_alone(void **state)
{
    (void)state;
    add(1, "", 1000);
    assert_int_equal(invites_use(&invites, find(1, "bob", first, NOW), first), ERR_OK);
    for (int i = 0; i < 2; i++) {
        assert_true(find(1, "bob", first, NOW)->used);
        assert_null(find(1, "bob", second, NOW));
        assert_null(find(1, "bob", first, 1000));
        assert_int_equal(invites_use(&invites, find(1, "bob", first, NOW), first), ERR_OK);
        assert_int_equal(invites_use(&invites, &invites.list[0], second), ERR_EXISTS);
        reopen();
    }
}

static void revoked_and_old_ones_go(void **state)
{
    (void)state;
    add(1, "a", 1000);
    add(2, "b", NOW + 1);
    add(3, "c", 1000);
    assert_int_equal(invites_remove(&invites, 1), ERR_OK);
    assert_int_equal(invites_remove(&invites, 1), ERR_UNKNOWN);
    assert_null(find(1, "a", first, NOW));
    reopen();
    assert_int_equal(invites.count, 2);
    struct invite later = terms(4, "", 2000);
    assert_int_equal(invites_add(&invites, &later, NOW + 1), ERR_OK);
    assert_int_equal(later.id, 4);
    assert_int_equal(invites.count, 2);
    assert_int_equal(invites.list[0].id, 3);
}

static void no_more_than_the_limit(void **state)
{
    struct invite one;

    (void)state;
    free(invites.path);
    invites.path = NULL; /* a thousand files to sync */
    for (unsigned i = 0; i < LIMIT_INVITES; i++) {
        one = terms(1, "", 1000 + i);
        memcpy(one.hash, &i, sizeof i);
        assert_int_equal(invites_add(&invites, &one, NOW), ERR_OK);
    }
    one = terms(2, "", 9000);
    assert_int_equal(invites_add(&invites, &one, NOW), ERR_LIMIT);
    invites.path = strdup(path);
    assert_int_equal(invites_add(&invites, &one, 1000), ERR_OK); /* one has ended */
    assert_int_equal(invites_use(&invites, find(2, "x", first, 1000), first), ERR_OK);
    reopen();
    assert_int_equal(invites.count, LIMIT_INVITES);
    assert_true(find(2, "x", first, 1000)->used);
}

static void what_can_not_be_saved_is_not_done(void **state)
{
    struct invite three = terms(3, "c", 1000);

    (void)state;
    add(1, "a", 1000);
    add(2, "b", 1000);
    desk_limit_files(16);
    assert_int_equal(invites_add(&invites, &three, NOW), ERR_IO);
    assert_int_equal(invites_remove(&invites, 1), ERR_IO);
    assert_int_equal(invites_use(&invites, find(2, "b", first, NOW), first), ERR_IO);
    assert_null(find(3, "c", first, NOW));
    assert_false(find(2, "b", second, NOW)->used);
    desk_limit_files(0);
    reopen();
    assert_int_equal(invites.count, 2);
    assert_int_equal(find(1, "a", second, NOW)->id, 1);
    assert_false(find(2, "b", second, NOW)->used);
}

static void check_file(const char *text, size_t len, enum err e)
{
    struct buf after;

    invites_close(&invites);
    scratch_put(&scratch, "invites", text, len);
    assert_int_equal(invites_open(&invites, path), e);
    buf_init(&after, 1 << 20);
    scratch_get(&scratch, "invites", &after);
    assert_int_equal(after.len, len);
    assert_true(len == 0 || memcmp(after.data, text, len) == 0);
    buf_free(&after);
}

static void damaged_or_newer_is_refused_untouched(void **state)
{
    static const char whole[] = HEAD LINE USED;
    static const char *const broken[] = {
        "junk\n",
        "den invites\n",
        HEAD "\n\n",
        HEAD LINE LINE,
        HEAD LINE "\n" USED,
        "\n" HEAD,
        HEAD "0 " HASH " 1000 bob -\n",           /* numbers begin with 1 */
        HEAD LINE "2 " HASH " 1000 bob -\n",      /* the same code */
        HEAD LINE "1 " OTHER " 1000 bob -\n",     /* the same number */
        HEAD "1 " HASH " 1000 b/b -\n",           /* no name */
        HEAD "1 " HASH " 1000 bob\n",             /* not all */
        HEAD "1 " HASH " 1000 bob - -\n",         /* too much */
        HEAD "1 " HASH " -1 bob -\n",             /* before time began */
        HEAD "1 " HASH " 999999999999 bob -\n",   /* or after its end */
        HEAD "1 00aa 1000 bob -\n",               /* no hash */
        HEAD "1 " HASH " 1000 bob SHA256:00aa\n", /* no key */
        HEAD "1 " HASH " 1000  -\n",
    };

    (void)state;
    check_file(whole, sizeof whole - 1, ERR_OK);
    assert_int_equal(invites.count, 2);
    assert_int_equal(add(9, "", 1000), 3);
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        check_file(broken[i], strlen(broken[i]), ERR_BROKEN);
    check_file("den invites 2\nwhatever", 22, ERR_VERSION);
    check_file(HEAD "\0", sizeof HEAD, ERR_BROKEN);
}

/* Wherever it is cut, a mark of use is never lost without a word. */
static void cut_anywhere(void **state)
{
    static const char whole[] = HEAD USED;

    (void)state;
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        invites_close(&invites);
        scratch_put(&scratch, "invites", whole, len);
        if (len == strlen(HEAD))
            assert_int_equal(invites_open(&invites, path), ERR_OK); /* whole, and empty */
        else
            assert_int_not_equal(invites_open(&invites, path), ERR_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(holds_for_its_name_until_its_day, make, unmake),
        cmocka_unit_test_setup_teardown(used_by_one_key_alone, make, unmake),
        cmocka_unit_test_setup_teardown(revoked_and_old_ones_go, make, unmake),
        cmocka_unit_test_setup_teardown(no_more_than_the_limit, make, unmake),
        cmocka_unit_test_setup_teardown(what_can_not_be_saved_is_not_done, make, unmake),
        cmocka_unit_test_setup_teardown(damaged_or_newer_is_refused_untouched, make, unmake),
        cmocka_unit_test_setup_teardown(cut_anywhere, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
