#include "platform/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads until the end, at most cap bytes. */
static ssize_t read_all(int fd, uint8_t *to, size_t cap)
{
    size_t len = 0;

    while (len < cap) {
        ssize_t got = read(fd, to + len, cap - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        len += (size_t)got;
    }
    return (ssize_t)len;
}

static int read_open(struct file_bytes *out, int fd, size_t limit)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return -EINVAL;
    if (st.st_size < 0 || (uint64_t)st.st_size > limit)
        return -EFBIG;
    out->mode = st.st_mode & 07777;
    out->owner = st.st_uid;
    /* One byte more than there should be tells whether it grew meanwhile. */
    size_t cap = (size_t)st.st_size + 1;
    out->data = malloc(cap);
    if (out->data == NULL)
        return -ENOMEM;
    out->len = cap;
    ssize_t got = read_all(fd, out->data, cap);
    if (got < 0)
        return (int)got;
    out->len = (size_t)got;
    if (out->len == cap)
        return -EBUSY;
    out->data[out->len] = 0;
    return 0;
}

int file_read(struct file_bytes *out, const char *path, size_t limit, enum file_links links)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

    *out = (struct file_bytes){0};
    int fd = open(path, flags | (links == FILE_NOFOLLOW ? O_NOFOLLOW : 0));
    if (fd < 0)
        return -errno;
    int result = read_open(out, fd, limit);
    close(fd);
    if (result != 0)
        file_free(out);
    return result;
}

void file_free(struct file_bytes *f)
{
    if (f->data != NULL)
        explicit_bzero(f->data, f->len);
    free(f->data);
    *f = (struct file_bytes){0};
}

int file_put(int fd, const void *data, size_t len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t put = write(fd, at, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -errno;
        at += put;
        len -= (size_t)put;
    }
    return 0;
}

static int fill(int fd, const void *data, size_t len, mode_t mode)
{
    int result = file_put(fd, data, len);

    if (result == 0 && fchmod(fd, mode) != 0)
        result = -errno;
    if (result == 0 && fsync(fd) != 0)
        result = -errno;
    if (close(fd) != 0 && result == 0)
        result = -errno;
    return result;
}

/* The directory that path lies in. */
static int open_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = slash == NULL   ? strdup(".")
                      : slash == path ? strdup("/")
                                      : strndup(path, (size_t)(slash - path));

    if (directory == NULL)
        return -ENOMEM;
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = fd < 0 ? -errno : fd;
    free(directory);
    return result;
}

/* The directory is opened first: once the new file has its name, nothing may fail any more for want of
 * memory or descriptors. Its sync makes the rename last through a loss of power; some file systems
 * can't (EINVAL), and then there is nothing more to be done. */
static int replace(const char *temporary, const char *path)
{
    int directory = open_directory(path);
    int result = directory < 0 ? directory : 0;

    if (result == 0 && rename(temporary, path) != 0)
        result = -errno;
    if (result != 0)
        unlink(temporary);
    else if (fsync(directory) != 0 && errno != EINVAL)
        result = -errno;
    if (directory >= 0)
        close(directory);
    return result;
}

int file_write(const char *path, const void *data, size_t len, mode_t mode)
{
    char *temporary;

    if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
        return -ENOMEM;
    int fd = mkostemp(temporary, O_CLOEXEC);
    int result = fd < 0 ? -errno : fill(fd, data, len, mode);
    if (result == 0)
        result = replace(temporary, path);
    else if (fd >= 0)
        unlink(temporary);
    free(temporary);
    return result;
}

static int make_one(const char *path, mode_t mode)
{
    struct stat st;

    if (mkdir(path, mode) == 0)
        return 0;
    int reason = -errno;
    if (stat(path, &st) != 0)
        return reason;
    return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int file_make_directory(const char *path)
{
    char *part = strdup(path);
    int result = 0;

    if (part == NULL)
        return -ENOMEM;
    for (size_t end = strlen(part); end > 1 && part[end - 1] == '/'; end--)
        part[end - 1] = 0;
    for (char *slash = part; result == 0 && (slash = strchr(slash + 1, '/')) != NULL;) {
        *slash = 0;
        result = make_one(part, 0755);
        *slash = '/';
    }
    if (result == 0)
        result = make_one(part, 0700);
    free(part);
    return result;
}

static int lock(const char *path, int *fd, int how)
{
    int result;

    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0)
        return -errno;
    do
        result = flock(*fd, how);
    while (result != 0 && errno == EINTR);
    if (result == 0)
        return 0;
    int reason = -errno;
    file_unlock(fd);
    return reason;
}

int file_lock(const char *path, int *fd)
{
    return lock(path, fd, LOCK_EX | LOCK_NB);
}

int file_lock_wait(const char *path, int *fd)
{
    return lock(path, fd, LOCK_EX);
}

void file_unlock(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}
