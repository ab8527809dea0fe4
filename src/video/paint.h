/* A picture as its decoder leaves it, planes of luma and chroma, onto a surface of any format: colours
 * and bilinear scaling in one pass, each of the surface's pixels written once. */
#ifndef DEN_VIDEO_PAINT_H
#define DEN_VIDEO_PAINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "platform/display.h"
#include "video/line.h"
#include "video/line_pick.h"
#include "video/scale.h"

/* JFIF: full range, BT.601, chroma's samples in the middle of the luma's that they go with. */
struct paint_planes {
    const uint8_t *data[3]; /* Y, U, V; borrowed */
    size_t pitch[3];
    unsigned width, height; /* of the luma */
    unsigned across,
        down; /* luma's samples for one of chroma, 1, 2 or 4; 0: grey, U and V unused */
};

/* One plane's lines, widened to the output's width; each is made once and kept while it is needed. */
struct paint_plane {
    const uint8_t *data;
    size_t pitch;
    unsigned width, height; /* samples */
    unsigned across, down;  /* the luma's for each of them */
    int16_t bias;
    struct line_columns columns;
    struct line_pick *picks; /* of the columns */
    bool picked;             /* and they are of use */
    int16_t *rows[2];
    unsigned row[2]; /* which lines these are; UINT_MAX: none */
};

/* What is kept from picture to picture. Starts as zeros. */
struct paint {
    unsigned width, height, across, to_width; /* that memory and columns were made for */
    struct paint_plane planes[3];
    uint8_t *edged;  /* a line of samples, the first and the last once more around it */
    uint32_t *pairs; /* a line of samples, by twos */
    uint32_t *line;  /* a line of pixels */
    void *memory;    /* that all these lie in */
    bool past;       /* pixels go past the caches */
};

/* Draws all of from into rect, which lies within to, and black around it. ERR_MEMORY leaves to as it
 * was. */
enum err paint_draw(struct paint *p, const struct paint_planes *from, const struct surface *to,
                    const struct display_rect *rect);
/* Idempotent. */
void paint_free(struct paint *p);

#endif
