#include "server/segment.h"

#include <string.h>

#include "base/bytes.h"
#include "base/text.h"

#define MAGIC "DENSEALS"
#define VERSION 1

static void add32(struct buf *out, uint32_t v)
{
    uint8_t p[4];

    bytes_put32le(p, v);
    buf_add(out, p, sizeof p);
}

static void add64(struct buf *out, uint64_t v)
{
    uint8_t p[8];

    bytes_put64le(p, v);
    buf_add(out, p, sizeof p);
}

static uint64_t get64(struct cursor *c)
{
    const uint8_t *p = cursor_take(c, 8);

    return p == NULL ? 0 : bytes_get64le(p);
}

void segment_put_head(struct buf *out, const struct segment_head *head)
{
    size_t begin = out->len;

    buf_add(out, MAGIC, 8);
    add32(out, VERSION);
    buf_add(out, head->log_id, SEGMENT_LOG_ID);
    add64(out, head->first);
    if (!out->failed)
        add32(out, bytes_crc32c(0, out->data + begin, out->len - begin));
}

enum err segment_get_head(const uint8_t bytes[static SEGMENT_HEAD], struct segment_head *head)
{
    if (memcmp(bytes, MAGIC, 8) != 0)
        return ERR_FORMAT;
    if (bytes_get32le(bytes + 8) != VERSION)
        return ERR_VERSION;
    if (bytes_crc32c(0, bytes, SEGMENT_HEAD - 4) != bytes_get32le(bytes + SEGMENT_HEAD - 4))
        return ERR_BROKEN;
    memcpy(head->log_id, bytes + 12, SEGMENT_LOG_ID);
    head->first = bytes_get64le(bytes + 12 + SEGMENT_LOG_ID);
    return ERR_OK;
}

void segment_put_entry(struct buf *out, const struct segment_entry *entry)
{
    size_t begin = out->len, body;

    add64(out, 0);
    body = out->len;
    add64(out, entry->number);
    add64(out, entry->time_ms);
    buf_add_sized8(out, entry->name, strlen(entry->name));
    buf_add(out, entry->fingerprint, SIZE_FINGERPRINT);
    buf_add(out, entry->envelope.data, entry->envelope.len);
    if (out->failed)
        return;
    bytes_put32le(out->data + begin, (uint32_t)(out->len - body));
    bytes_put32le(out->data + begin + 4, bytes_crc32c(0, out->data + body, out->len - body));
}

uint32_t segment_body_length(const uint8_t head[static SEGMENT_ENTRY_HEAD])
{
    uint32_t len = bytes_get32le(head);

    return len > SEGMENT_BODY_MAX || len < SEGMENT_BODY_LEAST ? 0 : len;
}

enum err segment_get_entry(const uint8_t head[static SEGMENT_ENTRY_HEAD], struct span body,
                           struct segment_entry *entry)
{
    struct cursor c = cursor_over(body.data, body.len);
    struct span name;

    if (bytes_crc32c(0, body.data, body.len) != bytes_get32le(head + 4))
        return ERR_BROKEN;
    entry->number = get64(&c);
    entry->time_ms = get64(&c);
    name = cursor_sized8(&c, LIMIT_NAME);
    cursor_copy(&c, entry->fingerprint, SIZE_FINGERPRINT);
    if (c.failed || !text_name_valid(name.data, name.len))
        return ERR_FORMAT;
    memcpy(entry->name, name.data, name.len);
    entry->name[name.len] = 0;
    entry->envelope = (struct span){c.at, c.left};
    return ERR_OK;
}

bool segment_entry_at(struct span file, size_t at, struct segment_entry *entry, size_t *next)
{
    uint32_t len;

    if (at > file.len || file.len - at < SEGMENT_ENTRY_HEAD)
        return false;
    len = segment_body_length(file.data + at);
    if (len == 0 || file.len - at - SEGMENT_ENTRY_HEAD < len)
        return false;
    *next = at + SEGMENT_ENTRY_HEAD + len;
    return segment_get_entry(file.data + at,
                             (struct span){file.data + at + SEGMENT_ENTRY_HEAD, len},
                             entry) == ERR_OK;
}

bool segment_search(struct span file, size_t *at, uint64_t least, struct segment_entry *entry,
                    size_t *next)
{
    const size_t smallest = SEGMENT_ENTRY_HEAD + SEGMENT_BODY_LEAST;

    for (; *at < file.len && file.len - *at >= smallest; ++*at) {
        uint64_t number = bytes_get64le(file.data + *at + SEGMENT_ENTRY_HEAD);

        /* No more fit in; that spares most offsets the checksum. */
        if (number < least || number - least > file.len / smallest)
            continue;
        if (segment_entry_at(file, *at, entry, next) && entry->number == number)
            return true;
    }
    return false;
}

void segment_look(struct span file, uint64_t first, struct segment_survey *out)
{
    struct segment_entry entry;
    size_t next;

    *out = (struct segment_survey){.last = first - 1, .end = SEGMENT_HEAD};
    for (size_t at = SEGMENT_HEAD; segment_search(file, &at, out->last + 1, &entry, &next);
         at = next) {
        out->damaged = out->damaged || at != out->end || entry.number != out->last + 1;
        if (out->began_ms == 0)
            out->began_ms = entry.time_ms;
        out->last = entry.number;
        out->end = next;
    }
}
