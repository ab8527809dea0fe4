/* Stream sockets in the file system, for other programs of the same person. Functions return a
 * descriptor or a negative errno; descriptors are closed on exec. A path may be of any length. */
#ifndef DEN_PLATFORM_UNIX_SOCKET_H
#define DEN_PLATFORM_UNIX_SOCKET_H

/* A non-blocking listening socket, mode 0600 from its first moment on. A socket that stands there
 * is replaced (the caller has made sure that nobody listens on it); anything else is -EEXIST. */
int unix_socket_listen(const char *path, int backlog);
/* The next connection that waits, non-blocking; -EAGAIN when there is none. */
int unix_socket_accept(int fd);
/* A blocking connection. */
int unix_socket_connect(const char *path);

#endif
