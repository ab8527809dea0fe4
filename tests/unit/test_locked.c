/* Memory that is not swapped out, and what is known of memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "platform/locked.h"
#include "platform/usage.h"
#include "tests/kit/inside.h"

#if !DEN_SANITIZED /* they make mlock() do nothing */

/* Kilobytes behind a word of /proc/self/status. */
static long status_of(const char *word)
{
    FILE *f = fopen("/proc/self/status", "re");
    char line[256];
    long kilobytes = -1;

    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, word, strlen(word)) == 0)
            kilobytes = strtol(line + strlen(word), NULL, 10);
    }
    fclose(f);
    return kilobytes;
}

static void pages_are_locked(void **state)
{
    long page = sysconf(_SC_PAGESIZE), before = status_of("VmLck:");
    char *memory =
        mmap(NULL, (size_t)page * 4, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)state;
    assert_true(memory != MAP_FAILED);
    if (!locked_hold(memory + page - 1, 2)) {
        munmap(memory, (size_t)page * 4);
        skip();
    }
    memset(memory + page - 1, 0x55, 2);
    assert_int_equal(status_of("VmLck:") - before, 2 * page / 1024);
    assert_int_equal(munmap(memory, (size_t)page * 4), 0);
    assert_int_equal(status_of("VmLck:"), before);
}

static void locks_beyond_the_limit(void)
{
    static char secret[32];
    struct rlimit none = {0};

    /* root may lock without limit */
    if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (geteuid() == 0 && setuid(65534) != 0))
        inside_skip();
    INSIDE(!locked_hold(secret, sizeof secret) && errno != 0);
}

static void limit_is_told(void **state)
{
    (void)state;
    assert_int_equal(inside_run(locks_beyond_the_limit), 0);
}

#endif

static void resident_memory_is_known(void **state)
{
    enum { MORE = 8 << 20 };
    uint64_t before, after;
    int fd = usage_open();
    char *more = malloc(MORE);

    (void)state;
    assert_true(fd >= 0);
    assert_non_null(more);
    assert_true(usage_resident(fd, &before));
    memset(more, 1, MORE);
    assert_true(usage_resident(fd, &after));
    assert_true(after >= before + MORE / 2);
    assert_true(more[MORE - 1] == 1);
    free(more);
    usage_close(&fd);
    usage_close(&fd);
    assert_false(usage_resident(fd, &before));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#if !DEN_SANITIZED
        cmocka_unit_test(pages_are_locked),
        cmocka_unit_test(limit_is_told),
#endif
        cmocka_unit_test(resident_memory_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
