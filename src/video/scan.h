/* Finds the frames in concatenated JPEG files (ITU-T T.81 annex B), fed in pieces of any size.
 *
 * Markers are walked, not searched for: a thumbnail inside APPn is skipped with its segment. A frame
 * is whole if it has SOI, one SOF that we decode (8-bit, baseline to progressive Huffman, 1 or 3
 * components, within the limits on size), at least one scan and EOI, and is no longer than
 * LIMIT_FRAME. What begins with SOI and is not whole is reported as a broken frame in its place, so
 * that the frames behind it keep their numbers. */
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

struct scan {
    int64_t at;             /* bytes used so far */
    uint64_t garbage;       /* runs of bytes that belong to no frame */
    bool in_garbage;        /* inside such a run now */
    bool late;              /* the SOI that ended a broken frame is used already */
    int state;              /* enum scan_state in scan.c */
    uint8_t marker;         /* whose segment is being read */
    bool sized, scanned;    /* SOF, SOS seen in this frame */
    uint32_t left;          /* bytes of the segment still to come */
    uint32_t got;           /* bytes of it held in head */
    uint8_t head[8];
    struct scan_frame frame; /* the one in work */
};

void scan_init(struct scan *s);
/* Reads on until an event; *used is how much of p was taken (all of it at SCAN_MORE). At SCAN_FRAME
 * and SCAN_BROKEN *frame is set; a broken one's size is not to be believed. */
enum scan_event scan_feed(struct scan *s, const uint8_t *p, size_t len, size_t *used,
                          struct scan_frame *frame);
/* True if the input ended inside a frame; *frame then tells where it began. */
bool scan_cut(const struct scan *s, struct scan_frame *frame);

#endif
