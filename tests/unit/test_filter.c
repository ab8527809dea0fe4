/* Which system calls are left: each case takes them from a child. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "platform/filter.h"

#if DEN_SECCOMP

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "platform/now.h"
#include "platform/thread.h"
#include "tests/kit/emulated.h"
#include "tests/kit/inside.h"

static void (*deed)(void);

static void filtered(void)
{
    INSIDE(filter_enter() == 0);
    deed();
}

/* The wait status of a child that runs it under the filter. */
static int under(void (*run)(void))
{
    emulated_lacks("seccomp");
    deed = run;
    return inside_run(filtered);
}

static void *join_me(void *done)
{
    *(bool *)done = now_ns() > 0;
    return NULL;
}

static void works(void)
{
    char path[] = "/dev/null", page[64];
    struct iovec part = {page, sizeof page};
    bool done = false;
    pthread_t thread;
    int fd = open(path, O_RDWR | O_CLOEXEC), ends[2];
    void *memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    INSIDE(fd >= 0);
    INSIDE(write(fd, "x", 1) == 1);
    INSIDE(preadv2(fd, &part, 1, 0, RWF_NOWAIT) >= 0 || errno == EOPNOTSUPP || errno == EAGAIN);
    INSIDE(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
    INSIDE(read(ends[0], page, 1) < 0 && errno == EAGAIN);
    INSIDE(memory != MAP_FAILED);
    INSIDE(thread_start(&thread, join_me, &done) == 0);
    INSIDE(pthread_join(thread, NULL) == 0);
    INSIDE(done);
    INSIDE(usleep(1) == 0);
}

static void what_a_server_does_works(void **state)
{
    (void)state;
    assert_int_equal(under(works), 0);
}

static bool unknown(long result)
{
    return result < 0 && errno == ENOSYS;
}

static void lacks(void)
{
    INSIDE(unknown(socket(AF_INET, SOCK_STREAM, 0)));
    INSIDE(unknown(socket(AF_UNIX, SOCK_STREAM, 0)));
    INSIDE(unknown(syscall(SYS_connect, 0, NULL, 0)));
    INSIDE(unknown(syscall(SYS_bind, 0, NULL, 0)));
    INSIDE(unknown(syscall(SYS_listen, 0, 1)));
    INSIDE(unknown(fork()));
    INSIDE(unknown(kill(getppid(), 0)));
    INSIDE(unknown(syscall(SYS_tgkill, getppid(), getppid(), 0)));
    INSIDE(unknown(syscall(SYS_io_uring_setup, 1, NULL)));
    INSIDE(unknown(syscall(SYS_linkat, AT_FDCWD, "a", AT_FDCWD, "b", 0)));
    INSIDE(unknown(syscall(SYS_symlinkat, "a", AT_FDCWD, "b")));
    INSIDE(unknown(ioctl(0, TIOCSTI, "x")));
    INSIDE(unknown(syscall(4999)));
}

static void what_it_does_not_need_is_not_there(void **state)
{
    (void)state;
    assert_int_equal(under(lacks), 0);
}

static void makes_code(void)
{
    void *data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    INSIDE(data != MAP_FAILED);
    INSIDE(code == MAP_FAILED && errno == ENOSYS);
    INSIDE(unknown(mprotect(data, 4096, PROT_READ | PROT_EXEC)));
    INSIDE(mprotect(data, 4096, PROT_READ) == 0);
}

static void no_memory_becomes_code(void **state)
{
    (void)state;
    assert_int_equal(under(makes_code), 0);
}

static void runs_a_program(void)
{
    execl("/bin/true", "true", (char *)NULL);
}

static void traces(void)
{
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static void reads_another(void)
{
    char byte;
    struct iovec part = {&byte, 1};

    process_vm_readv(getppid(), &part, 1, &part, 1, 0);
}

static void mounts(void)
{
    syscall(SYS_mount, "none", "/", "tmpfs", 0, NULL);
}

static void makes_namespaces(void)
{
    syscall(SYS_unshare, 0);
}

static void what_only_an_attacker_wants_ends_it(void **state)
{
    void (*const deeds[])(void) = {runs_a_program, traces, reads_another, mounts, makes_namespaces};

    (void)state;
    for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++) {
        int status = under(deeds[i]);

        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
    }
}

/* It still ends as it should when the C library finds its heap broken. */
static void abort_aborts(void **state)
{
    int status = under(abort);

    (void)state;
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void *wait_then_connect(void *socket_there)
{
    int *ends = socket_there;
    char go;

    if (read(ends[0], &go, 1) != 1)
        return NULL;
    return socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == ENOSYS ? ends : NULL;
}

static void filters_later(void)
{
    pthread_t thread;
    void *got = NULL;
    int ends[2];

    INSIDE(pipe(ends) == 0);
    INSIDE(thread_start(&thread, wait_then_connect, ends) == 0);
    INSIDE(filter_enter() == 0);
    INSIDE(write(ends[1], "x", 1) == 1);
    INSIDE(pthread_join(thread, &got) == 0);
    INSIDE(got == ends);
}

static void threads_that_run_already_are_bound(void **state)
{
    (void)state;
    emulated_lacks("seccomp");
    assert_int_equal(inside_run(filters_later), 0);
}

/* A name that is spelled wrong would be left out in silence: each is known of some machine. */
static void names_are_spelled_right(void **state)
{
    static const uint32_t machines[] = {SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_ARM,
                                        SCMP_ARCH_AARCH64};
    /* that the oldest libseccomp we build with does not know yet */
    static const char newer[] = " fchmodat2 futex_waitv ";
    size_t count = 0;

    (void)state;
    for (char name[FILTER_NAME]; filter_name(count, name); count++) {
        char spaced[64];
        bool known = false;

        for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++)
            known =
                known || seccomp_syscall_resolve_name_arch(machines[i], name) != __NR_SCMP_ERROR;
        snprintf(spaced, sizeof spaced, " %s ", name);
        if (!known && strstr(newer, spaced) == NULL)
            fail_msg("no machine has %s", name);
    }
    assert_true(count > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_server_does_works),
        cmocka_unit_test(what_it_does_not_need_is_not_there),
        cmocka_unit_test(no_memory_becomes_code),
        cmocka_unit_test(what_only_an_attacker_wants_ends_it),
        cmocka_unit_test(abort_aborts),
        cmocka_unit_test(threads_that_run_already_are_bound),
        cmocka_unit_test(names_are_spelled_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

#include <errno.h>

static void is_not_built_in(void **state)
{
    char name[FILTER_NAME];

    (void)state;
    assert_int_equal(filter_enter(), -EOPNOTSUPP);
    assert_false(filter_name(0, name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(is_not_built_in)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
