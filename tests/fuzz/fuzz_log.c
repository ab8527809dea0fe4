/* The log: a segment as a damaged disk may give it, and the messages that carry it to who comes
 * back. The first byte of the input is the message's type, or says of a segment whether its checksums
 * are made right first; else nothing behind them would be reached. */
#include <string.h>

#include "base/bytes.h"
#include "server/segment.h"
#include "tests/fuzz/fuzz.h"
#include "wire/past.h"

enum { AS_IT_IS, MADE_RIGHT };

static enum err again_resume(struct span p, struct buf *out)
{
    struct wire_resume m;
    enum err e = wire_get_resume(p, &m);

    if (e == ERR_OK)
        wire_put_resume(out, &m);
    return e;
}

static enum err again_past(struct span p, struct buf *out)
{
    struct wire_past m;
    enum err e = wire_get_past(p, &m);
    size_t begin;

    if (e != ERR_OK)
        return e;
    begin = wire_past_begin(out, m.sealed.number, m.sealed.from, m.sealed.fingerprint, m.time_ms);
    buf_add(out, m.sealed.envelope.data, m.sealed.envelope.len);
    message_end(out, begin);
    return e;
}

static enum err again_past_end(struct span p, struct buf *out)
{
    struct wire_past_end m;
    enum err e = wire_get_past_end(p, &m);

    if (e == ERR_OK)
        wire_put_past_end(out, &m);
    return e;
}

/* What can be read is written again, and is the same but for the fields behind it. */
static void check_message(enum err (*again)(struct span, struct buf *), struct span p)
{
    struct buf out;

    buf_init(&out, 2u << 20);
    if (again(p, &out) == ERR_OK) {
        FUZZ_HOLDS(!out.failed && out.len - MESSAGE_HEADER <= p.len);
        FUZZ_HOLDS(memcmp(out.data + MESSAGE_HEADER, p.data, out.len - MESSAGE_HEADER) == 0);
    }
    buf_free(&out);
}

static void make_right(struct buf *file)
{
    size_t at = SEGMENT_HEAD;

    if (file->len >= SEGMENT_HEAD)
        bytes_put32le(file->data + SEGMENT_HEAD - 4, bytes_crc32c(0, file->data, SEGMENT_HEAD - 4));
    while (file->len >= at + SEGMENT_ENTRY_HEAD) {
        uint32_t len = segment_body_length(file->data + at);
        uint8_t *body = file->data + at + SEGMENT_ENTRY_HEAD;

        at += SEGMENT_ENTRY_HEAD + len;
        if (len == 0 || at > file->len)
            return;
        bytes_put32le(body - 4, bytes_crc32c(0, body, len));
    }
}

/* Every entry that is found is one that would be written so, and numbers only rise. */
static void check_segment(struct span file, uint64_t first)
{
    struct segment_survey survey;
    struct segment_entry entry;
    size_t at = SEGMENT_HEAD, next, end = SEGMENT_HEAD;
    uint64_t least = first;
    struct buf again;

    buf_init(&again, 2u << 20);
    for (; segment_search(file, &at, least, &entry, &next); at = end = next) {
        buf_clear(&again);
        segment_put_entry(&again, &entry);
        FUZZ_HOLDS(entry.number >= least && next > at && next <= file.len);
        FUZZ_HOLDS(again.len == next - at && memcmp(again.data, file.data + at, again.len) == 0);
        least = entry.number + 1;
    }
    segment_look(file, first, &survey);
    FUZZ_HOLDS(survey.end == end && survey.last == least - 1);
    buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct segment_head head = {.first = 1};
    struct buf file;

    if (len < 1 || len > 1u << 20)
        return 0;
    if (data[0] == MESSAGE_RESUME)
        check_message(again_resume, (struct span){data + 1, len - 1});
    if (data[0] == MESSAGE_PAST)
        check_message(again_past, (struct span){data + 1, len - 1});
    if (data[0] == MESSAGE_PAST_END)
        check_message(again_past_end, (struct span){data + 1, len - 1});
    if (data[0] > MADE_RIGHT || len < 1 + SEGMENT_HEAD)
        return 0;
    buf_init(&file, 2u << 20);
    buf_add(&file, data + 1, len - 1);
    if (data[0] == MADE_RIGHT)
        make_right(&file);
    if (segment_get_head(file.data, &head) == ERR_OK && head.first > 0)
        check_segment((struct span){file.data, file.len}, head.first);
    buf_free(&file);
    return 0;
}

/* A message without its length. */
static void give(struct buf *out, fuzz_put *put, void *context)
{
    memmove(out->data + 1, out->data + MESSAGE_HEADER, out->len - MESSAGE_HEADER);
    put(context, out->data, 1 + out->len - MESSAGE_HEADER);
    buf_clear(out);
}

static void give_messages(struct buf *out, fuzz_put *put, void *context)
{
    static const uint8_t id[SIZE_LOG_ID] = {1, 2, 3}, key[SIZE_FINGERPRINT] = {4, 5};

    wire_put_resume(out, &(struct wire_resume){id, 7});
    give(out, put, context);
    message_end(out, wire_past_begin(out, 7, "zoe", key, 1700000000000));
    give(out, put, context);
    wire_put_past_end(out, &(struct wire_past_end){3, 10, 2});
    give(out, put, context);
}

void fuzz_seeds(fuzz_put *put, void *context)
{
    struct segment_head head = {{9, 9}, 41};
    struct buf out;

    buf_init(&out, 4096);
    for (uint8_t how = AS_IT_IS; how <= MADE_RIGHT; how++) {
        struct buf file;

        buf_init(&file, 4096);
        segment_put_head(&file, &head);
        for (uint64_t n = 41; n < 46; n++) {
            struct segment_entry entry = {n, 1700000000000, "zoe", {7}, {head.log_id, 16}};

            segment_put_entry(&file, &entry);
        }
        buf_clear(&out);
        buf_add8(&out, how);
        buf_add(&out, file.data, file.len);
        put(context, out.data, out.len);
        buf_free(&file);
    }
    buf_clear(&out);
    give_messages(&out, put, context);
    buf_free(&out);
}
