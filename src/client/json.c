#include "client/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"

void json_begin(struct buf *out, const char *event)
{
    buf_printf(out, "{\"event\":\"%s\"", event);
}

void json_end(struct buf *out)
{
    buf_add_text(out, "}\n");
}

/* A comma unless the object was just begun. */
static void json_key(struct buf *out, const char *key)
{
    if (out->len > 0 && out->data[out->len - 1] != '{')
        buf_add8(out, ',');
    buf_printf(out, "\"%s\":", key);
}

void json_bytes(struct buf *out, const char *key, const void *value, size_t len)
{
    json_key(out, key);
    text_json(out, value, len);
}

void json_text(struct buf *out, const char *key, const char *value)
{
    json_bytes(out, key, value, strlen(value));
}

void json_number(struct buf *out, const char *key, uint64_t value)
{
    json_key(out, key);
    buf_printf(out, "%" PRIu64, value);
}

void json_bool(struct buf *out, const char *key, bool value)
{
    json_key(out, key);
    buf_add_text(out, value ? "true" : "false");
}

void json_ms(struct buf *out, const char *key, int64_t ns)
{
    uint64_t v = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;

    json_key(out, key);
    buf_printf(out, "%s%" PRIu64 ".%06" PRIu64, ns < 0 ? "-" : "", v / 1000000, v % 1000000);
}

void json_hex(struct buf *out, const char *key, const void *value, size_t len)
{
    const uint8_t *p = value;

    json_key(out, key);
    buf_add8(out, '"');
    for (size_t i = 0; i < len; i++)
        buf_printf(out, "%02x", p[i]);
    buf_add8(out, '"');
}

void json_base64(struct buf *out, const char *key, const void *value, size_t len)
{
    json_key(out, key);
    buf_add8(out, '"');
    text_base64(out, value, len);
    buf_add8(out, '"');
}

void json_id(struct buf *out, const char *key, uint64_t id)
{
    json_key(out, key);
    buf_printf(out, "\"%" PRIu64 "\"", id);
}

void json_list(struct buf *out, const char *key)
{
    json_key(out, key);
    buf_add8(out, '[');
}

void json_item(struct buf *out, bool first)
{
    buf_add_text(out, first ? "{" : ",{");
}

void json_item_end(struct buf *out)
{
    buf_add8(out, '}');
}

void json_list_end(struct buf *out)
{
    buf_add8(out, ']');
}
