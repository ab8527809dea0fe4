/* One file of the log of sealed envelopes: as bytes, without any file.
 *
 * Little-endian. Head: magic "DENSEALS", version 32, log id 16 bytes, first number 64, CRC-32C of
 * all before it. Then entries: length 32 of the body, CRC-32C 32 of the body, body: number 64, time
 * in ms since 1970 64, sender's name with a length 8 in front, sender's fingerprint, envelope.
 * Numbers rise by one. What follows the last whole entry of the newest segment is a torn write and
 * does not count; where whole entries follow, it is damage, and what is whole counts. */
#ifndef DEN_SERVER_SEGMENT_H
#define DEN_SERVER_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/limits.h"

#define SEGMENT_LOG_ID 16
#define SEGMENT_HEAD (8 + 4 + SEGMENT_LOG_ID + 8 + 4)
#define SEGMENT_ENTRY_HEAD 8
#define SEGMENT_FILE_MAX (64 * 1024 * 1024) /* bytes of one that is read whole */
#define SEGMENT_BODY_LEAST (8 + 8 + 1 + 1 + SIZE_FINGERPRINT)
#define SEGMENT_BODY_MAX (8 + 8 + 1 + LIMIT_NAME + SIZE_FINGERPRINT + LIMIT_ENVELOPE)

struct segment_head {
    uint8_t log_id[SEGMENT_LOG_ID];
    uint64_t first;
};

struct segment_entry {
    uint64_t number;
    uint64_t time_ms;
    char name[LIMIT_NAME + 1];
    uint8_t fingerprint[SIZE_FINGERPRINT];
    struct span envelope; /* borrowed */
};

void segment_put_head(struct buf *out, const struct segment_head *head);
/* ERR_SHORT, ERR_FORMAT, ERR_VERSION (a newer one), ERR_BROKEN (checksum). */
enum err segment_get_head(const uint8_t bytes[static SEGMENT_HEAD], struct segment_head *head);
void segment_put_entry(struct buf *out, const struct segment_entry *entry);
/* The body's length by its entry's head; 0 if it can't be one. */
uint32_t segment_body_length(const uint8_t head[static SEGMENT_ENTRY_HEAD]);
/* ERR_BROKEN if the checksum says so, else as the fields are. */
enum err segment_get_entry(const uint8_t head[static SEGMENT_ENTRY_HEAD], struct span body,
                           struct segment_entry *entry);
/* The whole entry at that offset of a file, and the offset behind it; false if there is none. */
bool segment_entry_at(struct span file, size_t at, struct segment_entry *entry, size_t *next);
/* The same for the first one at or behind *at whose number is at least `least`; *at: where. */
bool segment_search(struct span file, size_t *at, uint64_t least, struct segment_entry *entry,
                    size_t *next);

/* What a whole file holds. */
struct segment_survey {
    uint64_t last;     /* the highest number, the head's first - 1 if there is no entry */
    uint64_t began_ms; /* the time of the first entry, 0 if there is none */
    size_t end;        /* behind the last whole entry */
    bool damaged;      /* what is not whole stands before it, too */
};
void segment_look(struct span file, uint64_t first, struct segment_survey *out);

#endif
