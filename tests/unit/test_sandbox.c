/* What a process may still do with files, sockets and signals: each case takes it from a child. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/address.h"
#include "platform/file.h"
#include "platform/sandbox.h"
#include "platform/socket.h"
#include "platform/unix_socket.h"
#include "tests/kit/emulated.h"
#include "tests/kit/inside.h"
#include "tests/kit/scratch.h"

static struct scratch scratch;
static char keep[512], library[512], outside[512];

static int least; /* the ABI that a case needs */
static void (*deed)(void);

static void enter(const struct sandbox_place *places, size_t count)
{
    int abi = sandbox_enter(places, count);

    if (abi == -ENOSYS || abi == -EOPNOTSUPP || (abi > 0 && abi < least))
        inside_skip();
    errno = -abi;
    INSIDE(abi > 0);
}

static void sandboxed(void)
{
    const struct sandbox_place places[] = {{keep, SANDBOX_KEEP}, {library, SANDBOX_READ}};

    enter(places, 2);
    deed();
}

/* Runs it in a child that has entered; skips where the kernel can't. */
static void inside(int abi, void (*run)(void))
{
    emulated_lacks("Landlock");
    least = abi;
    deed = run;
    assert_int_equal(inside_run(sandboxed), 0);
}

static const char *in(const char *directory, const char *name)
{
    static char path[1024];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static bool opens(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool denied(bool done)
{
    return !done && errno == EACCES;
}

static void keeps_its_own(void)
{
    struct file_bytes f;

    INSIDE(file_write(in(keep, "a"), "first", 5, 0600) == 0);
    INSIDE(file_write(in(keep, "a"), "second", 6, 0600) == 0);
    INSIDE(file_read(&f, in(keep, "a"), 100, FILE_NOFOLLOW) == 0);
    INSIDE(f.len == 6);
    INSIDE(file_make_directory(in(keep, "log")) == 0);
    INSIDE(opens(in(keep, "log/1.seg"), O_RDWR | O_CREAT));
    INSIDE(truncate(in(keep, "log/1.seg"), 0) == 0);
    INSIDE(unlink(in(keep, "log/1.seg")) == 0);
    INSIDE(rmdir(in(keep, "log")) == 0);
    INSIDE(unix_socket_listen(in(keep, "ctl"), 1) >= 0);
    INSIDE(unlink(in(keep, "ctl")) == 0);
    INSIDE(denied(symlink("/etc/passwd", in(keep, "link")) == 0));
    INSIDE(denied(mkfifo(in(keep, "fifo"), 0600) == 0));
}

static void state_directory_is_its_own(void **state)
{
    (void)state;
    inside(0, keeps_its_own);
}

static void only_reads(void)
{
    INSIDE(opens(in(library, "film"), O_RDONLY));
    INSIDE(opens(library, O_RDONLY | O_DIRECTORY));
    INSIDE(denied(opens(in(library, "film"), O_WRONLY)));
    INSIDE(denied(opens(in(library, "new"), O_WRONLY | O_CREAT)));
    INSIDE(denied(unlink(in(library, "film")) == 0));
    INSIDE(denied(mkdir(in(library, "folder"), 0700) == 0));
    INSIDE(!opens(in(library, "way-out"), O_RDONLY)); /* a link to the secret */
    INSIDE(rename(in(library, "film"), keep) != 0);
}

static void library_is_only_read(void **state)
{
    (void)state;
    inside(0, only_reads);
}

static void finds_nothing_else(void)
{
    INSIDE(denied(opens(in(outside, "secret"), O_RDONLY)));
    INSIDE(denied(opens(in(outside, "secret"), O_WRONLY)));
    INSIDE(denied(opens(in(outside, "new"), O_WRONLY | O_CREAT)));
    INSIDE(denied(opens(outside, O_RDONLY | O_DIRECTORY)));
    INSIDE(denied(opens("/etc/passwd", O_RDONLY)));
    INSIDE(denied(opens("/proc/self/maps", O_RDONLY)));
    INSIDE(denied(opens(in(keep, "../outside/secret"), O_RDONLY)));
    INSIDE(denied(unlink(in(outside, "secret")) == 0));
    execl("/bin/true", "true", (char *)NULL);
    INSIDE(errno == EACCES);
}

static void nothing_else_is_there(void **state)
{
    (void)state;
    inside(0, finds_nothing_else);
}

static void *in_a_thread(void *result)
{
    *(bool *)result = denied(opens(in(outside, "secret"), O_RDONLY));
    return NULL;
}

static void starts_a_thread(void)
{
    pthread_t thread;
    bool bound = false;

    INSIDE(pthread_create(&thread, NULL, in_a_thread, &bound) == 0);
    INSIDE(pthread_join(thread, NULL) == 0);
    INSIDE(bound);
}

static void later_threads_are_bound(void **state)
{
    (void)state;
    inside(0, starts_a_thread);
}

static void calls_nobody(void)
{
    struct address to;

    address_numeric("127.0.0.1", 9, &to);
    INSIDE(socket_connect(&to) == -EACCES);
    INSIDE(socket_listen(&to, 1) == -EACCES);
}

static void no_tcp_is_begun(void **state)
{
    (void)state;
    inside(4, calls_nobody);
}

static void signals_nobody(void)
{
    INSIDE(kill(getppid(), 0) != 0 && errno == EPERM);
    INSIDE(kill(getpid(), 0) == 0);
}

static void nobody_outside_is_signalled(void **state)
{
    (void)state;
    inside(6, signals_nobody);
}

static void has_no_new_privileges(void)
{
    INSIDE(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
}

static void privileges_are_gone(void **state)
{
    (void)state;
    inside(0, has_no_new_privileges);
}

/* A place that is not there is none; a file is no place, and then nothing is taken. */
static void tries_wrong_places(void)
{
    const struct sandbox_place none = {"/no/such/place", SANDBOX_READ};
    const struct sandbox_place file = {"/dev/null", SANDBOX_READ};
    int abi = sandbox_enter(&file, 1);

    if (abi == -ENOSYS || abi == -EOPNOTSUPP)
        inside_skip();
    INSIDE(abi == -ENOTDIR);
    INSIDE(opens("/dev/null", O_RDONLY));
    enter(&none, 1);
    INSIDE(denied(opens("/dev/null", O_RDONLY)));
}

static void wrong_places(void **state)
{
    (void)state;
    assert_int_equal(inside_run(tries_wrong_places), 0);
}

static int make(void **state)
{
    (void)state;
    scratch_make(&scratch);
    scratch_path(&scratch, "keep", keep);
    scratch_path(&scratch, "library", library);
    scratch_path(&scratch, "outside", outside);
    if (mkdir(keep, 0700) != 0 || mkdir(library, 0700) != 0 || mkdir(outside, 0700) != 0)
        return -1;
    scratch_put(&scratch, "library/film", "film", 4);
    scratch_put(&scratch, "outside/secret", "secret", 6);
    return symlink("../outside/secret", in(library, "way-out"));
}

static int remove_all(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(state_directory_is_its_own),
        cmocka_unit_test(library_is_only_read),
        cmocka_unit_test(nothing_else_is_there),
        cmocka_unit_test(later_threads_are_bound),
        cmocka_unit_test(no_tcp_is_begun),
        cmocka_unit_test(nobody_outside_is_signalled),
        cmocka_unit_test(privileges_are_gone),
        cmocka_unit_test(wrong_places),
    };
    return cmocka_run_group_tests(tests, make, remove_all);
}
