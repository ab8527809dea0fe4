#include "server/sealed_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "platform/file.h"
#include "platform/now.h"

/* Bounds hold by whole segments, so there should be many. */
#define SEGMENTS 64
#define SEGMENT_LEAST (64 * 1024)
#define SEGMENT_MOST (4 * 1024 * 1024)
/* A segment whose first entry is older is closed where age counts: a quiet room's must go, too. */
#define SEGMENT_MS (UINT64_C(24) * 3600 * 1000)
#define UPKEEP_NS (INT64_C(3600) * 1000000000)
#define LIMIT_PENDING (16 * 1024 * 1024)
/* The newest segment is read whole at the start. Where no other can be begun it grows up to this,
 * and at most by what waits. */
#define FILE_FULL (SEGMENT_FILE_MAX - LIMIT_PENDING)

static bool is_empty(const struct sealed_log *log)
{
    return log->file.size <= SEGMENT_HEAD;
}

static int64_t wall_seconds(void)
{
    return (int64_t)(now_wall_ms() / 1000);
}

/* The next segment is named by its first number, so the one that is left must have one. */
static void start_upkeep(struct sealed_log *log, bool rotate)
{
    if (log->upkeep.running)
        return;
    rotate = rotate && !is_empty(log);
    log->upkeep.make = rotate ? log->durable + 1 : 0;
    log->upkeep.now = wall_seconds();
    if (!calendar_trusts(&log->calendar, log->upkeep.now, now_since_boot()))
        log->upkeep.now = 0;
    log->upkeep.more = rotate ? (uint64_t)log->segment : 0;
    if (upkeep_start(&log->upkeep, log->file.worker) && rotate)
        appender_hold(&log->file);
}

static void keep_up(struct upkeep *u)
{
    struct sealed_log *log = (struct sealed_log *)((char *)u - offsetof(struct sealed_log, upkeep));

    if (u->first != 0) {
        log->first = u->first;
        log->older = u->bytes;
    } else if (u->fd >= 0) {
        log->older += (uint64_t)log->file.size;
    }
    if (u->make == 0)
        return;
    log->rotate = false;
    if (u->fd >= 0) {
        log->rotate_size = log->segment;
        log->began_ms = 0;
        appender_switch(&log->file, u->fd, SEGMENT_HEAD);
        return;
    }
    log_error("can't begin a new log segment: %s", strerror(-u->fd));
    log->rotate_size = log->file.size + log->segment / 4;
    appender_release(&log->file);
}

static void on_durable(void *owner, uint64_t ticket)
{
    struct sealed_log *log = owner;

    log->durable = log->last - (log->file.added - ticket);
    if (log->rotate || log->file.size >= log->rotate_size)
        start_upkeep(log, true);
    log->events->durable(log->owner, log->durable);
}

static void on_failed(void *owner, int error)
{
    struct sealed_log *log = owner;

    log_error("can't write the log: %s", strerror(error));
    log->last = log->durable;
    if (is_empty(log))
        log->began_ms = 0;
    log->events->failed(log->owner, log->durable);
}

static const struct appender_events events = {on_durable, on_failed};

/* The newest segment as it was found. */
struct found {
    int fd; /* the caller's, also on failure */
    uint64_t first;
    struct file_bytes bytes;
    struct segment_survey survey;
};

static void drop_found(struct found *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
    file_free(&f->bytes);
}

static enum err read_whole(struct found *f)
{
    off_t size = lseek(f->fd, 0, SEEK_END);

    if (size < 0)
        return ERR_IO;
    if (size > SEGMENT_FILE_MAX)
        return ERR_LIMIT;
    f->bytes.data = malloc((size_t)size + 1);
    if (f->bytes.data == NULL)
        return ERR_MEMORY;
    f->bytes.len = (size_t)size;
    for (size_t at = 0; at < f->bytes.len;) {
        ssize_t n = pread(f->fd, f->bytes.data + at, f->bytes.len - at, (off_t)at);

        if (n <= 0 && errno != EINTR)
            return ERR_IO;
        at += n > 0 ? (size_t)n : 0;
    }
    return ERR_OK;
}

