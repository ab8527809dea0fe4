/* What stands where standard input, output and error are closed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "platform/standard.h"

/* In a child: with those closed whose bit is set, nothing that is opened later is one of them. */
static bool holds(unsigned closed)
{
    bool ok;
    char c;

    for (int fd = 0; fd < 3; fd++) {
        if ((closed >> fd & 1) != 0)
            close(fd);
    }
    ok = standard_hold() && standard_hold() && open("/", O_RDONLY) > STDERR_FILENO;
    if ((closed & 1) != 0)
        ok = ok && read(STDIN_FILENO, &c, 1) < 0;
    for (int fd = 1; fd < 3; fd++) {
        if ((closed >> fd & 1) != 0)
            ok = ok && write(fd, "x", 1) < 0;
    }
    return ok;
}

static void closed_ones_are_held(void **state)
{
    (void)state;
    for (unsigned closed = 0; closed < 8; closed++) {
        int status;
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0)
            _exit(holds(closed) ? 42 : 1);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 42);
    }
}

/* In a child, whose standard output is a pipe that nobody reads: what the pipe takes, it gets. */
static bool fills_and_gives_up(int reader, int writer)
{
    static char much[200000];
    size_t taken = 0;
    ssize_t n;
    struct standard_out o = {.fd = -1};

    if (dup2(writer, STDOUT_FILENO) >= 0)
        standard_open(&o, STDOUT_FILENO);
    if (o.fd != STDOUT_FILENO || !standard_print(&o, "x", 1) ||
        standard_print(&o, much, sizeof much) || standard_print(&o, "y", 1))
        return false;
    fcntl(reader, F_SETFL, O_NONBLOCK);
    while ((n = read(reader, much, sizeof much)) > 0)
        taken += (size_t)n;
    return taken > 4096 && taken < sizeof much && standard_print(&o, "z", 1) &&
           read(reader, much, sizeof much) == 1 && much[0] == 'z';
}

static void who_does_not_read_holds_nobody_up(void **state)
{
    int fds[2], status;
    pid_t child;

    (void)state;
    assert_int_equal(pipe(fds), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(fills_and_gives_up(fds[0], fds[1]) ? 42 : 1);
    close(fds[0]);
    close(fds[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 42);
}

/* The same at a terminal: one whose window hangs, and one that was stopped by Ctrl-S. */
static bool gives_up_at_a_terminal(int outer, int inner)
{
    static char much[200000];
    char c;
    struct standard_out o = {.fd = -1};

    if (dup2(inner, STDOUT_FILENO) >= 0)
        standard_open(&o, STDOUT_FILENO);
    if (o.fd <= STDERR_FILENO || !standard_print(&o, "x", 1) || read(outer, &c, 1) != 1)
        return false;
    if (tcflow(inner, TCOOFF) != 0 || standard_print(&o, "y", 1) || tcflow(inner, TCOON) != 0 ||
        !standard_print(&o, "y", 1) || read(outer, &c, 1) != 1)
        return false;
    memset(much, 'z', sizeof much);
    return !standard_print(&o, much, sizeof much) && !standard_print(&o, "z", 1) && c == 'y';
}

static void nor_does_a_terminal(void **state)
{
    int outer = posix_openpt(O_RDWR | O_NOCTTY), inner, status;
    pid_t child;

    (void)state;
    assert_true(outer >= 0 && grantpt(outer) == 0 && unlockpt(outer) == 0);
    inner = open(ptsname(outer), O_RDWR | O_NOCTTY);
    assert_true(inner >= 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(60);
        _exit(gives_up_at_a_terminal(outer, inner) ? 42 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 42);
    close(outer);
    close(inner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_ones_are_held),
        cmocka_unit_test(who_does_not_read_holds_nobody_up),
        cmocka_unit_test(nor_does_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
