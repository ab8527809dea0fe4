#include "net/door.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "platform/now.h"
#include "platform/socket.h"

#define ACCEPTS_A_TURN 16
#define ACCEPT_PAUSE_NS INT64_C(100000000)

/* No descriptor is left: whoever waits gets an end rather than silence, and select() its rest. */
static void shed(struct door *d)
{
    struct address from;
    int fd;

    close(d->reserve);
    fd = socket_accept(d->listen, &from);
    if (fd >= 0)
        close(fd);
    d->reserve = fcntl(d->listen, F_DUPFD_CLOEXEC, 0);
}

static void on_listen(struct loop_watch *w, bool readable, bool writable)
{
    struct door *d = w->owner;
    struct address from;

    (void)readable;
    (void)writable;
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        int fd = socket_accept(d->listen, &from);

        if ((fd == -EMFILE || fd == -ENFILE) && d->reserve >= 0) {
            shed(d);
            continue;
        }
        if (fd == -EMFILE || fd == -ENFILE || fd == -ENOBUFS || fd == -ENOMEM) {
            /* Who waits stays readable, and the loop would spin. */
            loop_want(d->loop, w, false, false);
            d->again = now_ns() + ACCEPT_PAUSE_NS;
        }
        if (fd < 0)
            return;
        d->arrived(d->owner, fd, &from);
    }
}

void door_tick(struct door *d, int64_t now)
{
    if (d->arrived == NULL || d->listen < 0)
        return;
    if (d->reserve < 0)
        d->reserve = fcntl(d->listen, F_DUPFD_CLOEXEC, 0);
    if (now < d->again)
        return;
    d->again = INT64_MAX;
    loop_want(d->loop, &d->watch, true, false);
}

int door_open(struct door *d, struct loop *loop, const struct address *at, int backlog)
{
    *d = (struct door){.loop = loop, .reserve = -1, .again = INT64_MAX};
    d->watch = (struct loop_watch){.fd = -1, .ready = on_listen, .owner = d};
    d->listen = socket_listen(at, backlog);
    if (d->listen < 0)
        return d->listen;
    return loop_add(loop, &d->watch, d->listen) ? 0 : -EMFILE;
}

void door_admit(struct door *d, void (*arrived)(void *owner, int fd, const struct address *from),
                void *owner)
{
    d->arrived = arrived;
    d->owner = owner;
    d->reserve = fcntl(d->listen, F_DUPFD_CLOEXEC, 0);
    loop_want(d->loop, &d->watch, true, false);
}

void door_close(struct door *d)
{
    if (d->loop == NULL)
        return;
    loop_remove(d->loop, &d->watch);
    if (d->listen >= 0)
        close(d->listen);
    if (d->reserve >= 0)
        close(d->reserve);
    *d = (struct door){.listen = -1, .reserve = -1};
}

int64_t door_due(const struct door *d)
{
    return d->loop == NULL ? INT64_MAX : d->again;
}
