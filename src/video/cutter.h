/* Cuts the JPEG frames out of bytes that come in pieces, as from a pipe. */
#ifndef DEN_VIDEO_CUTTER_H
#define DEN_VIDEO_CUTTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "video/scan.h"

enum cutter_event {
    CUTTER_MORE,   /* all is used up */
    CUTTER_FRAME,  /* a whole frame */
    CUTTER_BROKEN, /* something that is none, or too long */
    CUTTER_MEMORY
};

struct cutter {
    struct scan scan;
    struct buf bytes; /* from `at` on, of what may belong to a frame */
    int64_t at;
};

void cutter_init(struct cutter *c);
/* Idempotent. */
void cutter_free(struct cutter *c);
/* Takes from the front of *in until an event. At CUTTER_FRAME *frame is valid until the next call. */
enum cutter_event cutter_feed(struct cutter *c, struct span *in, struct span *frame);

#endif
