#include "platform/standard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "platform/now.h"

bool standard_hold(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        /* It gets the lowest number that is free: those below are taken. */
        if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return false;
    }
    return true;
}

void standard_unbuffered(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
}

/* Standard output, or where that is a terminal a description of our own that never blocks: the other
 * one is shared with whoever started us. Of a pipe poll says enough (below). */
static int open_output(void)
{
    int fd = -1;

    if (isatty(STDOUT_FILENO))
        fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return fd >= 0 ? fd : STDOUT_FILENO;
}

/* Whether a piece can be written now or by then. */
static bool takes_some(int fd, int64_t until)
{
    struct pollfd out = {.fd = fd, .events = POLLOUT};
    int64_t left;
    int got;

    do {
        left = (until - now_ns()) / 1000000;
        got = poll(&out, 1, left > 0 ? (int)left : 0);
    } while (got < 0 && errno == EINTR);
    return got > 0;
}

/* A pipe of which poll says that it can be written takes a piece of this size at once. */
static bool write_all(int fd, const char *at, size_t len, int64_t until)
{
    while (len > 0) {
        ssize_t n;

        if (!takes_some(fd, until))
            return false;
        n = write(fd, at, len < PIPE_BUF ? len : PIPE_BUF);
        if (n < 0 && (now_ns() >= until || (errno != EINTR && errno != EAGAIN)))
            return false;
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        }
    }
    return true;
}

bool standard_print(const void *text, size_t len, int64_t patience_ns)
{
    int fd = open_output();
    bool all = write_all(fd, text, len, now_ns() + patience_ns);

    if (fd != STDOUT_FILENO)
        close(fd);
    return all;
}
