#include "server/names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"
#include "platform/file.h"
#include "server/segment.h"

#define MAGIC "DENNAMES"
#define VERSION 2
#define HEAD_1 (8 + 4 + SIZE_FINGERPRINT)
#define HEAD (HEAD_1 + SEGMENT_LOG_ID + 4)
#define ENTRY_MAX (BINDINGS_ENTRY_MAX + 8)
/* Whatever was ever bound and released: the list only grows. */
#define LIMIT_FILE (64 * 1024 * 1024)
#define LIMIT_PENDING (1024 * 1024)

static void encode_entry(struct buf *out, const struct binding *entry, uint64_t mark)
{
    struct buf bytes;
    uint8_t crc[4], mark_le[8];

    buf_init(&bytes, ENTRY_MAX);
    binding_encode(&bytes, entry);
    bytes_put64le(mark_le, mark);
    buf_add(&bytes, mark_le, sizeof mark_le);
    out->failed = bytes.failed;
    buf_add_sized8(out, bytes.data, bytes.len);
    bytes_put32le(crc, bytes_crc32c(0, bytes.data, bytes.len));
    buf_add(out, crc, sizeof crc);
    buf_free(&bytes);
}

/* Of the newest entry. */
static bool keep_mark(struct names *n, uint64_t mark)
{
    size_t cap = n->cap == 0 ? 64 : 2 * n->cap;
    uint64_t *marks;

    if (n->list.count > n->cap) {
        marks = realloc(n->marks, cap * sizeof *marks);
        if (marks == NULL)
            return false;
        n->marks = marks;
        n->cap = cap;
    }
    n->marks[n->list.count - 1] = mark;
    return true;
}

/* The newest entry goes to the file; on failure it is taken back. */
static enum err write_newest(struct names *n, uint64_t mark)
{
    struct binding entry;
    struct buf bytes;
    enum err e = ERR_OK;

    buf_init(&bytes, ENTRY_MAX + 16);
    bindings_get(&n->list, n->list.count, &entry);
    encode_entry(&bytes, &entry, mark);
    if (!keep_mark(n, mark) || appender_add(&n->file, &bytes) == 0) {
        bindings_undo(&n->list);
        e = ERR_LIMIT;
    }
    buf_free(&bytes);
    return e;
}

enum err names_claim(struct names *n, const char *name,
                     const uint8_t fingerprint[static SIZE_FINGERPRINT], uint64_t mark,
                     uint64_t *at)
{
    bool added = false;
    enum err e = bindings_bind(&n->list, name, fingerprint, &added);

    if (e == ERR_OK && added)
        e = write_newest(n, mark);
    *at = n->list.count;
    return e;
}

enum err names_release(struct names *n, const char *name)
{
    enum err e = bindings_release(&n->list, name);

    return e == ERR_OK ? write_newest(n, 0) : e;
}

uint64_t names_mark(const struct names *n, const char *name)
{
    uint64_t number = bindings_number(&n->list, name);

    return number == 0 ? UINT64_MAX : n->marks[number - 1];
}

static void on_durable(void *owner, uint64_t ticket)
{
    struct names *n = owner;

    /* Each entry is one ticket, and what the file held at the start had none. */
    n->durable = n->list.count - (n->file.added - ticket);
    n->events->durable(n->owner, n->durable);
}

static void on_failed(void *owner, int error)
{
    struct names *n = owner;

    (void)error;
    while (n->list.count > n->durable)
        bindings_undo(&n->list);
    n->events->failed(n->owner, n->durable);
}

static const struct appender_events events = {on_durable, on_failed};

/* A file while it is read. */
struct reading {
    size_t head; /* its length */
    bool marked; /* entries have marks */
    bool other;  /* they are about another log */
};

/* Reads one entry behind the cursor; false at a torn or altered one. */
static bool read_entry(const struct reading *r, struct cursor *c, struct binding *entry,
                       uint64_t *mark)
{
    struct span bytes = cursor_sized8(c, ENTRY_MAX);
    const uint8_t *crc = cursor_take(c, 4);
    struct cursor inner = cursor_over(bytes.data, bytes.len);

    if (c->failed || bytes_crc32c(0, bytes.data, bytes.len) != bytes_get32le(crc))
        return false;
    if (binding_decode(entry, &inner) != ERR_OK)
        return false;
    *mark = r->marked && inner.left == 8 ? bytes_get64le(cursor_take(&inner, 8)) : 0;
    return cursor_end(&inner) == ERR_OK;
}

/* Is there a whole entry behind a bad one? A torn write leaves none; where a byte was altered, all
 * names behind it would be lost without a word. */
static bool entry_follows(const struct reading *r, struct cursor c)
{
    struct binding entry;
    uint64_t mark;

    for (cursor_get8(&c); c.left > 0; cursor_get8(&c)) {
        struct cursor at = c;

        if (read_entry(r, &at, &entry, &mark))
            return true;
    }
    return false;
}

/* Every whole entry; *good: how many bytes of the file count. */
static enum err read_entries(struct names *n, const struct reading *r, uint64_t last,
                             struct cursor c, int64_t *good)
{
    struct binding entry;
    uint64_t mark;
    enum err e = ERR_OK;
    size_t all = c.left;

