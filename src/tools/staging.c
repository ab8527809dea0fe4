#include "tools/staging.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/log.h"
#include "platform/file.h"
#include "video/folder.h"
#include "video/index.h"
#include "video/library.h"

#define STAGING_MARK ".making-"

/* Removes a folder and the files in it; there are no folders inside. */
static void staging_remove(int top, const char *name)
{
    const struct dirent *entry;
    int dir;
    DIR *d;

    if (folder_enter(top, name, &dir) != ERR_OK)
        return;
    d = fdopendir(dir);
    if (d == NULL) {
        close(dir);
        return;
    }
    while ((entry = readdir(d)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(d), entry->d_name, 0);
    closedir(d);
    unlinkat(top, name, AT_REMOVEDIR);
}

/* Whoever still works holds a lock on the folder. */
static void staging_sweep(int top)
{
    int again = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = again < 0 ? NULL : fdopendir(again);
    const struct dirent *entry;
    int dir;

    while (d != NULL && (entry = readdir(d)) != NULL) {
        if (strncmp(entry->d_name, STAGING_MARK, strlen(STAGING_MARK)) != 0 ||
            folder_enter(top, entry->d_name, &dir) != ERR_OK)
            continue;
        if (flock(dir, LOCK_EX | LOCK_NB) == 0)
            staging_remove(top, entry->d_name);
        close(dir);
    }
    if (d != NULL)
        closedir(d);
    else if (again >= 0)
        close(again);
}

static bool staging_taken(const struct staging *s)
{
    struct stat st;

    return fstatat(s->top, s->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool staging_make(struct staging *s, const char *library)
{
    int n;

    snprintf(s->temp, sizeof s->temp, STAGING_MARK "%s-%d", s->name, (int)getpid());
    n = snprintf(s->path, sizeof s->path, "%s/%s", library, s->temp);
    if (n < 0 || (size_t)n >= sizeof s->path || mkdirat(s->top, s->temp, 0755) != 0 ||
        folder_enter(s->top, s->temp, &s->dir) != ERR_OK || flock(s->dir, LOCK_EX | LOCK_NB) != 0) {
        log_error("can't write to the library '%s': %s", library, strerror(errno));
        return false;
    }
    return true;
}

bool staging_open(struct staging *s, const char *library, const char *name, bool force)
{
    int n = file_make_directory(library);

    *s = (struct staging){.force = force, .top = -1, .dir = -1};
    if (n != 0 || folder_open(library, &s->top) != ERR_OK) {
        log_error("can't use the library '%s': %s", library, strerror(n != 0 ? -n : errno));
        return false;
    }
    snprintf(s->name, sizeof s->name, "%s", name);
    staging_sweep(s->top);
    if (!force && staging_taken(s)) {
        log_error("there is a clip '%s' already (--force replaces it)", name);
        staging_close(s);
        return false;
    }
    if (!staging_make(s, library)) {
        staging_close(s);
        return false;
    }
    return true;
}

static bool staging_index(struct staging *s, unsigned height, size_t *frames)
{
    char film[32], name[40];
    struct index x = {0};
    int fd = -1;
    enum err e;

    snprintf(film, sizeof film, "%up.mjpeg", height);
    snprintf(name, sizeof name, "%s.idx", film);
    e = folder_file(s->dir, film, &fd);
    if (e == ERR_OK)
        e = index_build(fd, NULL, &x);
    if (e == ERR_OK && (x.count == 0 || x.broken > 0))
        e = x.count == 0 ? ERR_EMPTY : ERR_BROKEN;
    if (e == ERR_OK)
        e = index_save(s->dir, name, &x);
    *frames = x.count;
    index_free(&x);
    if (fd >= 0)
        close(fd);
    if (e != ERR_OK)
        log_error("%s could not be made: %s", film, err_text(e));
    return e == ERR_OK;
}

/* Under its own name, in the place of an old one if that is allowed. */
static bool staging_rename(struct staging *s)
{
    if (renameat2(s->top, s->temp, s->top, s->name, RENAME_NOREPLACE) == 0)
        return true;
    if (errno == EEXIST && !s->force)
        return false;
    /* Exchanged, the old one is under the temporary name: there is always a clip of that name. */
    if (renameat2(s->top, s->temp, s->top, s->name, RENAME_EXCHANGE) == 0) {
        staging_remove(s->top, s->temp);
        return true;
    }
    /* A file system that can do neither. */
    if (errno != EINVAL && errno != ENOENT)
        return false;
    if (s->force)
        staging_remove(s->top, s->name);
    return renameat(s->top, s->temp, s->top, s->name) == 0;
}

bool staging_commit(struct staging *s, const struct conf *conf, const unsigned *heights,
                    size_t count)
{
    struct buf text;
    size_t first = 0, frames;
    enum err e = ERR_MEMORY;

    for (size_t i = 0; i < count; i++) {
        if (!staging_index(s, heights[i], &frames))
            return false;
        if (i > 0 && frames != first) {
            log_error("%up has %zu frames, but %up has %zu", heights[i], frames, heights[0], first);
            return false;
        }
        first = frames;
    }
    buf_init(&text, LIMIT_CONF);
    conf_write(conf, &text);
    if (!text.failed)
        e = folder_write(s->dir, "clip.conf", text.data, text.len);
    buf_free(&text);
    if (e != ERR_OK || !staging_rename(s)) {
        log_error("the clip '%s' could not be put in its place: %s", s->name, strerror(errno));
        return false;
    }
    s->temp[0] = 0;
    staging_close(s);
    return true;
}

uint64_t staging_room(const struct staging *s)
{
    struct statvfs v;

    if (fstatvfs(s->dir, &v) != 0)
        return UINT64_MAX;
    return (uint64_t)v.f_bavail * v.f_frsize;
}

void staging_close(struct staging *s)
{
    if (s->dir >= 0 && s->temp[0] != 0)
        staging_remove(s->top, s->temp);
    if (s->dir >= 0)
        close(s->dir);
    if (s->top >= 0)
        close(s->top);
    s->dir = s->top = -1;
}
