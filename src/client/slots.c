#include "client/slots.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"

#define MAGIC 8
#define VERSION 1

static uint32_t checksum(const struct slots *s, const uint8_t *record)
{
    return bytes_crc32c(0, record, s->size - SLOTS_CRC);
}

static enum err write_record(const struct slots *s, uint32_t at, const uint8_t *record)
{
    ssize_t n = pwrite(s->fd, record, s->size, (off_t)at * (off_t)s->size);

    if (n >= 0 && n != (ssize_t)s->size)
        errno = ENOSPC;
    return n == (ssize_t)s->size ? ERR_OK : ERR_IO;
}

static enum err make_head(const struct slots *s, const char *magic)
{
    uint8_t head[SLOTS_MOST] = {0};

    memcpy(head, magic, MAGIC);
    bytes_put32le(head + MAGIC, VERSION);
    bytes_put32le(head + MAGIC + 4, (uint32_t)s->size);
    bytes_put32le(head + s->size - SLOTS_CRC, checksum(s, head));
    return write_record(s, 0, head);
}

static enum err check_head(const struct slots *s, const char *magic)
{
    uint8_t head[SLOTS_MOST];

    if (pread(s->fd, head, s->size, 0) != (ssize_t)s->size || memcmp(head, magic, MAGIC) != 0)
        return ERR_BROKEN;
    if (bytes_get32le(head + MAGIC) > VERSION)
        return ERR_VERSION;
    if (bytes_get32le(head + MAGIC) != VERSION || bytes_get32le(head + MAGIC + 4) != s->size ||
        bytes_get32le(head + s->size - SLOTS_CRC) != checksum(s, head))
        return ERR_BROKEN;
    return ERR_OK;
}

/* Damaged ones are left out, and their places are used again. */
static enum err read_records(const struct slots *s,
                             void (*take)(void *owner, uint32_t at, const uint8_t *record),
                             void *owner)
{
    static const uint8_t zeros[SLOTS_MOST];
    uint8_t record[SLOTS_MOST];

    for (uint32_t at = 1; at < s->count; at++) {
        if (pread(s->fd, record, s->size, (off_t)at * (off_t)s->size) != (ssize_t)s->size)
            return ERR_IO;
        if (take != NULL && memcmp(record, zeros, s->size) != 0 &&
            bytes_get32le(record + s->size - SLOTS_CRC) == checksum(s, record))
            take(owner, at, record);
    }
    return ERR_OK;
}

/* How many there are; an end that is no whole record was being added when the machine stopped. */
static enum err count_records(struct slots *s)
{
    struct stat st;

    if (fstat(s->fd, &st) != 0)
        return ERR_IO;
    if (!S_ISREG(st.st_mode))
        return ERR_BROKEN;
    if (st.st_size / (off_t)s->size > (off_t)s->limit)
        return ERR_LIMIT;
    s->count = (uint32_t)(st.st_size / (off_t)s->size);
    return ERR_OK;
}

enum err slots_open(struct slots *s, const char *path, const char *magic, size_t size,
                    uint32_t limit, void (*take)(void *owner, uint32_t at, const uint8_t *record),
                    void *owner)
{
    enum err e;

    *s = (struct slots){.fd = -1, .size = size, .count = 1, .limit = limit};
    if (path == NULL)
        return ERR_OK;
    s->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (s->fd < 0)
        return ERR_IO;
    e = count_records(s);
    if (e == ERR_OK && s->count == 0) {
        e = make_head(s, magic);
        s->count = 1;
    } else if (e == ERR_OK) {
        e = check_head(s, magic);
    }
    if (e == ERR_OK)
        e = read_records(s, take, owner);
    if (e != ERR_OK)
        slots_close(s);
    return e;
}

void slots_close(struct slots *s)
{
    int saved = errno;

    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    errno = saved;
}

enum err slots_put(struct slots *s, uint32_t at, uint8_t *record)
{
    if (at == 0 || at > s->count || at >= s->limit)
        return ERR_LIMIT;
    bytes_put32le(record + s->size - SLOTS_CRC, checksum(s, record));
    if (s->fd >= 0) {
        enum err e = write_record(s, at, record);

        if (e != ERR_OK)
            return e;
    }
    if (at == s->count)
        s->count++;
    return ERR_OK;
}

enum err slots_clear(struct slots *s, uint32_t at)
{
    static const uint8_t zeros[SLOTS_MOST];

    if (at == 0 || at >= s->count)
        return ERR_LIMIT;
    return s->fd >= 0 ? write_record(s, at, zeros) : ERR_OK;
}
