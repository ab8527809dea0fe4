#include "platform/unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A descriptor of the directory that path lies in; *name: the last part. */
static int open_directory(const char *path, const char **name)
{
    const char *slash = strrchr(path, '/');
    char *directory;
    int fd;

    *name = slash == NULL ? path : slash + 1;
    directory = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
    if (directory == NULL)
        return -ENOMEM;
    fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        fd = -errno;
    free(directory);
    return fd;
}

/* bind or connect. An address holds 107 bytes, less than many a path: the directory's descriptor
 * gives it a short one. */
static int call_at(int (*call)(int, const struct sockaddr *, socklen_t), int fd, const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const char *name;
    int directory, len, result;

    if (strlen(path) < sizeof at.sun_path) {
        memcpy(at.sun_path, path, strlen(path));
        return call(fd, (const struct sockaddr *)&at, sizeof at) == 0 ? 0 : -errno;
    }
    directory = open_directory(path, &name);
    if (directory < 0)
        return directory;
    len = snprintf(at.sun_path, sizeof at.sun_path, "/proc/self/fd/%d/%s", directory, name);
    if (len < 0 || (size_t)len >= sizeof at.sun_path)
        result = -ENAMETOOLONG;
    else
        result = call(fd, (const struct sockaddr *)&at, sizeof at) == 0 ? 0 : -errno;
    close(directory);
    return result;
}

static int remove_stale(const char *path)
{
    struct stat st;

    if (lstat(path, &st) != 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(st.st_mode))
        return -EEXIST;
    return unlink(path) == 0 ? 0 : -errno;
}

int unix_socket_listen(const char *path, int backlog)
{
    int result = remove_stale(path), fd;

    if (result != 0)
        return result;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    /* Linux gives the file the socket's own mode, less the umask: so nobody else can slip in
     * between bind and a chmod. */
    if (fchmod(fd, 0600) != 0)
        result = -errno;
    if (result == 0)
        result = call_at(bind, fd, path);
    if (result == 0 && listen(fd, backlog) != 0)
        result = -errno;
    if (result == 0)
        return fd;
    close(fd);
    return result;
}

int unix_socket_accept(int fd)
{
    int got = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    return got < 0 ? -errno : got;
}

int unix_socket_connect(const char *path)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int result = fd < 0 ? -errno : call_at(connect, fd, path);

    if (result == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return result;
}
