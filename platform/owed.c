#include "platform/owed.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How much of it was taken; all of it where nothing ever will be. */
static size_t put(int fd, const char *text, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = write(fd, text + done, len - done);

        if (n > 0)
            done += (size_t)n;
        else if (n < 0 && errno == EAGAIN)
            return done;
        else if (n == 0 || errno != EINTR)
            return len;
    }
    return done;
}

static void await(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};

    poll(&p, 1, -1);
}

bool owed_push(struct owed *o, int fd)
{
    if (o->len == 0)
        return false;
    o->sent += put(fd, o->bytes + o->sent, o->len - o->sent);
    if (o->sent < o->len)
        return true;
    o->sent = o->len = 0;
    return false;
}

void owed_flush(struct owed *o, int fd)
{
    while (owed_push(o, fd))
        await(fd);
}

/* False if that is too much. */
static bool reserve(struct owed *o, size_t len)
{
    size_t left = o->len - o->sent, cap = o->cap == 0 ? 4096 : o->cap;
    char *bytes;

    if (left > OWED_MOST || len > OWED_MOST - left)
        return false;
    if (o->sent > 0)
        memmove(o->bytes, o->bytes + o->sent, left);
    o->sent = 0;
    o->len = left;
    while (cap < left + len)
        cap *= 2;
    bytes = cap == o->cap ? o->bytes : realloc(o->bytes, cap);
    if (bytes == NULL)
        return false;
    o->bytes = bytes;
    o->cap = cap;
    return true;
}

void owed_write(struct owed *o, int fd, const char *text, size_t len)
{
    size_t done = owed_push(o, fd) ? 0 : put(fd, text, len);

    if (done < len && reserve(o, len - done)) {
        memcpy(o->bytes + o->len, text + done, len - done);
        o->len += len - done;
        return;
    }
    owed_flush(o, fd);
    while (done < len) {
        await(fd);
        done += put(fd, text + done, len - done);
    }
}

void owed_free(struct owed *o)
{
    free(o->bytes);
    *o = (struct owed){0};
}
