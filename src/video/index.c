#include "video/index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "video/folder.h"
#include "video/scan.h"

#define INDEX_VERSION 1
#define INDEX_HEAD 56  /* bytes before the entries */
#define INDEX_ENTRY 12 /* bytes of one */
#define INDEX_CRC 4
#define INDEX_MOST ((size_t)LIMIT_FRAMES * INDEX_ENTRY + INDEX_HEAD + INDEX_CRC)
#define INDEX_PIECE (256 * 1024) /* bytes scanned at a time */

static const uint8_t index_magic[8] = {'D', 'E', 'N', 'I', 'N', 'D', 'E', 'X'};

void index_free(struct index *x)
{
    free(x->entries);
    *x = (struct index){0};
}

static bool index_stamp(int fd, int64_t *size, int64_t *mtime)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return false;
    *size = st.st_size;
    *mtime = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    return true;
}

bool index_fresh(const struct index *x, int fd)
{
    int64_t size, mtime;

    return index_stamp(fd, &size, &mtime) && size == x->source_size && mtime == x->source_mtime;
}

static enum err index_push(struct index *x, size_t *room, const struct index_entry *entry)
{
    if (x->count == LIMIT_FRAMES)
        return ERR_LIMIT;
    if (x->count == *room) {
        size_t more = *room == 0 ? 1024 : *room * 2;
        struct index_entry *grown = realloc(x->entries, more * sizeof *grown);

        if (grown == NULL)
            return ERR_MEMORY;
        x->entries = grown;
        *room = more;
    }
    x->entries[x->count++] = *entry;
    return ERR_OK;
}

static enum err index_frame(struct index *x, size_t *room, const struct scan_frame *frame,
                            bool whole)
{
    struct index_entry entry = {frame->offset, frame->length};

    if (whole && x->width == 0) {
        x->width = frame->width;
        x->height = frame->height;
    }
    if (!whole || frame->width != x->width || frame->height != x->height) {
        entry.length = 0;
        x->broken++;
    }
    return index_push(x, room, &entry);
}

static enum err index_piece(struct index *x, size_t *room, struct scan *scan, const uint8_t *p,
                            size_t len)
{
    enum err e = ERR_OK;

    while (e == ERR_OK && len > 0) {
        struct scan_frame frame;
        size_t used;
        enum scan_event event = scan_feed(scan, p, len, &used, &frame);

        p += used;
        len -= used;
        if (event != SCAN_MORE)
            e = index_frame(x, room, &frame, event == SCAN_FRAME);
    }
    return e;
}

static enum err index_scan(int fd, const atomic_bool *stop, struct index *x, uint8_t *piece)
{
    struct scan scan;
    size_t room = 0;
    ssize_t n;
    enum err e = ERR_OK;

    scan_init(&scan);
    do {
        if (stop != NULL && atomic_load(stop))
            return ERR_STATE;
        n = pread(fd, piece, INDEX_PIECE, (off_t)scan.at);
        if (n < 0 && errno != EINTR)
            return ERR_IO;
        if (n > 0)
            e = index_piece(x, &room, &scan, piece, (size_t)n);
    } while (e == ERR_OK && n != 0);
    x->broken += scan.garbage + (scan_cut(&scan) ? 1 : 0);
    return e;
}

enum err index_build(int fd, const atomic_bool *stop, struct index *out)
{
    struct index x = {0};
    uint8_t *piece = malloc(INDEX_PIECE);
    enum err e = ERR_MEMORY;

    /* Stamped before it is read: what changes meanwhile makes the index stale, not wrong. */
    if (piece != NULL && !index_stamp(fd, &x.source_size, &x.source_mtime))
        e = ERR_IO;
    else if (piece != NULL)
        e = index_scan(fd, stop, &x, piece);
    free(piece);
    if (e == ERR_OK)
        *out = x;
    else
        index_free(&x);
    return e;
}

