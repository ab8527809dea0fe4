#include "video/cutter.h"

#include "base/limits.h"

/* A frame, and what of the bytes before it came with it. */
#define LIMIT_HELD (LIMIT_FRAME + 1024 * 1024)

void cutter_init(struct cutter *c)
{
    *c = (struct cutter){0};
    scan_init(&c->scan);
    buf_init(&c->bytes, LIMIT_HELD);
}

void cutter_free(struct cutter *c)
{
    buf_free(&c->bytes);
}

/* What was reported before is no longer needed, nor is what lies between frames. */
static void forget(struct cutter *c)
{
    size_t drop = c->bytes.len;

    if (scan_cut(&c->scan) && c->scan.frame.offset >= c->at)
        drop = (size_t)(c->scan.frame.offset - c->at);
    else if (scan_cut(&c->scan) && drop > 0)
        drop--; /* which may begin a frame */
    if (drop > c->bytes.len)
        drop = c->bytes.len;
    c->at += (int64_t)drop;
    if (drop == c->bytes.len)
        buf_clear(&c->bytes);
    else if (drop > 0)
        buf_drop(&c->bytes, drop);
}

static enum cutter_event start_over(struct cutter *c)
{
    bool limit = c->bytes.len > LIMIT_FRAME;

    buf_clear(&c->bytes);
    scan_init(&c->scan);
    c->at = 0;
    return limit ? CUTTER_BROKEN : CUTTER_MEMORY;
}

enum cutter_event cutter_feed(struct cutter *c, struct span *in, struct span *frame)
{
    struct scan_frame found;
    enum scan_event event;
    size_t used;

    forget(c);
    event = scan_feed(&c->scan, in->data, in->len, &used, &found);
    buf_add(&c->bytes, in->data, used);
    in->data += used;
    in->len -= used;
    if (c->bytes.failed)
        return start_over(c);
    if (event == SCAN_FRAME)
        *frame = (struct span){c->bytes.data + (found.offset - c->at), found.length};
    return event == SCAN_MORE ? CUTTER_MORE : event == SCAN_FRAME ? CUTTER_FRAME : CUTTER_BROKEN;
}