static enum err find(struct sealed_log *log, uint64_t first, struct found *f)
{
    struct segment_head head;
    enum err e;

    *f = (struct found){.fd = shelf_open(log->dir, first, O_RDWR), .first = first};
    if (f->fd < 0) {
        errno = -f->fd;
        return ERR_IO;
    }
    e = read_whole(f);
    if (e == ERR_OK && f->bytes.len < SEGMENT_HEAD)
        e = ERR_BROKEN;
    if (e == ERR_OK)
        e = segment_get_head(f->bytes.data, &head);
    if (e == ERR_OK && head.first != first)
        e = ERR_BROKEN;
    if (e != ERR_OK)
        return e;
    memcpy(log->log_id, head.log_id, SEGMENT_LOG_ID);
    segment_look((struct span){f->bytes.data, f->bytes.len}, first, &f->survey);
    return ERR_OK;
}

/* At the end there may be empty segments that could be made but not be gone on with: then the last
 * one that is not empty has the numbers with which they say to begin. */
static enum err find_newest(struct sealed_log *log, const struct shelf *s, struct found *f)
{
    size_t full = s->count;
    uint64_t newest = s->list[s->count - 1].first;
    enum err e = find(log, newest, f);
    struct found before = {.fd = -1};

    while (full > 0 && s->list[full - 1].bytes <= SEGMENT_HEAD)
        full--;
    if (e != ERR_OK || full == s->count || full == 0)
        return e;
    e = find(log, s->list[full - 1].first, &before);
    if (e != ERR_OK || before.survey.last < newest) {
        drop_found(&before);
        return ERR_OK;
    }
    drop_found(f);
    *f = before;
    for (; full < s->count && e == ERR_OK; full++)
        e = shelf_remove(log->dir, s->list[full].first) ? ERR_OK : ERR_IO;
    return e;
}

/* Whole entries behind what is not whole: no loss of power leaves that. All that can be read shall
 * stay so. */
static enum err go_behind(struct sealed_log *log, struct found *f)
{
    log_error("log: segment %020llu is damaged: it is left as it is, and what is whole is read",
              (unsigned long long)f->first);
    close(f->fd);
    f->fd = shelf_make(log->dir, log->log_id, log->last + 1);
    errno = f->fd < 0 ? -f->fd : 0;
    f->survey.end = SEGMENT_HEAD;
    log->began_ms = 0;
    log->older += f->bytes.len;
    return f->fd < 0 ? ERR_IO : ERR_OK;
}

static enum err open_newest(struct sealed_log *log, const struct shelf *s, struct found *f)
{
    enum err e = find_newest(log, s, f);

    if (e != ERR_OK)
        return e;
    log->last = f->survey.last;
    log->began_ms = f->survey.began_ms;
    if (f->survey.damaged)
        return go_behind(log, f);
    if (f->survey.end == f->bytes.len)
        return ERR_OK;
    log_note("log: the torn end is cut off");
    return ftruncate(f->fd, (off_t)f->survey.end) == 0 ? ERR_OK : ERR_IO;
}

/* When the newest entry was. */
static int64_t written(const struct shelf *s)
{
    for (size_t i = s->count; i-- > 0;) {
        if (s->list[i].bytes > SEGMENT_HEAD)
            return s->list[i].changed;
    }
    return 0;
}

static enum err open_any(struct sealed_log *log, struct random *random, struct found *f)
{
    struct shelf s;
    enum err e;

    shelf_tidy(log->dir);
    calendar_start(&log->calendar, wall_seconds(), now_since_boot(), 0, 0);
    e = shelf_list(&s, log->dir);
    if (e != ERR_OK)
        return e;
    if (s.count > 0) {
        log->first = s.list[0].first;
        log->older = s.bytes - s.list[s.count - 1].bytes;
        calendar_start(&log->calendar, wall_seconds(), now_since_boot(), written(&s),
                       log->upkeep.bounds.seconds);
        e = open_newest(log, &s, f);
        shelf_free(&s);
        return e;
    }
    random_bytes(random, log->log_id, SEGMENT_LOG_ID);
    log->first = 1;
    f->survey.end = SEGMENT_HEAD;
    f->fd = shelf_make(log->dir, log->log_id, 1);
    errno = f->fd < 0 ? -f->fd : 0;
    return f->fd < 0 ? ERR_IO : ERR_OK;
}

