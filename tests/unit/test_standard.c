/* What stands where standard input, output and error are closed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/wait.h>
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_ones_are_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
