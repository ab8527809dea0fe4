#include "tests/kit/famine.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* More than any scene here has; a scene that never ends its hunger is broken. */
#define MOST 5000

static atomic_bool hungry;
static atomic_size_t count; /* allocations since the scene began */
static atomic_size_t fails; /* the first that fails, from 1; 0: none */
static atomic_bool lasting; /* and all behind it */
static atomic_bool struck;

static bool refuse(void)
{
    size_t n, at = atomic_load(&fails);

    if (!atomic_load(&hungry))
        return false;
    n = atomic_fetch_add(&count, 1) + 1;
    if (at == 0 || (n != at && (n < at || !atomic_load(&lasting))))
        return false;
    atomic_store(&struck, true);
    errno = ENOMEM;
    return true;
}

void famine_begin(void)
{
    atomic_store(&hungry, true);
}

bool famine_end(void)
{
    atomic_store(&hungry, false);
    return atomic_load(&struck);
}

static bool play(void (*scene)(void), size_t at, bool all_behind)
{
    atomic_store(&count, 0);
    atomic_store(&struck, false);
    atomic_store(&lasting, all_behind);
    atomic_store(&fails, at);
    scene();
    atomic_store(&fails, 0);
    if (atomic_load(&hungry))
        fail_msg("the scene did not end the famine");
    return atomic_load(&struck);
}

size_t famine_walk(void (*scene)(void))
{
    size_t at = 0;

    atomic_store(&hungry, false); /* an assertion may have ended the scene of another test */
    do {
        at++;
        if (at > MOST)
            fail_msg("more than %d allocations", MOST);
        play(scene, at, true);
    } while (play(scene, at, false));
    if (at == 1)
        fail_msg("nothing was allocated");
    return at - 1;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
DIR *__real_opendir(const char *path);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);
DIR *__wrap_opendir(const char *path);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_asprintf(char **out, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap___asprintf_chk(char **out, int flag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void *__wrap_malloc(size_t size)
{
    return refuse() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return refuse() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return refuse() ? NULL : __real_realloc(p, size);
}

char *__wrap_strdup(const char *text)
{
    return refuse() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t len)
{
    return refuse() ? NULL : __real_strndup(text, len);
}

DIR *__wrap_opendir(const char *path)
{
    return refuse() ? NULL : __real_opendir(path);
}

int __wrap_asprintf(char **out, const char *format, ...)
{
    va_list args;
    int len;

    if (refuse())
        return -1;
    va_start(args, format);
    len = vasprintf(out, format, args);
    va_end(args);
    return len;
}

/* asprintf with _FORTIFY_SOURCE. */
int __wrap___asprintf_chk(char **out, int flag, const char *format, ...)
{
    va_list args;
    int len;

    (void)flag;
    if (refuse())
        return -1;
    va_start(args, format);
    len = vasprintf(out, format, args);
    va_end(args);
    return len;
}

/* Nobody pulls the plug here, and a walk would wait for the disk a thousand times. */
int __wrap_fsync(int fd)
{
    (void)fd;
    return 0;
}

int __wrap_fdatasync(int fd)
{
    (void)fd;
    return 0;
}
