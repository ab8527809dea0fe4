#include "platform/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

static void set_int(int fd, int level, int option, int value)
{
    setsockopt(fd, level, option, &value, sizeof value);
}

/* Keepalive rather than pings of our own, so that an idle member costs no wake-up; a peer that
 * vanished is noticed within about half a minute, also while something is unacknowledged. A small
 * unsent backlog keeps chat close behind video. */
static void tune(int fd)
{
    set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, 15);
    set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, 5);
    set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
    set_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 30000);
    set_int(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, 16 * 1024);
}

static int listen_on(const struct address *at, int backlog)
{
    int fd = socket(at->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int error;

    if (fd < 0)
        return -errno;
    set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (at->storage.ss_family == AF_INET6)
        set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (bind(fd, (const struct sockaddr *)&at->storage, at->len) == 0 && listen(fd, backlog) == 0)
        return fd;
    error = errno;
    close(fd);
    return -error;
}

int socket_listen(const struct address *at, int backlog)
{
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&at->storage;
    int fd = listen_on(at, backlog);
    struct address v4;

    /* A kernel without IPv6 still serves "all addresses". */
    if ((fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL) && at->storage.ss_family == AF_INET6 &&
        IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr)) {
        address_numeric("0.0.0.0", ntohs(in6->sin6_port), &v4);
        fd = listen_on(&v4, backlog);
    }
    return fd;
}

int socket_accept(int fd, struct address *peer)
{
    int got;

    *peer = (struct address){.len = sizeof peer->storage};
    got = accept4(fd, (struct sockaddr *)&peer->storage, &peer->len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (got < 0)
        return -errno;
    tune(got);
    return got;
}

int socket_connect(const struct address *to)
{
    int fd = socket(to->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int error;

    if (fd < 0)
        return -errno;
    tune(fd);
    if (connect(fd, (const struct sockaddr *)&to->storage, to->len) == 0 || errno == EINPROGRESS)
        return fd;
    error = errno;
    close(fd);
    return -error;
}

/* It is set already: setting it sends what waits (tcp(7)). */
void socket_push(int fd)
{
    set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

int socket_error(int fd)
{
    int error = 0;
    socklen_t len = sizeof error;

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        return errno;
    return error;
}

int socket_local(int fd, struct address *out)
{
    *out = (struct address){.len = sizeof out->storage};
    if (getsockname(fd, (struct sockaddr *)&out->storage, &out->len) != 0)
        return -errno;
    return 0;
}
