/* One JSON object a line, written member by member. */
#ifndef DEN_CLIENT_JSON_H
#define DEN_CLIENT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Begins {"event":"..." in out. */
void json_begin(struct buf *out, const char *event);
void json_end(struct buf *out); /* } and a line feed */

void json_text(struct buf *out, const char *key, const char *value);
void json_bytes(struct buf *out, const char *key, const void *value, size_t len); /* as text */
void json_number(struct buf *out, const char *key, uint64_t value);
void json_bool(struct buf *out, const char *key, bool value);
/* ns as milliseconds with six decimals, so that nothing is lost. */
void json_ms(struct buf *out, const char *key, int64_t ns);
void json_hex(struct buf *out, const char *key, const void *value, size_t len);
void json_base64(struct buf *out, const char *key, const void *value, size_t len);
/* An id: a string of digits, for it does not fit the numbers of many readers. */
void json_id(struct buf *out, const char *key, uint64_t id);
/* A list of objects: key, [, then for each: json_item, members, json_item_end; then json_list_end. */
void json_list(struct buf *out, const char *key);
void json_item(struct buf *out, bool first);
void json_item_end(struct buf *out);
void json_list_end(struct buf *out);

#endif
