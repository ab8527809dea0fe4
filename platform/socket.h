/* TCP sockets: non-blocking, close-on-exec, tuned for small messages. Functions that can fail
 * return a negative errno. */
#ifndef DEN_PLATFORM_SOCKET_H
#define DEN_PLATFORM_SOCKET_H

#include "platform/address.h"

/* A listening socket. An all-addresses IPv6 one takes IPv4 too. */
int socket_listen(const struct address *at, int backlog);
/* The next connection that waits, -EAGAIN when there is none. */
int socket_accept(int fd, struct address *peer);
/* Starts to connect; the descriptor is writable when it is decided, then ask socket_error. */
int socket_connect(const struct address *to);
/* What was sent with MSG_MORE goes out now, though no more followed. */
void socket_push(int fd);
/* 0 or the errno that the connection ended with. */
int socket_error(int fd);
/* The address of this end. */
int socket_local(int fd, struct address *out);

#endif
