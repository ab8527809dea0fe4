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

/* Whether a piece can be written now or by then. */
static bool takes_some(int64_t until)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    int64_t left;
    int got;

    do {
        left = (until - now_ns()) / 1000000;
        got = poll(&out, 1, left > 0 ? (int)left : 0);
    } while (got < 0 && errno == EINTR);
    return got > 0;
}

/* Of a pipe that poll says is writable it is sure that so much does not block. */
bool standard_print(const void *text, size_t len, int64_t patience_ns)
{
    const char *at = text;
    int64_t until = now_ns() + patience_ns;

    while (len > 0) {
        size_t piece = len < PIPE_BUF ? len : PIPE_BUF;
        ssize_t n;

        if (!takes_some(until))
            return false;
        n = write(STDOUT_FILENO, at, piece);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return false;
        if (n > 0) {
            at += n;
            len -= (size_t)n;
        }
    }
    return true;
}
