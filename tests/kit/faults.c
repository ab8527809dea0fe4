#include "tests/kit/faults.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* A fault is set while nothing runs; calls come from all threads. */
static atomic_int calls, first, last, with;

void faults_set(int from, int count, int error)
{
    first = from;
    last = from == 0 ? 0 : from + count - 1;
    with = error;
    calls = 0;
}

int faults_calls(void)
{
    return calls;
}

static bool hit(void)
{
    int n = ++calls;

    if (first == 0 || n < first || n > last)
        return false;
    errno = with;
    return true;
}

/* Wake-ups and standard output are no files. */
static bool hit_file(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && hit();
}

/* Each by a sister call that nobody here uses. */
ssize_t write(int fd, const void *p, size_t len)
{
    struct iovec v = {(void *)(size_t)p, len};

    return hit_file(fd) ? -1 : writev(fd, &v, 1);
}

/* A part of it is written before it fails. */
ssize_t pwrite(int fd, const void *p, size_t len, off_t offset)
{
    struct iovec v = {(void *)(size_t)p, len};

    if (hit()) {
        int error = errno;

        v.iov_len /= 2;
        if (pwritev(fd, &v, 1, offset) >= 0)
            errno = error;
        return -1;
    }
    return pwritev(fd, &v, 1, offset);
}

int fsync(int fd)
{
    return hit() ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return hit() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int ftruncate(int fd, off_t len)
{
    return hit() ? -1 : (int)syscall(SYS_ftruncate, fd, (long)len);
}

int rename(const char *from, const char *to)
{
    return hit() ? -1 : renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int unlink(const char *path)
{
    return hit() ? -1 : unlinkat(AT_FDCWD, path, 0);
}
