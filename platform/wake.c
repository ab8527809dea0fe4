#include "platform/wake.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int wake_open(void)
{
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

void wake_send(int fd)
{
    const uint64_t one = 1;
    int kept = errno;

    /* It can only fail when the counter is full, and then the descriptor is readable anyway. */
    if (write(fd, &one, sizeof one) < 0)
        errno = kept;
}

void wake_drain(int fd)
{
    uint64_t count;
    int kept = errno;

    if (read(fd, &count, sizeof count) < 0)
        errno = kept;
}

void wake_close(int fd)
{
    if (fd >= 0)
        close(fd);
}
