#include "video/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err folder_reason(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG:
        return ERR_UNKNOWN;
    case ENOMEM:
        return ERR_MEMORY;
    default:
        return ERR_IO;
    }
}

static enum err folder_openat(int dir, const char *name, int flags, int *fd)
{
    *fd = openat(dir, name, flags | O_RDONLY | O_CLOEXEC);
    return *fd < 0 ? folder_reason() : ERR_OK;
}

enum err folder_open(const char *path, int *dir)
{
    return folder_openat(AT_FDCWD, path, O_DIRECTORY, dir);
}

enum err folder_enter(int dir, const char *name, int *inner)
{
    return folder_openat(dir, name, O_DIRECTORY | O_NOFOLLOW, inner);
}

enum err folder_file(int dir, const char *name, int *fd)
{
    struct stat st;
    /* O_NONBLOCK: opening a fifo that somebody put there must not wait for its writer. */
    enum err e = folder_openat(dir, name, O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, fd);

    if (e != ERR_OK)
        return e;
    if (fstat(*fd, &st) != 0)
        e = ERR_IO;
    else if (!S_ISREG(st.st_mode))
        e = ERR_UNKNOWN;
    if (e != ERR_OK) {
        close(*fd);
        *fd = -1;
    }
    return e;
}

static enum err folder_slurp(int fd, struct buf *out)
{
    for (;;) {
        size_t room = out->limit - out->len, ask = room > 65536 ? 65536 : room;
        /* One byte too many can't be put anywhere: it only shows that the file goes on. */
        uint8_t more = 0, *to = ask == 0 ? &more : buf_reserve(out, ask);
        ssize_t n;

        if (to == NULL)
            return ERR_MEMORY;
        n = read(fd, to, ask == 0 ? 1 : ask);
        if (n == 0)
            return ERR_OK;
        if (n > 0 && ask == 0)
            return ERR_LIMIT;
        if (n < 0 && errno != EINTR)
            return ERR_IO;
        if (n > 0)
            buf_grew(out, (size_t)n);
    }
}

enum err folder_read(int dir, const char *name, struct buf *out)
{
    int fd;
    enum err e = folder_file(dir, name, &fd);

    if (e != ERR_OK)
        return e;
    e = folder_slurp(fd, out);
    close(fd);
    return e;
}

static bool folder_put(int fd, const uint8_t *p, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, p, len);

        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
    return true;
}

enum err folder_write(int dir, const char *name, const void *p, size_t len)
{
    /* Named after the thread: two that write the same file at once don't write into each other. */
    char temp[NAME_MAX + 1];
    int n = snprintf(temp, sizeof temp, ".%s.%d", name, (int)gettid());
    int fd, saved;
    bool done;

    if (n < 0 || (size_t)n >= sizeof temp)
        return ERR_UNKNOWN;
    fd = openat(dir, temp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return folder_reason();
    done = folder_put(fd, p, len);
    if (close(fd) != 0)
        done = false;
    done = done && renameat(dir, temp, dir, name) == 0;
    if (done)
        return ERR_OK;
    saved = errno;
    unlinkat(dir, temp, 0);
    errno = saved;
    return ERR_IO;
}
