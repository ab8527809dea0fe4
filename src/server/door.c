#include "server/door.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "platform/socket.h"
#include "server/room.h"

#define BACKLOG 1024
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
            d->again = d->guests->room->now + ACCEPT_PAUSE_NS;
        }
        if (fd < 0)
            return;
        guest_welcome(d->guests, fd, &from);
    }
}

void door_tick(struct door *d)
{
    if (d->guests == NULL || d->listen < 0)
        return;
    if (d->reserve < 0)
        d->reserve = fcntl(d->listen, F_DUPFD_CLOEXEC, 0);
    if (d->guests->room->now < d->again)
        return;
    d->again = INT64_MAX;
    loop_want(d->loop, &d->watch, true, false);
}

int door_open(struct door *d, struct loop *loop, const struct address *at)
{
    *d = (struct door){.loop = loop, .reserve = -1, .again = INT64_MAX};
    d->watch = (struct loop_watch){.fd = -1, .ready = on_listen, .owner = d};
    d->listen = socket_listen(at, BACKLOG);
    if (d->listen < 0)
        return d->listen;
    return loop_add(loop, &d->watch, d->listen) ? 0 : -EMFILE;
}

void door_admit(struct door *d, struct guests *guests)
{
    d->guests = guests;
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
