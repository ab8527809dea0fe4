#include "tests/kit/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SKIPPED = 77 };

void inside_check(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "in the child: %s: %s\n", what, strerror(errno));
    _exit(1);
}

void inside_skip(void)
{
    _exit(SKIPPED);
}

int inside_run(void (*run)(void))
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        run();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
        skip();
    return status;
}
