#include "client/report_event.h"

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

void report_send(const struct report *r, struct buf *b)
{
    if (r->json)
        json_end(b);
    if (!b->failed && b->len > 0)
        r->print(r->owner, (const char *)b->data, b->len);
    buf_free(b);
}

bool report_unasked(const struct report *r)
{
    return r->terse && !r->json;
}
