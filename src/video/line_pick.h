/* Scaling to more samples, or to not much fewer: what eight outputs are made of then lies in sixteen
 * samples, which are read at once and picked from. Several times as quick as looking up each, where
 * the processor can do it. */
#ifndef DEN_VIDEO_LINE_PICK_H
#define DEN_VIDEO_LINE_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "video/line.h"

#define LINE_PICK 8       /* outputs made together */
#define LINE_PICK_FROM 16 /* of so many samples */

/* For each output, two samples and their shares, less than 0 for LINE_ONE does not fit above. */
struct line_pick {
    uint8_t samples[2 * LINE_PICK]; /* counted from first */
    int8_t shares[2 * LINE_PICK];
    int32_t first;
};

/* How many picks a line of that many outputs has. */
size_t line_pick_count(size_t width);
/* From columns that rise. False, and picks are of no use: they lie too far apart, the line has fewer than
 * LINE_PICK_FROM samples, or this processor is not quicker that way. */
bool line_pick_make(struct line_pick *picks, const struct line_columns *columns, size_t samples,
                    size_t width);
/* Exactly as line_pairs and line_scale together, and without reading outside of the line's samples. */
void line_pick_scale(int16_t *row, const uint8_t *samples, const struct line_pick *picks,
                     size_t width, int16_t bias);

#endif
