#include "server/backlog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "proto/envelope.h"
#include "server/shelf.h"
#include "wire/past.h"

/* A segment as it is read through. */
struct reader {
    struct backlog *b;
    int fd;
    uint8_t *body; /* SEGMENT_BODY_MAX */
    struct buf *out;
};

void backlog_start(struct backlog *b, const char *dir,
                   const uint8_t receiver[static SIZE_FINGERPRINT], uint64_t next, uint64_t last)
{
    *b = (struct backlog){.dir = dir, .next = next, .last = last};
    memcpy(b->receiver, receiver, SIZE_FINGERPRINT);
}

/* All below number that was wanted is not there. */
static void lose(struct backlog *b, uint64_t number)
{
    uint64_t to = number > b->last ? b->last + 1 : number;

    if (to <= b->next)
        return;
    b->lost += to - b->next;
    b->next = to;
}

/* The segment that holds `next`, or the first one behind it. Empty ones don't count: one that could
 * be made but not be gone on with may stand there, with a number that is in the one before it. */
static void choose(struct backlog *b, const struct shelf *s)
{
    b->segment = 0;
    b->beyond = UINT64_MAX;
    b->at = SEGMENT_HEAD;
    for (size_t i = 0; i < s->count && b->beyond == UINT64_MAX; i++) {
        if (s->list[i].bytes <= SEGMENT_HEAD)
            continue;
        if (b->segment == 0 || s->list[i].first <= b->next)
            b->segment = s->list[i].first;
        else
            b->beyond = s->list[i].first;
    }
    lose(b, b->segment == 0 ? b->last + 1 : b->segment);
}

static enum err locate(struct backlog *b)
{
    struct shelf s;
    enum err e = shelf_list(&s, b->dir);

    if (e == ERR_OK)
        choose(b, &s);
    shelf_free(&s);
    return e;
}

static bool read_at(int fd, void *to, size_t len, int64_t offset)
{
    return pread(fd, to, len, offset) == (ssize_t)len;
}

/* Steps over entries that are not wanted; without looking into them, for they are many. */
static void skip(struct reader *r)
{
    uint8_t head[SEGMENT_ENTRY_HEAD + 8];

    while (read_at(r->fd, head, sizeof head, r->b->at)) {
        uint64_t number = bytes_get64le(head + SEGMENT_ENTRY_HEAD);
        uint32_t len = segment_body_length(head);

        if (len == 0 || number >= r->b->next || number < r->b->segment)
            return;
        r->b->at += SEGMENT_ENTRY_HEAD + (int64_t)len;
    }
}

/* The entry that is next, if it stands where it should, whole. */
static bool read_entry(struct reader *r, struct segment_entry *entry)
{
    uint8_t head[SEGMENT_ENTRY_HEAD];
    uint32_t len = read_at(r->fd, head, sizeof head, r->b->at) ? segment_body_length(head) : 0;

    if (len == 0 || !read_at(r->fd, r->body, len, r->b->at + SEGMENT_ENTRY_HEAD) ||
        segment_get_entry(head, (struct span){r->body, len}, entry) != ERR_OK ||
        entry->number != r->b->next)
        return false;
    r->b->at += SEGMENT_ENTRY_HEAD + (int64_t)len;
    return true;
}

static void put(struct reader *r, const struct segment_entry *entry)
{
    struct span envelope = entry->envelope;
    size_t begin;

    if (envelope_check(envelope.data, envelope.len) != ERR_OK) {
        lose(r->b, entry->number + 1);
        return;
    }
    begin = wire_past_begin(r->out, entry->number, entry->name, entry->fingerprint, entry->time_ms);
    envelope_pass(r->out, envelope.data, envelope.len, r->b->receiver);
    message_end(r->out, begin);
    r->b->next++;
}

/* The segment's bytes, as many as there are; data is the caller's. */
static enum err read_whole(int fd, uint8_t **data, size_t *len)
{
    off_t size = lseek(fd, 0, SEEK_END);
    ssize_t n = 0;

    *data = NULL;
    *len = 0;
    if (size <= 0 || size > SEGMENT_FILE_MAX)
        return ERR_OK;
    *data = malloc((size_t)size);
    if (*data == NULL)
        return ERR_MEMORY;
    n = pread(fd, *data, (size_t)size, 0);
    *len = n > 0 ? (size_t)n : 0;
    return ERR_OK;
}

/* Something is not as it should be: goes to the first whole entry that is wanted, or behind the
 * segment. */
static enum err search(struct reader *r)
{
    struct backlog *b = r->b;
    struct segment_entry entry;
    size_t at = SEGMENT_HEAD, len, next;
    uint8_t *bytes;
    enum err e = read_whole(r->fd, &bytes, &len);

    if (e != ERR_OK)
        return e;
    if (segment_search((struct span){bytes, len}, &at, b->next, &entry, &next)) {
        lose(b, entry.number);
        b->at = (int64_t)at;
    } else {
        lose(b, b->beyond);
        b->segment = 0;
    }
    free(bytes);
    return ERR_OK;
}

static enum err read_segment(struct reader *r, size_t enough)
{
    struct backlog *b = r->b;
    struct segment_entry entry;
    enum err e = ERR_OK;

    skip(r);
    while (e == ERR_OK && b->segment != 0 && b->next <= b->last && r->out->len < enough) {
        if (b->next >= b->beyond)
            b->segment = 0;
        else if (read_entry(r, &entry))
            put(r, &entry);
        else
            e = search(r);
    }
    return r->out->failed ? ERR_MEMORY : e;
}

/* Where a segment was deleted, or its name is not a segment's, what is behind it counts. */
static enum err open_segment(struct reader *r)
{
    enum err e = r->b->segment == 0 ? locate(r->b) : ERR_OK;

    r->fd = -1;
    if (e != ERR_OK || r->b->next > r->b->last)
        return e;
    r->fd = shelf_open(r->b->dir, r->b->segment, O_RDONLY);
    if (r->fd >= 0)
        return ERR_OK;
    errno = -r->fd;
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
        return ERR_IO;
    if (errno != ENOENT)
        lose(r->b, r->b->beyond);
    r->b->segment = 0;
    return ERR_OK;
}

enum err backlog_read(struct backlog *b, size_t enough, struct buf *out)
{
    struct reader r = {.b = b, .fd = -1, .body = malloc(SEGMENT_BODY_MAX), .out = out};
    enum err e = r.body == NULL ? ERR_MEMORY : ERR_OK;

    while (e == ERR_OK && b->next <= b->last && out->len < enough) {
        e = open_segment(&r);
        if (r.fd < 0)
            continue;
        e = read_segment(&r, enough);
        close(r.fd);
    }
    free(r.body);
    return e;
}
