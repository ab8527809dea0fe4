/* Files: read whole, replaced whole, locked; and the kernel's randomness. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/entropy.h"
#include "platform/file.h"
#include "tests/kit/scratch.h"

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

static mode_t mode_of(const char *path)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void writes_and_reads(void **state)
{
    char path[512];
    struct file_bytes f;

    (void)state;
    scratch_path(&scratch, "a", path);
    assert_int_equal(file_read(&f, path, 10, FILE_FOLLOW), -ENOENT);
    assert_int_equal(file_write(path, "first", 5, 0644), 0);
    assert_int_equal(file_write(path, "second", 6, 0600), 0);
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(file_read(&f, path, 6, FILE_NOFOLLOW), 0);
    assert_string_equal((char *)f.data, "second");
    assert_int_equal(f.len, 6);
    assert_int_equal(f.mode, 0600);
    assert_int_equal(f.owner, geteuid());
    file_free(&f);
    file_free(&f);
    assert_int_equal(file_write(path, NULL, 0, 0600), 0);
    assert_int_equal(file_read(&f, path, 0, FILE_FOLLOW), 0);
    assert_int_equal(f.len, 0);
    file_free(&f);
}

static void mode_is_exact_whatever_the_umask(void **state)
{
    char path[512];
    mode_t before = umask(0077);

    (void)state;
    scratch_path(&scratch, "m", path);
    assert_int_equal(file_write(path, "x", 1, 0644), 0);
    assert_int_equal(mode_of(path), 0644);
    umask(before);
}

static void refuses_what_is_long_or_no_file(void **state)
{
    char path[512], link_path[512];
    struct file_bytes f;

    (void)state;
    scratch_path(&scratch, "a", path);
    scratch_path(&scratch, "link", link_path);
    assert_int_equal(file_write(path, "second", 6, 0600), 0);
    assert_int_equal(file_read(&f, path, 5, FILE_FOLLOW), -EFBIG);
    assert_int_equal(symlink("a", link_path), 0);
    assert_int_equal(file_read(&f, link_path, 6, FILE_NOFOLLOW), -ELOOP);
    assert_int_equal(file_read(&f, link_path, 6, FILE_FOLLOW), 0);
    file_free(&f);
    assert_int_equal(file_read(&f, scratch.path, 6, FILE_FOLLOW), -EINVAL);
    scratch_path(&scratch, "pipe", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(file_read(&f, path, 6, FILE_FOLLOW), -EINVAL);
    assert_null(f.data);
}

static void failed_write_leaves_nothing(void **state)
{
    char path[512];

    (void)state;
    scratch_path(&scratch, "is-a-directory", path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(file_write(path, "x", 1, 0600), -EISDIR);
    assert_true(scratch_run(&scratch, "! ls -a | grep 'is-a-directory[.]'"));
    scratch_path(&scratch, "no/such/place", path);
    assert_int_equal(file_write(path, "x", 1, 0600), -ENOENT);
}

static void makes_directories(void **state)
{
    char path[512];
    mode_t before = umask(0022);

    (void)state;
    scratch_path(&scratch, "x/y/z/", path);
    assert_int_equal(file_make_directory(path), 0);
    assert_int_equal(mode_of(path), 0700);
    assert_int_equal(file_make_directory(path), 0);
    scratch_path(&scratch, "x", path);
    assert_int_equal(mode_of(path), 0755);
    scratch_path(&scratch, "plain", path);
    assert_int_equal(file_write(path, "", 0, 0600), 0);
    assert_int_equal(file_make_directory(path), -ENOTDIR);
    scratch_path(&scratch, "plain/under", path);
    assert_int_equal(file_make_directory(path), -ENOTDIR);
    umask(before);
}

static void lock_has_one_holder(void **state)
{
    char path[512];
    int first, second;

    (void)state;
    scratch_path(&scratch, "lock", path);
    assert_int_equal(file_lock(path, &first), 0);
    assert_int_equal(file_lock(path, &second), -EWOULDBLOCK);
    assert_int_equal(second, -1);
    file_unlock(&first);
    file_unlock(&first);
    assert_int_equal(file_lock(path, &second), 0);
    file_unlock(&second);
}

static void lock_is_waited_for(void **state)
{
    char path[512], byte = 0;
    int held, ends[2], status;
    struct pollfd end;
    pid_t child;

    (void)state;
    scratch_path(&scratch, "wait", path);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(file_lock_wait(path, &held), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int got;

        file_unlock(&held); /* ours; the parent's stays */
        _exit(file_lock_wait(path, &got) == 0 && write(ends[1], "x", 1) == 1 ? 0 : 1);
    }
    end = (struct pollfd){.fd = ends[0], .events = POLLIN};
    assert_int_equal(poll(&end, 1, 50), 0);
    file_unlock(&held);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(byte, 'x');
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(ends[0]);
    close(ends[1]);
    scratch_path(&scratch, "none/wait", path);
    assert_int_equal(file_lock_wait(path, &held), -ENOENT);
    assert_int_equal(held, -1);
}

static void entropy_fills_all(void **state)
{
    enum { LEN = 5000 };
    uint8_t a[LEN], b[LEN];
    size_t zeros = 0;

    (void)state;
    memset(a, 0, LEN);
    assert_true(entropy_get(a, LEN));
    assert_true(entropy_get(b, LEN));
    assert_true(entropy_get(NULL, 0));
    for (size_t i = 0; i < LEN; i++)
        zeros += a[i] == 0;
    assert_true(zeros < 100);
    assert_memory_not_equal(a, b, LEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads),
        cmocka_unit_test(mode_is_exact_whatever_the_umask),
        cmocka_unit_test(refuses_what_is_long_or_no_file),
        cmocka_unit_test(failed_write_leaves_nothing),
        cmocka_unit_test(makes_directories),
        cmocka_unit_test(lock_has_one_holder),
        cmocka_unit_test(lock_is_waited_for),
        cmocka_unit_test(entropy_fills_all),
    };
    return cmocka_run_group_tests(tests, make, remove_all);
}
