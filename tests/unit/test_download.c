/* Where files that others send are put: which directory, what may be a partial file, and its last name. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/download.h"
#include "tests/kit/scratch.h"

static struct scratch dir;

/* What user-dirs.dirs says, and what it leads to, from the root or below the home; NULL: the default. */
static void leads(const char *said, const char *to)
{
    char expected[PATHS_MAX], got[PATHS_MAX];

    scratch_put(&dir, "config/user-dirs.dirs", said, strlen(said));
    snprintf(expected, sizeof expected, "%s%s%s", to != NULL && to[0] == '/' ? "" : dir.path,
             to != NULL && to[0] == '/' ? "" : "/", to != NULL ? to : "Downloads");
    assert_true(download_directory(got));
    assert_string_equal(got, expected);
}

static void the_directory_of_the_desktop(void **state)
{
    char path[512], got[PATHS_MAX];

    (void)state;
    scratch_path(&dir, "config", path);
    assert_int_equal(mkdir(path, 0700), 0);
    setenv("XDG_CONFIG_HOME", path, 1);
    setenv("HOME", dir.path, 1);
    unsetenv("XDG_DOWNLOAD_DIR");
    assert_true(download_directory(got)); /* there is no such file */
    leads("", NULL);
    leads("# XDG_DOWNLOAD_DIR=\"$HOME/No\"\nXDG_MUSIC_DIR=\"$HOME/Music\"\n", NULL);
    leads("XDG_MUSIC_DIR=\"$HOME/Music\"\nXDG_DOWNLOAD_DIR=\"$HOME/Some place\"\n", "Some place");
    leads("  XDG_DOWNLOAD_DIR=\"/mnt/all\"", "/mnt/all");
    /* What is no path from the root is none. */
    leads("XDG_DOWNLOAD_DIR=\"there\"\n", NULL);
    leads("XDG_DOWNLOAD_DIR=\"$HOMES/there\"\n", NULL);
    leads("XDG_DOWNLOAD_DIR=\"$HOME/open\n", NULL);
    leads("XDG_DOWNLOAD_DIR=\"there\"\nXDG_DOWNLOAD_DIR=\"$HOME/second\"\n", "second");
}

static void the_environment_goes_first(void **state)
{
    char got[PATHS_MAX], *large = malloc(PATHS_MAX + 1);

    (void)state;
    setenv("XDG_DOWNLOAD_DIR", "/elsewhere", 1);
    assert_true(download_directory(got));
    assert_string_equal(got, "/elsewhere");
    memset(large, '/', PATHS_MAX);
    large[PATHS_MAX] = 0;
    setenv("XDG_DOWNLOAD_DIR", large, 1);
    assert_true(download_directory(got));
    assert_string_not_equal(got, large);
    free(large);
    setenv("XDG_DOWNLOAD_DIR", "not/from/the/root", 1);
    unsetenv("HOME");
    unsetenv("XDG_CONFIG_HOME");
    assert_false(download_directory(got));
    setenv("HOME", dir.path, 1);
}

static int partial(int at, const char *name)
{
    uint64_t size = 77;
    int fd = download_partial(at, name, &size);

    assert_true(fd < 0 || size < 77);
    return fd;
}

static void what_may_be_a_partial_file(void **state)
{
    char path[512];
    struct stat st;
    int at, fd;

    (void)state;
    scratch_path(&dir, "some/where", path);
    at = download_open(path); /* and is made */
    assert_true(at >= 0 && download_space(at) > 0);
    fd = partial(at, ".new");
    assert_true(fd >= 0 && fstat(fd, &st) == 0 && st.st_size == 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(partial(at, ".new"), -EBUSY); /* another den has it */
    close(fd);
    fd = partial(at, ".new");
    assert_true(fd >= 0);
    close(fd);
    assert_true(
        scratch_run(&dir, "cd some/where && ln -s .new .link && ln .new .twice && mkfifo .pipe"));
    assert_int_equal(partial(at, ".link"), -ELOOP);
    assert_int_equal(partial(at, ".twice"), -EPERM);
    assert_int_equal(partial(at, ".pipe"), -EPERM);
    assert_true(partial(at, "no/such") < 0);
    close(at);
    scratch_path(&dir, "some/where/.new", path);
    assert_true(download_open(path) < 0);
}

static void never_over_what_is_there(void **state)
{
    char path[512];
    int at;

    (void)state;
    scratch_path(&dir, "placed", path);
    at = download_open(path);
    assert_true(
        scratch_run(&dir, "cd placed && echo new > .part && echo old > there && ln -s none link"));
    assert_int_equal(download_place(at, ".part", "there"), -EEXIST);
    assert_int_equal(download_place(at, ".part", "link"), -EEXIST);
    assert_int_equal(download_place(at, ".part", "free"), 0);
    assert_true(scratch_run(
        &dir, "cd placed && test \"$(cat there free)\" = \"old\nnew\" && ! test -e .part"));
    assert_int_equal(download_place(at, ".part", "other"), -ENOENT);
    close(at);
}

static int make(void **state)
{
    (void)state;
    scratch_make(&dir);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    scratch_remove(&dir);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_directory_of_the_desktop),
        cmocka_unit_test(the_environment_goes_first),
        cmocka_unit_test(what_may_be_a_partial_file),
        cmocka_unit_test(never_over_what_is_there),
    };

    return cmocka_run_group_tests(tests, make, forget);
}
