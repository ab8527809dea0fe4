/* Finds the frames in concatenated JPEG files (ITU-T T.81 annex B), fed in pieces of any size.
 *
 * Markers are walked, not searched for: a thumbnail inside APPn is skipped with its segment. A frame
 * is whole if it has SOI, one SOF that we decode (8-bit, baseline to progressive Huffman, 1 or 3
 * components, within the limits on size), at least one scan and EOI, and is no longer than
 * LIMIT_FRAME. What begins like a frame and is not whole is reported as broken in its place, so that
 * the frames behind it keep their numbers. */
#ifndef DEN_VIDEO_SCAN_H
#define DEN_VIDEO_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scan_event {
    SCAN_MORE,   /* all input is used up */
    SCAN_FRAME,  /* a whole frame */
    SCAN_BROKEN, /* a frame that began and is not whole */
};

struct scan_frame {
    int64_t offset; /* of its SOI, from the first byte ever fed */
    uint32_t length;
    uint32_t width;
    uint32_t height;
};

/*  state            frame.offset      length, got        means
 *  GARBAGE, _FF     -                 -                  between frames
 *  SOI              where FF D8 was   -                  a frame, if FF comes next
 *  MARK, MARK_FF    of this frame     -                  before a marker
 *  LENGTH, _2       of this frame     being read, -      in a segment's length
 *  SEGMENT          of this frame     of all, taken      in a segment
 *  DATA, DATA_FF    of this frame     -                  in entropy-coded data */
struct scan {
    int state;        /* enum scan_state in scan.c */
    int64_t at;       /* bytes used so far */
    uint64_t garbage; /* runs of bytes that belong to no frame */
    bool excused;     /* the run we are in is counted, or is the rest of a broken frame */
    bool scanned;     /* this frame has a scan */
    uint8_t marker;   /* whose segment it is */
    uint32_t length;
    uint32_t got;
    uint8_t head[6]; /* the segment's first bytes */
    struct scan_frame frame;
};

void scan_init(struct scan *s);
/* Reads on until an event; *used is how much of p was taken (all of it at SCAN_MORE). At SCAN_FRAME
 * and SCAN_BROKEN *frame is set; a broken one's width and height are not to be believed. */
enum scan_event scan_feed(struct scan *s, const uint8_t *p, size_t len, size_t *used,
                          struct scan_frame *frame);
/* True if the input ended inside a frame. */
bool scan_cut(const struct scan *s);

#endif
