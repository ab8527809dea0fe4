#include "platform/download.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "platform/file.h"

#define LIMIT_USER_DIRS (64 * 1024)
#define KEY "XDG_DOWNLOAD_DIR=\""

/* The value of one line: "$HOME/..." or "/...", as xdg-user-dirs writes it. */
static bool take_value(char out[static PATHS_MAX], const char *value)
{
    const char *end = strchr(value, '"'), *home = getenv("HOME");
    bool relative = strncmp(value, "$HOME", 5) == 0 && (value[5] == '/' || value[5] == '"');
    int n;

    if (end == NULL || (relative ? home == NULL || home[0] != '/' : value[0] != '/'))
        return false;
    value += relative ? 5 : 0;
    n = snprintf(out, PATHS_MAX, "%s%.*s", relative ? home : "", (int)(end - value), value);
    return n > 0 && n < PATHS_MAX;
}

static bool of_user_dirs(char out[static PATHS_MAX])
{
    struct file_bytes file;
    char path[PATHS_MAX], *rest = NULL;
    bool found = false;

    if (!paths_config(path, "user-dirs.dirs") ||
        file_read(&file, path, LIMIT_USER_DIRS, FILE_FOLLOW) != 0)
        return false;
    for (char *line = strtok_r((char *)file.data, "\n", &rest); line != NULL && !found;
         line = strtok_r(NULL, "\n", &rest)) {
        line += strspn(line, " \t");
        found = strncmp(line, KEY, sizeof KEY - 1) == 0 && take_value(out, line + sizeof KEY - 1);
    }
    file_free(&file);
    return found;
}

bool download_directory(char out[static PATHS_MAX])
{
    const char *given = getenv("XDG_DOWNLOAD_DIR"), *home = getenv("HOME");

    if (given != NULL && given[0] == '/' && strlen(given) < PATHS_MAX) {
        strcpy(out, given);
        return true;
    }
    return of_user_dirs(out) ||
           (home != NULL && home[0] == '/' && paths_join(out, home, "Downloads"));
}

int download_open(const char *path)
{
    int failed = file_make_directory(path), fd;

    if (failed != 0)
        return failed;
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int check_partial(int fd, uint64_t *size)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return -errno;
    if (!S_ISREG(st.st_mode) || st.st_nlink != 1 || st.st_uid != geteuid() || st.st_size < 0)
        return -EPERM;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? -EBUSY : -errno;
    *size = (uint64_t)st.st_size;
    return 0;
}

int download_partial(int directory, const char *name, uint64_t *size)
{
    int fd = openat(directory, name,
                    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
    int failed = fd < 0 ? -errno : check_partial(fd, size);

    if (failed == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return failed;
}

uint64_t download_space(int directory)
{
    struct statvfs st;

    /* Some network file systems tell nothing at all. */
    if (fstatvfs(directory, &st) != 0 || st.f_blocks == 0)
        return UINT64_MAX;
    return (uint64_t)st.f_bavail * (uint64_t)st.f_frsize;
}

/* Where the file system knows neither that rename nor links: an empty file takes the name first. */
static int place_over(int directory, const char *from, const char *to)
{
    int fd = openat(directory, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int failed;

    if (fd < 0)
        return -errno;
    close(fd);
    failed = renameat(directory, from, directory, to) == 0 ? 0 : -errno;
    if (failed != 0)
        unlinkat(directory, to, 0);
    return failed;
}

int download_place(int directory, const char *from, const char *to)
{
    if (renameat2(directory, from, directory, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    if (linkat(directory, from, directory, to, 0) == 0) {
        unlinkat(directory, from, 0);
        return 0;
    }
    return errno == EPERM || errno == ENOSYS || errno == EOPNOTSUPP
               ? place_over(directory, from, to)
               : -errno;
}

int download_sync(int fd)
{
    return fsync(fd) == 0 || errno == EINVAL || errno == ENOSYS ? 0 : -errno;
}
