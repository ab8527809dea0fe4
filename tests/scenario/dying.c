/* Loaded before den (LD_PRELOAD), kills it at the moment when it would record that a first message of
 * somebody was shown: at the first write behind the first 8,192 bytes of a file. For
 * faithful_again.py alone. */
#include <signal.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* Not by way of the C library: a sanitizer's may not be ready yet. */
ssize_t pwrite64(int fd, const void *data, size_t len, off_t at)
{
    if (at >= 8192)
        kill(getpid(), SIGKILL);
    return (ssize_t)syscall(SYS_pwrite64, fd, data, len, at);
}
