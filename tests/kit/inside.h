/* Checks in a child process, for what a process can't undo: cmocka's asserts belong to the parent. */
#ifndef DEN_TESTS_KIT_INSIDE_H
#define DEN_TESTS_KIT_INSIDE_H

#include <stdbool.h>

/* In the child: ends it with 1, and says why with errno's text, unless it holds. */
#define INSIDE(holds) inside_check(holds, #holds)
void inside_check(bool holds, const char *what);
/* In the child: this can't be tried here. */
_Noreturn void inside_skip(void);

/* Runs it in a child, which then ends with 0. Gives its wait status; skips the test if it skipped. */
int inside_run(void (*run)(void));

#endif
