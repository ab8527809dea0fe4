#include "tests/kit/emulated.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

void emulated_lacks(const char *what)
{
    const char *under = getenv("DEN_UNDER");

    if (under == NULL)
        return;
    printf("# why: %s has no %s\n", under, what);
    fflush(stdout);
    skip();
}
