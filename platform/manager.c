#include "platform/manager.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int connect_to(const char *name)
{
    const struct timeval patience = {.tv_sec = 1};
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t len = strlen(name);
    int fd, error;

    if ((name[0] != '/' && name[0] != '@') || name[1] == 0)
        return -EAFNOSUPPORT;
    if (len >= sizeof at.sun_path)
        return -ENAMETOOLONG;
    memcpy(at.sun_path, name, len);
    if (name[0] == '@')
        at.sun_path[0] = 0;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)&at,
                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) == 0)
        return fd;
    error = errno;
    close(fd);
    return -error;
}

int manager_open(void)
{
    const char *name = getenv("NOTIFY_SOCKET");
    int fd;

    if (name == NULL || name[0] == 0)
        return -ENOENT;
    fd = connect_to(name);
    unsetenv("NOTIFY_SOCKET");
    return fd;
}

int manager_say(int fd, const char *text)
{
    if (fd < 0)
        return fd;
    return send(fd, text, strlen(text), MSG_NOSIGNAL) < 0 ? -errno : 0;
}
