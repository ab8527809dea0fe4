/* Keys that are not let in, across restarts, a full disk and damage. */
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
#include "server/bans.h"
#include "tests/kit/desk.h"

#define HEAD "den bans 1\n"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define LINE "SHA256:" ZEROS " mallory\n"

static struct scratch scratch;
static struct bans bans;
static char path[512];

static struct ban ban_of(uint8_t first, const char *name)
{
    struct ban b = {.fingerprint = {first}};

    memcpy(b.name, name, strlen(name));
    return b;
}

static int make(void **state)
{
    (void)state;
    scratch_make(&scratch);
    scratch_path(&scratch, "bans", path);
    return bans_open(&bans, path) == ERR_OK ? 0 : -1;
}

static int unmake(void **state)
{
    (void)state;
    desk_limit_files(0);
    bans_close(&bans);
    bans_close(&bans);
    scratch_remove(&scratch);
    return 0;
}

static void add(uint8_t first, const char *name)
{
    struct ban b = ban_of(first, name);

    assert_int_equal(bans_add(&bans, &b), ERR_OK);
}

static void reopen(void)
{
    bans_close(&bans);
    assert_int_equal(bans_open(&bans, path), ERR_OK);
}

static void kept_until_lifted(void **state)
{
    struct ban one = ban_of(1, "Mallory"), two = ban_of(2, "");
    struct stat st;

    (void)state;
    assert_null(bans_find(&bans, one.fingerprint));
    add(1, "Mallory");
    add(2, "");
    assert_int_equal(bans_add(&bans, &one), ERR_EXISTS);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(bans_find(&bans, one.fingerprint)->name, "Mallory");
        assert_string_equal(bans_find(&bans, two.fingerprint)->name, "");
        reopen();
    }
    assert_true(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    assert_int_equal(bans_remove(&bans, one.fingerprint), ERR_OK);
    assert_int_equal(bans_remove(&bans, one.fingerprint), ERR_UNKNOWN);
    reopen();
    assert_null(bans_find(&bans, one.fingerprint));
    assert_non_null(bans_find(&bans, two.fingerprint));
}

static void what_can_not_be_saved_is_not_done(void **state)
{
    struct ban one = ban_of(1, "a"), two = ban_of(2, "b"), three = ban_of(3, "c");

    (void)state;
    add(1, "a");
    add(2, "b");
    desk_limit_files(16);
    assert_int_equal(bans_add(&bans, &three), ERR_IO);
    assert_int_equal(bans_remove(&bans, one.fingerprint), ERR_IO);
    assert_null(bans_find(&bans, three.fingerprint));
    assert_string_equal(bans.list[0].name, "a");
    assert_string_equal(bans.list[1].name, "b");
    desk_limit_files(0);
    reopen();
    assert_int_equal(bans.count, 2);
    assert_non_null(bans_find(&bans, two.fingerprint));
}

static void check_file(const char *text, size_t len, enum err e)
{
    struct buf after;

    bans_close(&bans);
    scratch_put(&scratch, "bans", text, len);
    assert_int_equal(bans_open(&bans, path), e);
    buf_init(&after, 1 << 20);
    scratch_get(&scratch, "bans", &after);
    assert_int_equal(after.len, len);
    assert_true(len == 0 || memcmp(after.data, text, len) == 0);
    buf_free(&after);
}

static void damaged_or_newer_is_refused_untouched(void **state)
{
    static const char whole[] = HEAD LINE;
    static const char *const broken[] = {"junk\n",         "den bans\n",
                                         HEAD "\n\n",      HEAD "SHA256:12\n",
                                         HEAD LINE LINE,   HEAD LINE "\n" LINE,
                                         HEAD "junk\n",    HEAD "SHA256:" ZEROS " no name\n",
                                         "\n" HEAD,        HEAD "SHA256:" ZEROS " \n",
                                         HEAD " mallory\n"};

    (void)state;
    check_file(whole, sizeof whole - 1, ERR_OK);
    assert_int_equal(bans.count, 1);
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        check_file(broken[i], strlen(broken[i]), ERR_BROKEN);
    check_file("den bans 2\nwhatever", 19, ERR_VERSION);
    check_file(HEAD "\0", sizeof HEAD, ERR_BROKEN);
}

/* Wherever it is cut, a ban is never lost without a word. */
static void cut_anywhere(void **state)
{
    static const char whole[] = HEAD LINE;

    (void)state;
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        bans_close(&bans);
        scratch_put(&scratch, "bans", whole, len);
        if (len == strlen(HEAD))
            assert_int_equal(bans_open(&bans, path), ERR_OK); /* whole, and empty */
        else
            assert_int_not_equal(bans_open(&bans, path), ERR_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kept_until_lifted, make, unmake),
        cmocka_unit_test_setup_teardown(what_can_not_be_saved_is_not_done, make, unmake),
        cmocka_unit_test_setup_teardown(damaged_or_newer_is_refused_untouched, make, unmake),
        cmocka_unit_test_setup_teardown(cut_anywhere, make, unmake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
