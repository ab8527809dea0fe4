#include "server/names.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"
#include "platform/file.h"

#define MAGIC "DENNAMES"
#define VERSION 1
#define HEAD (8 + 4 + SIZE_FINGERPRINT)
/* Whatever was ever bound and released: the list only grows. */
#define LIMIT_FILE (64 * 1024 * 1024)
#define LIMIT_PENDING (1024 * 1024)

static void encode_entry(struct buf *out, const struct binding *entry)
{
    struct buf bytes;
    uint8_t crc[4];

    buf_init(&bytes, BINDINGS_ENTRY_MAX);
    binding_encode(&bytes, entry);
    buf_add_sized8(out, bytes.data, bytes.len);
    bytes_put32le(crc, bytes_crc32c(0, bytes.data, bytes.len));
    buf_add(out, crc, sizeof crc);
    buf_free(&bytes);
}

/* The newest entry goes to the file; on failure it is taken back. */
static enum err write_newest(struct names *n)
{
    struct binding entry;
    struct buf bytes;
    enum err e = ERR_OK;

    buf_init(&bytes, BINDINGS_ENTRY_MAX + 16);
    bindings_get(&n->list, n->list.count, &entry);
    encode_entry(&bytes, &entry);
    if (appender_add(&n->file, &bytes) == 0) {
        bindings_undo(&n->list);
        e = ERR_LIMIT;
    }
    buf_free(&bytes);
    return e;
}

enum err names_claim(struct names *n, const char *name,
                     const uint8_t fingerprint[static SIZE_FINGERPRINT], uint64_t *at)
{
    bool added = false;
    enum err e = bindings_bind(&n->list, name, fingerprint, &added);

    if (e == ERR_OK && added)
        e = write_newest(n);
    *at = n->list.count;
    return e;
}

enum err names_release(struct names *n, const char *name)
{
    enum err e = bindings_release(&n->list, name);

    return e == ERR_OK ? write_newest(n) : e;
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

/* Reads one entry behind the cursor; false at a torn or altered one. */
static bool read_entry(struct cursor *c, struct binding *entry)
{
    struct span bytes = cursor_sized8(c, BINDINGS_ENTRY_MAX);
    const uint8_t *crc = cursor_take(c, 4);
    struct cursor inner = cursor_over(bytes.data, bytes.len);

    if (c->failed || bytes_crc32c(0, bytes.data, bytes.len) != bytes_get32le(crc))
        return false;
    return binding_decode(entry, &inner) == ERR_OK && cursor_end(&inner) == ERR_OK;
}

/* Is there a whole entry behind a bad one? A torn write leaves none; where a byte was altered, all
 * names behind it would be lost without a word. */
static bool entry_follows(struct cursor c)
{
    struct binding entry;

    for (cursor_get8(&c); c.left > 0; cursor_get8(&c)) {
        struct cursor at = c;

        if (read_entry(&at, &entry))
            return true;
    }
    return false;
}

/* Every whole entry; *good: how many bytes of the file count. */
static enum err read_entries(struct names *n, struct cursor c, int64_t *good)
{
    struct binding entry;
    enum err e = ERR_OK;
    size_t all = c.left;

    while (e == ERR_OK && c.left > 0) {
        struct cursor before = c;

        if (!read_entry(&c, &entry)) {
            *good = HEAD + (int64_t)(all - before.left);
            if (entry_follows(before))
                return ERR_BROKEN;
            log_note("names: the torn end of the file is cut off");
            return ERR_OK;
        }
        e = bindings_append(&n->list, &entry);
    }
    *good = HEAD + (int64_t)all;
    return e == ERR_OK || e == ERR_MEMORY ? e : ERR_BROKEN;
}

static enum err read_file(struct names *n, const char *path, int64_t *good)
{
    struct file_bytes file = {0};
    struct cursor c;
    const uint8_t *magic, *version, *server;
    enum err e = ERR_BROKEN;
    int failed = file_read(&file, path, LIMIT_FILE, FILE_NOFOLLOW);

    if (failed != 0) {
        errno = -failed;
        return failed == -ENOENT ? ERR_UNKNOWN : ERR_IO;
    }
    c = cursor_over(file.data, file.len);
    magic = cursor_take(&c, 8);
    version = cursor_take(&c, 4);
    server = cursor_take(&c, SIZE_FINGERPRINT);
    if (file.len < HEAD)
        e = ERR_UNKNOWN; /* a crash while it was made */
    else if (memcmp(magic, MAGIC, 8) != 0)
        e = ERR_BROKEN;
    else if (bytes_get32le(version) != VERSION)
        e = ERR_VERSION;
    else if (!bytes_equal(server, n->list.origin, SIZE_FINGERPRINT))
        e = ERR_KEY;
    else
        e = read_entries(n, c, good);
    file_free(&file);
    return e;
}

static enum err make_file(const struct names *n, const char *path, int64_t *good)
{
    uint8_t head[HEAD];
    int failed;

    memcpy(head, MAGIC, 8);
    bytes_put32le(head + 8, VERSION);
    memcpy(head + 12, n->list.origin, SIZE_FINGERPRINT);
    failed = file_write(path, head, sizeof head, 0600);
    errno = -failed;
    *good = HEAD;
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
                    const uint8_t server[static SIZE_FINGERPRINT], struct random *random,
                    struct worker *worker, const struct names_events *owner_events, void *owner)
{
    int64_t good = 0;
    enum err e;

    *n = (struct names){.events = owner_events, .owner = owner, .file = {.fd = -1}};
    bindings_init(&n->list, server, random);
    e = read_file(n, path, &good);
    if (e == ERR_UNKNOWN)
        e = make_file(n, path, &good);
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
}
