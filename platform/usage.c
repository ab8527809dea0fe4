#include "platform/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int usage_open(void)
{
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

bool usage_resident(int fd, uint64_t *bytes)
{
    char text[256];
    unsigned long long pages;
    ssize_t n = pread(fd, text, sizeof text - 1, 0);

    if (n <= 0)
        return false;
    text[n] = 0;
    if (sscanf(text, "%*u %llu", &pages) != 1)
        return false;
    *bytes = pages * (unsigned long long)sysconf(_SC_PAGESIZE);
    return true;
}

void usage_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}
