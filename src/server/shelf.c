#include "server/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/file.h"

#define PATH 4096
#define NAME_DIGITS 20
#define SUFFIX ".seg"
#define NAME (NAME_DIGITS + sizeof SUFFIX - 1)

static int segment_path(char out[static PATH], const char *dir, uint64_t first)
{
    int n = snprintf(out, PATH, "%s/%020llu" SUFFIX, dir, (unsigned long long)first);

    return n < PATH ? 0 : -ENAMETOOLONG;
}

/* The first number in a segment's file name, 0 if it is no segment. */
static uint64_t name_number(const char *name)
{
    uint64_t v = 0;

    if (strlen(name) != NAME || strcmp(name + NAME_DIGITS, SUFFIX) != 0)
        return 0;
    for (int i = 0; i < NAME_DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9' || v > UINT64_MAX / 10 - 1)
            return 0;
        v = v * 10 + (uint64_t)(name[i] - '0');
    }
    return v;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = ((const struct shelf_segment *)a)->first;
    uint64_t y = ((const struct shelf_segment *)b)->first;

    return x < y ? -1 : x > y;
}

static bool add(struct shelf *s, size_t *cap, const struct shelf_segment *one)
{
    struct shelf_segment *list = s->list;

    if (s->count == *cap) {
        *cap = *cap == 0 ? 64 : 2 * *cap;
        list = realloc(list, *cap * sizeof *list);
        if (list == NULL)
            return false;
        s->list = list;
    }
    s->list[s->count++] = *one;
    s->bytes += one->bytes;
    return true;
}

static enum err read_directory(struct shelf *s, DIR *d)
{
    struct dirent *entry;
    struct stat st;
    size_t cap = 0;

    for (errno = 0; (entry = readdir(d)) != NULL; errno = 0) {
        struct shelf_segment one = {.first = name_number(entry->d_name)};

        if (one.first == 0 || fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue; /* not ours, or deleted just now */
        one.bytes = (uint64_t)st.st_size;
        one.changed = st.st_mtime;
        if (!add(s, &cap, &one))
            return ERR_MEMORY;
    }
    return errno == 0 ? ERR_OK : ERR_IO;
}

enum err shelf_list(struct shelf *s, const char *dir)
{
    DIR *d = opendir(dir);
    enum err e;
    int kept;

    *s = (struct shelf){0};
    if (d == NULL)
        return ERR_IO;
    e = read_directory(s, d);
    kept = errno;
    closedir(d);
    if (e != ERR_OK)
        shelf_free(s);
    else if (s->count > 0)
        qsort(s->list, s->count, sizeof *s->list, compare);
    errno = kept;
    return e;
}

void shelf_free(struct shelf *s)
{
    free(s->list);
    *s = (struct shelf){0};
}

void shelf_tidy(const char *dir)
{
    DIR *d = opendir(dir);
    struct dirent *entry;
    char name[NAME + 1] = "";

    if (d == NULL)
        return;
    while ((entry = readdir(d)) != NULL) {
        size_t len = strlen(entry->d_name);

        /* As platform/file.h names what it has not renamed yet. */
        if (len != NAME + 7 || entry->d_name[NAME] != '.')
            continue;
        memcpy(name, entry->d_name, NAME);
        if (name_number(name) != 0)
            unlinkat(dirfd(d), entry->d_name, 0);
    }
    closedir(d);
}

int shelf_open(const char *dir, uint64_t first, int flags)
{
    char path[PATH];
    int fd = segment_path(path, dir, first);

    if (fd == 0)
        fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
    return fd == -1 ? -errno : fd;
}

bool shelf_remove(const char *dir, uint64_t first)
{
    char path[PATH];

    return segment_path(path, dir, first) == 0 && (unlink(path) == 0 || errno == ENOENT);
}

int shelf_make(const char *dir, const uint8_t log_id[static SEGMENT_LOG_ID], uint64_t first)
{
    struct segment_head head = {.first = first};
    struct buf bytes;
    char path[PATH];
    int fd = segment_path(path, dir, first);

    memcpy(head.log_id, log_id, SEGMENT_LOG_ID);
    buf_init(&bytes, SEGMENT_HEAD);
    segment_put_head(&bytes, &head);
    if (fd == 0)
        fd = bytes.failed ? -ENOMEM : file_write(path, bytes.data, bytes.len, 0600);
    buf_free(&bytes);
    if (fd == 0)
        fd = shelf_open(dir, first, O_RDWR);
    /* Or the numbers that go on in the older one would be looked for in this one. */
    if (fd < 0)
        shelf_remove(dir, first);
    return fd;
}

static bool goes(const struct shelf *s, const struct shelf_segment *oldest,
                 const struct shelf_bounds *bounds, uint64_t more, int64_t now)
{
    if (s->bytes > bounds->bytes || more > bounds->bytes - s->bytes)
        return true;
    return bounds->seconds > 0 && oldest->changed < now - bounds->seconds;
}

/* A later segment is not older, and none is from the future. */
static void order_times(struct shelf *s, int64_t now)
{
    int64_t later = now;

    for (size_t i = s->count; i-- > 0; later = s->list[i].changed) {
        if (s->list[i].changed > now)
            s->list[i].changed = later;
    }
    for (size_t i = 1; i < s->count; i++) {
        if (s->list[i].changed < s->list[i - 1].changed)
            s->list[i].changed = s->list[i - 1].changed;
    }
}

/* From the oldest on, so that no hole comes between what is kept. */
void shelf_expire(struct shelf *s, const char *dir, const struct shelf_bounds *bounds,
                  uint64_t more, int64_t now)
{
    size_t gone = 0;

    order_times(s, now);
    while (gone + 1 < s->count && goes(s, &s->list[gone], bounds, more, now)) {
        if (!shelf_remove(dir, s->list[gone].first))
            break;
        s->bytes -= s->list[gone++].bytes;
    }
    s->count -= gone;
    if (gone > 0)
        memmove(s->list, s->list + gone, s->count * sizeof *s->list);
}