static int64_t segment_bytes(uint64_t limit)
{
    uint64_t bytes = limit / SEGMENTS;

    return bytes < SEGMENT_LEAST  ? SEGMENT_LEAST
           : bytes > SEGMENT_MOST ? SEGMENT_MOST
                                  : (int64_t)bytes;
}

enum err sealed_log_open(struct sealed_log *log, const char *dir, const struct shelf_bounds *bounds,
                         struct random *random, struct worker *worker,
                         const struct sealed_log_events *owner_events, void *owner)
{
    struct found f = {.fd = -1};
    int failed;
    enum err e;

    *log = (struct sealed_log){
        .events = owner_events,
        .owner = owner,
        .segment = segment_bytes(bounds->bytes),
        .upkeep = {.done = keep_up, .bounds = *bounds},
        .file = {.fd = -1},
    };
    log->rotate_size = log->segment;
    log->dir = strdup(dir);
    if (log->dir == NULL)
        return ERR_MEMORY;
    failed = file_make_directory(dir);
    errno = -failed;
    e = failed != 0 ? ERR_IO : open_any(log, random, &f);
    log->durable = log->last;
    log->upkeep.dir = log->dir;
    memcpy(log->upkeep.log_id, log->log_id, SEGMENT_LOG_ID);
    if (e == ERR_OK) {
        appender_open(&log->file, worker, f.fd, (int64_t)f.survey.end, LIMIT_PENDING, &events, log);
        f.fd = -1;
    }
    failed = errno;
    drop_found(&f);
    if (e != ERR_OK)
        sealed_log_close(log);
    errno = failed;
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
    return log->older + (uint64_t)log->file.size;
}

enum err sealed_log_add(struct sealed_log *log, struct segment_entry *entry)
{
    struct buf bytes;
    uint64_t ticket;

    if (log->file.size >= FILE_FULL) {
        if (!appender_busy(&log->file))
            start_upkeep(log, true);
        return ERR_LIMIT;
    }
    entry->number = log->last + 1;
    buf_init(&bytes, SEGMENT_ENTRY_HEAD + SEGMENT_BODY_MAX);
    segment_put_entry(&bytes, entry);
    ticket = appender_add(&log->file, &bytes);
    buf_free(&bytes);
    if (ticket == 0)
        return ERR_LIMIT;
    log->last = entry->number;
    if (log->began_ms == 0)
        log->began_ms = entry->time_ms;
    return ERR_OK;
}

static bool is_old(const struct sealed_log *log)
{
    uint64_t now = now_wall_ms();

    return log->upkeep.bounds.seconds > 0 && log->began_ms != 0 && now > log->began_ms &&
           now - log->began_ms > SEGMENT_MS;
}

void sealed_log_gather(struct sealed_log *log)
{
    log->file.lazy = true;
}

int64_t sealed_log_due(const struct sealed_log *log)
{
    return appender_waits(&log->file) && log->next < log->due ? log->next : log->due;
}

void sealed_log_tick(struct sealed_log *log, int64_t now)
{
    if (now >= log->next && appender_waits(&log->file)) {
        log->several = log->file.added - log->file.aimed > 1;
        appender_go_on(&log->file);
        log->next = now + SEALED_LOG_GAP_NS;
    }
    if (now < log->due)
        return;
    log->due = now + UPKEEP_NS;
    log->rotate = log->rotate || is_old(log);
    /* What is being written must stand in its file before there is another. */
    if (!log->rotate)
        start_upkeep(log, false);
    else if (!appender_busy(&log->file))
        start_upkeep(log, true);
}
