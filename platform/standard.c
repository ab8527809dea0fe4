#include "platform/standard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "platform/now.h"

#define SECOND INT64_C(1000000000)
#define SHARE 20 /* of all time is spent waiting, at most */

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

/* Where it is a terminal, a description of our own that never blocks: the other one is shared with
 * whoever started us. Of a pipe poll says enough (below). */
void standard_open(struct standard_out *o, int fd)
{
    char path[32];
    int own = -1;

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (isatty(fd))
        own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    *o = (struct standard_out){.fd = own >= 0 ? own : fd, .left = SECOND, .tried = now_ns()};
    pthread_mutex_init(&o->lock, NULL);
}

void standard_close(struct standard_out *o)
{
    if (o->fd > STDERR_FILENO)
        close(o->fd);
    o->fd = -1;
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

bool standard_print(struct standard_out *o, const void *text, size_t len)
{
    int64_t now, took;
    bool all;

    pthread_mutex_lock(&o->lock);
    now = now_ns();
    o->left += (now - o->tried) / SHARE;
    if (o->left > SECOND)
        o->left = SECOND;
    all = write_all(o->fd, text, len, o->mute ? now : now + o->left);
    o->mute = !all;
    o->tried = now_ns();
    took = o->tried - now;
    o->left = took < o->left ? o->left - took : 0;
    pthread_mutex_unlock(&o->lock);
    return all;
}