    while (e == ERR_OK && c.left > 0) {
        struct cursor before = c;

        if (!read_entry(r, &c, &entry, &mark)) {
            *good = (int64_t)(r->head + all - before.left);
            if (entry_follows(r, before))
                return ERR_BROKEN;
            log_note("names: the torn end of the file is cut off");
            return ERR_OK;
        }
        e = bindings_append(&n->list, &entry);
        if (e == ERR_OK && !keep_mark(n, r->other ? 0 : r->marked ? mark : last))
            e = ERR_MEMORY;
    }
    *good = (int64_t)(r->head + all);
    return e == ERR_OK || e == ERR_MEMORY ? e : ERR_BROKEN;
}

/* ERR_UNKNOWN: there is no whole head. */
static enum err read_head(const struct names *n, const struct names_log *log, struct cursor *c,
                          struct reading *r)
{
    const uint8_t *head = c->at, *magic = cursor_take(c, 8), *version = cursor_take(c, 4);
    const uint8_t *server = cursor_take(c, SIZE_FINGERPRINT), *id, *crc;

    if (c->failed)
        return ERR_UNKNOWN; /* a crash while it was made */
    if (memcmp(magic, MAGIC, 8) != 0)
        return ERR_BROKEN;
    if (bytes_get32le(version) < 1 || bytes_get32le(version) > VERSION)
        return ERR_VERSION;
    if (!bytes_equal(server, n->list.origin, SIZE_FINGERPRINT))
        return ERR_KEY;
    r->marked = bytes_get32le(version) > 1;
    r->head = r->marked ? HEAD : HEAD_1;
    if (!r->marked)
        return ERR_OK;
    id = cursor_take(c, SEGMENT_LOG_ID);
    crc = cursor_take(c, 4);
    if (c->failed)
        return ERR_UNKNOWN;
    r->other = memcmp(id, log->id, SEGMENT_LOG_ID) != 0;
    return bytes_crc32c(0, head, HEAD - 4) == bytes_get32le(crc) ? ERR_OK : ERR_BROKEN;
}

static enum err read_file(struct names *n, const char *path, const struct names_log *log,
                          struct reading *r, int64_t *good)
{
    struct file_bytes file = {0};
    struct cursor c;
    enum err e;
    int failed = file_read(&file, path, LIMIT_FILE, FILE_NOFOLLOW);

    if (failed != 0) {
        errno = -failed;
        return failed == -ENOENT ? ERR_UNKNOWN : ERR_IO;
    }
    c = cursor_over(file.data, file.len);
    e = read_head(n, log, &c, r);
    if (e == ERR_OK)
        e = read_entries(n, r, log->last, c, good);
    file_free(&file);
    return e;
}

/* The whole list as it is now. */
static enum err make_file(const struct names *n, const char *path, const struct names_log *log,
                          int64_t *good)
{
    struct binding entry;
    struct buf file;
    uint8_t version[4], crc[4] = {0};
    int failed;

    buf_init(&file, LIMIT_FILE);
    bytes_put32le(version, VERSION);
    buf_add(&file, MAGIC, 8);
    buf_add(&file, version, sizeof version);
    buf_add(&file, n->list.origin, SIZE_FINGERPRINT);
    buf_add(&file, log->id, SEGMENT_LOG_ID);
    if (!file.failed)
        bytes_put32le(crc, bytes_crc32c(0, file.data, file.len));
    buf_add(&file, crc, sizeof crc);
    for (uint64_t i = 1; bindings_get(&n->list, i, &entry); i++)
        encode_entry(&file, &entry, n->marks[i - 1]);
    failed = file.failed ? -ENOMEM : file_write(path, file.data, file.len, 0600);
    *good = (int64_t)file.len;
    buf_free(&file);
    errno = -failed;
    return failed == 0 ? ERR_OK : ERR_IO;
}

static enum err open_at(struct names *n, const char *path, int64_t good, struct worker *worker)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0)
        return ERR_IO;
    if (ftruncate(fd, good) != 0) {
        close(fd);
        return ERR_IO;
    }
    appender_open(&n->file, worker, fd, good, LIMIT_PENDING, &events, n);
    return ERR_OK;
}

enum err names_open(struct names *n, const char *path,
                    const uint8_t server[static SIZE_FINGERPRINT], const struct names_log *log,
                    struct random *random, struct worker *worker,
                    const struct names_events *owner_events, void *owner)
{
    struct reading r = {0};
    int64_t good = 0;
    enum err e;

    *n = (struct names){.events = owner_events, .owner = owner, .file = {.fd = -1}};
    bindings_init(&n->list, server, random);
    e = read_file(n, path, log, &r, &good);
    if (e == ERR_UNKNOWN || (e == ERR_OK && (!r.marked || r.other)))
        e = make_file(n, path, log, &good);
    n->durable = n->list.count;
    if (e == ERR_OK)
        e = open_at(n, path, good, worker);
    if (e != ERR_OK)
        names_close(n);
    return e;
}

void names_close(struct names *n)
{
    appender_close(&n->file);
    bindings_free(&n->list);
    free(n->marks);
    n->marks = NULL;
    n->cap = 0;
}
