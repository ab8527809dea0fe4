#include "client/report_event.h"

#include "base/text.h"
#include "client/json.h"

#define LIMIT_REPORT (16 * 1024 * 1024)

struct buf report_buf(void)
{
    struct buf b;

    buf_init(&b, LIMIT_REPORT);
    return b;
}

struct buf report_begin(const struct report *r, const char *event)
{
    struct buf b = report_buf();

    if (r->json)
        json_begin(&b, event);
    return b;
}

bool report_send(const struct report *r, struct buf *b)
{
    if (r->json)
        json_end(b);
    return report_send_lines(r, b);
}

bool report_send_lines(const struct report *r, struct buf *b)
{
    bool written = !b->failed;

    if (written && b->len > 0)
        written = r->print(r->owner, (const char *)b->data, b->len);
    buf_free(b);
    return written;
}

bool report_unasked(const struct report *r)
{
    return r->terse && !r->json;
}

void report_lines(struct buf *b, struct span text)
{
    struct buf clean = report_buf();

    text_clean(&clean, text.data, text.len, true);
    for (size_t i = 0; i < clean.len; i++) {
        if (clean.data[i] != '\n')
            buf_add8(b, clean.data[i]);
        else if (i + 1 < clean.len)
            buf_add_text(b, "\n      ");
    }
    buf_free(&clean);
    buf_add8(b, '\n');
}

const char *report_key_mark(enum contact_trust t)
{
    static const char *const marks[] = {" (new key)", "", " (checked)", " (CHANGED KEY)"};

    return marks[t];
}
