#include "server/sealed_log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "platform/file.h"

#define SEGMENT_BYTES (16 * 1024 * 1024) /* after which the next segment begins */
#define LIMIT_PENDING (16 * 1024 * 1024)
#define NAME_DIGITS 20
#define SUFFIX ".seg"

static void segment_path(const struct sealed_log *log, uint64_t first, char out[static 4096])
{
    snprintf(out, 4096, "%s/%020llu" SUFFIX, log->dir, (unsigned long long)first);
}

/* The first number in a segment's file name, 0 if it is no segment. */
static uint64_t name_number(const char *name)
{
    uint64_t v = 0;

    if (strlen(name) != NAME_DIGITS + strlen(SUFFIX) || strcmp(name + NAME_DIGITS, SUFFIX) != 0)
        return 0;
    for (int i = 0; i < NAME_DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9')
            return 0;
        v = v * 10 + (uint64_t)(name[i] - '0');
    }
    return v;
}

/* What the directory holds. */
struct census {
    uint64_t oldest, newest; /* first numbers, 0 if there is none */
    uint64_t bytes;
};

static bool take_census(const char *dir, struct census *out)
{
    DIR *d = opendir(dir);
    struct dirent *entry;
    struct stat st;

    *out = (struct census){0};
    if (d == NULL)
        return false;
    while ((entry = readdir(d)) != NULL) {
        uint64_t first = name_number(entry->d_name);

        if (first == 0)
            continue;
        if (out->oldest == 0 || first < out->oldest)
            out->oldest = first;
        if (first > out->newest)
            out->newest = first;
        if (fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
            out->bytes += (uint64_t)st.st_size;
    }
    closedir(d);
    return true;
}

/* The newest segment always stays. */
static void expire(const struct sealed_log *log)
{
    struct census c;
    char path[4096];

    while (take_census(log->dir, &c) && c.bytes > log->limit && c.oldest < c.newest) {
        segment_path(log, c.oldest, path);
        if (unlink(path) != 0)
            return;
    }
}

/* Makes an empty segment that begins with number first; its descriptor or a negative errno. */
static int make_segment(const struct sealed_log *log, uint64_t first)
{
    struct segment_head head = {.first = first};
    struct buf bytes;
    char path[4096];
    int fd;

    memcpy(head.log_id, log->log_id, SEGMENT_LOG_ID);
    buf_init(&bytes, SEGMENT_HEAD);
    segment_put_head(&bytes, &head);
    segment_path(log, first, path);
    fd = bytes.failed ? -ENOMEM : file_write(path, bytes.data, bytes.len, 0600);
    buf_free(&bytes);
    if (fd < 0)
        return fd;
    fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    return fd < 0 ? -errno : fd;
}

static void on_durable(void *owner, uint64_t ticket)
{
    struct sealed_log *log = owner;
    int fd;

    log->durable = log->last - (log->file.added - ticket);
    if (log->file.size >= log->segment) {
        fd = make_segment(log, log->durable + 1);
        if (fd >= 0)
            appender_switch(&log->file, fd, SEGMENT_HEAD);
        else
            log_error("can't begin a new log segment: %s", strerror(-fd));
        expire(log);
    }
    log->events->durable(log->owner, log->durable);
}

static void on_failed(void *owner, int error)
{
    struct sealed_log *log = owner;

    log_error("can't write the log: %s", strerror(error));
    log->last = log->durable;
    log->events->failed(log->owner, log->durable);
}

static const struct appender_events events = {on_durable, on_failed};

static bool read_at(int fd, void *to, size_t len, int64_t offset)
{
    return pread(fd, to, len, offset) == (ssize_t)len;
}

/* The entry at that offset into body (SEGMENT_BODY_MAX); false if it is not whole. *next is where
 * the one behind it stands, also if only its content is bad. */
static bool read_entry(int fd, int64_t at, uint8_t *body, struct segment_entry *entry,
                       int64_t *next)
{
    uint8_t head[SEGMENT_ENTRY_HEAD];
    uint32_t len = read_at(fd, head, sizeof head, at) ? segment_body_length(head) : 0;

    *next = at + SEGMENT_ENTRY_HEAD + (int64_t)len;
    return len > 0 && read_at(fd, body, len, at + SEGMENT_ENTRY_HEAD) &&
           segment_get_entry(head, (struct span){body, len}, entry) == ERR_OK;
}

/* Walks the whole entries from the head on: where they end, and the last number. ERR_BROKEN if the
 * numbers go on behind a bad entry, for then it is no torn end. */
static enum err walk(struct sealed_log *log, int fd, int64_t *end)
{
    uint8_t *body = malloc(SEGMENT_BODY_MAX);
    struct segment_entry entry;
    int64_t next, after;
    bool damaged;

    if (body == NULL)
        return ERR_MEMORY;
    *end = SEGMENT_HEAD;
    while (read_entry(fd, *end, body, &entry, &next) && entry.number == log->last + 1) {
        log->last = entry.number;
        *end = next;
    }
    damaged = read_entry(fd, next, body, &entry, &after) && entry.number == log->last + 2;
    free(body);
    return damaged ? ERR_BROKEN : ERR_OK;
}

/* Opens the newest segment and cuts a torn end off; *fd is the caller's. */
static enum err open_newest(struct sealed_log *log, uint64_t first, int *fd, int64_t *end)
{
    uint8_t bytes[SEGMENT_HEAD];
    struct segment_head head;
    char path[4096];
    enum err e;

    segment_path(log, first, path);
    *fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (*fd < 0)
        return ERR_IO;
    if (!read_at(*fd, bytes, sizeof bytes, 0))
        return ERR_BROKEN;
    e = segment_get_head(bytes, &head);
    if (e != ERR_OK)
        return e;
    if (head.first != first)
        return ERR_BROKEN;
    memcpy(log->log_id, head.log_id, SEGMENT_LOG_ID);
    log->last = first - 1;
    e = walk(log, *fd, end);
    if (e == ERR_OK && ftruncate(*fd, *end) != 0)
        e = ERR_IO;
    return e;
}

static enum err open_any(struct sealed_log *log, struct random *random, int *fd, int64_t *end)
{
    struct census c;

    if (!take_census(log->dir, &c))
        return ERR_IO;
    if (c.newest > 0)
        return open_newest(log, c.newest, fd, end);
    random_bytes(random, log->log_id, SEGMENT_LOG_ID);
    *fd = make_segment(log, 1);
    *end = SEGMENT_HEAD;
    errno = *fd < 0 ? -*fd : 0;
    return *fd < 0 ? ERR_IO : ERR_OK;
}

enum err sealed_log_open(struct sealed_log *log, const char *dir, uint64_t limit,
                         struct random *random, struct worker *worker,
                         const struct sealed_log_events *owner_events, void *owner)
{
    int fd = -1, failed;
    int64_t end = 0;
    enum err e;

    *log = (struct sealed_log){
        .events = owner_events,
        .owner = owner,
        .limit = limit,
        .segment = SEGMENT_BYTES,
        .file = {.fd = -1},
    };
    log->dir = strdup(dir);
    if (log->dir == NULL)
        return ERR_MEMORY;
    failed = file_make_directory(dir);
    errno = -failed;
    e = failed != 0 ? ERR_IO : open_any(log, random, &fd, &end);
    if (e == ERR_OK)
        appender_open(&log->file, worker, fd, end, LIMIT_PENDING, &events, log);
    else if (fd >= 0)
        close(fd);
    log->durable = log->last;
    if (e != ERR_OK)
        sealed_log_close(log);
    return e;
}

void sealed_log_close(struct sealed_log *log)
{
    appender_close(&log->file);
    free(log->dir);
    log->dir = NULL;
}

uint64_t sealed_log_bytes(const struct sealed_log *log)
{
    struct census c;

    return take_census(log->dir, &c) ? c.bytes : 0;
}

enum err sealed_log_add(struct sealed_log *log, struct segment_entry *entry)
{
    struct buf bytes;
    uint64_t ticket;

    entry->number = log->last + 1;
    buf_init(&bytes, SEGMENT_ENTRY_HEAD + SEGMENT_BODY_MAX);
    segment_put_entry(&bytes, entry);
    ticket = appender_add(&log->file, &bytes);
    buf_free(&bytes);
    if (ticket == 0)
        return ERR_LIMIT;
    log->last = entry->number;
    return ERR_OK;
}