void index_encode(const struct index *x, struct buf *out)
{
    size_t len = INDEX_HEAD + x->count * INDEX_ENTRY;
    uint8_t *start = buf_reserve(out, len + INDEX_CRC), *p = start;

    if (start == NULL)
        return;
    memcpy(p, index_magic, sizeof index_magic);
    bytes_put32le(p + 8, INDEX_VERSION);
    bytes_put32le(p + 12, x->width);
    bytes_put32le(p + 16, x->height);
    bytes_put32le(p + 20, 0);
    bytes_put64le(p + 24, (uint64_t)x->source_size);
    bytes_put64le(p + 32, (uint64_t)x->source_mtime);
    bytes_put64le(p + 40, x->broken);
    bytes_put64le(p + 48, x->count);
    p += INDEX_HEAD;
    for (size_t i = 0; i < x->count; i++, p += INDEX_ENTRY) {
        bytes_put64le(p, (uint64_t)x->entries[i].offset);
        bytes_put32le(p + 8, x->entries[i].length);
    }
    bytes_put32le(p, bytes_crc32c(0, start, len));
    buf_grew(out, len + INDEX_CRC);
}

/* Head and length are plausible; x gets all but the entries. */
static enum err index_head(const uint8_t *p, size_t len, struct index *x)
{
    uint64_t count;

    if (len < INDEX_HEAD + INDEX_CRC || memcmp(p, index_magic, sizeof index_magic) != 0)
        return ERR_BROKEN;
    if (bytes_get32le(p + 8) > INDEX_VERSION)
        return ERR_VERSION;
    count = bytes_get64le(p + 48);
    if (count > LIMIT_FRAMES)
        return ERR_LIMIT;
    if (bytes_get32le(p + 8) != INDEX_VERSION || bytes_get32le(p + 20) != 0 ||
        len != INDEX_HEAD + INDEX_CRC + (size_t)count * INDEX_ENTRY ||
        bytes_crc32c(0, p, len - INDEX_CRC) != bytes_get32le(p + len - INDEX_CRC))
        return ERR_BROKEN;
    x->width = bytes_get32le(p + 12);
    x->height = bytes_get32le(p + 16);
    x->source_size = (int64_t)bytes_get64le(p + 24);
    x->source_mtime = (int64_t)bytes_get64le(p + 32);
    x->broken = bytes_get64le(p + 40);
    x->count = (size_t)count;
    if (x->width > LIMIT_WIDTH || x->height > LIMIT_HEIGHT || x->source_size < 0 ||
        (x->width == 0) != (x->height == 0))
        return ERR_BROKEN;
    return ERR_OK;
}

/* Frames must lie in rising order inside the source, none in another. */
static enum err index_entries(const uint8_t *p, struct index *x)
{
    int64_t end = 0;

    if (x->count > 0 && (x->entries = malloc(x->count * sizeof *x->entries)) == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < x->count; i++, p += INDEX_ENTRY) {
        struct index_entry *entry = &x->entries[i];

        entry->offset = (int64_t)bytes_get64le(p);
        entry->length = bytes_get32le(p + 8);
        if (entry->offset < end || entry->offset > x->source_size || entry->length > LIMIT_FRAME ||
            entry->length > x->source_size - entry->offset || (entry->length > 0 && x->width == 0))
            return ERR_BROKEN;
        end = entry->offset + entry->length;
    }
    return ERR_OK;
}

enum err index_decode(const void *p, size_t len, struct index *out)
{
    struct index x = {0};
    enum err e = index_head(p, len, &x);

    if (e == ERR_OK)
        e = index_entries((const uint8_t *)p + INDEX_HEAD, &x);
    if (e == ERR_OK)
        *out = x;
    else
        index_free(&x);
    return e;
}

enum err index_read(int dir, const char *name, struct index *out)
{
    struct buf b;
    enum err e;

    buf_init(&b, INDEX_MOST);
    e = folder_read(dir, name, &b);
    if (e == ERR_OK)
        e = index_decode(b.data, b.len, out);
    buf_free(&b);
    return e;
}

static bool index_newer(int dir, const char *name)
{
    uint8_t head[12];
    bool newer;
    int fd;

    if (folder_file(dir, name, &fd) != ERR_OK)
        return false;
    newer = pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head &&
            memcmp(head, index_magic, sizeof index_magic) == 0 &&
            bytes_get32le(head + 8) > INDEX_VERSION;
    close(fd);
    return newer;
}

enum err index_save(int dir, const char *name, const struct index *x)
{
    struct buf b;
    enum err e = ERR_MEMORY;

    if (index_newer(dir, name))
        return ERR_VERSION;
    buf_init(&b, INDEX_MOST);
    index_encode(x, &b);
    if (!b.failed)
        e = folder_write(dir, name, b.data, b.len);
    buf_free(&b);
    return e;
}
