/* Which rendition shows frame i. Whichever it is, frame i is frame number i of its file. Pure. */
#ifndef DEN_VIDEO_SCHEDULE_H
#define DEN_VIDEO_SCHEDULE_H

#include <stddef.h>

#include "base/err.h"
#include "base/limits.h"

enum schedule_kind {
    SCHEDULE_THIRDS, /* rendition floor(i * count / frames): the lowest first, the highest last */
    SCHEDULE_ALTERNATE, /* rendition i mod count */
    SCHEDULE_FIXED,     /* always the one of that height */
    SCHEDULE_AUTO,      /* the highest one up to a height that the viewer changes as it goes */
};

struct schedule {
    enum schedule_kind kind;
    unsigned height; /* of SCHEDULE_FIXED; of SCHEDULE_AUTO the most, 0 for the lowest rendition */
};

#define SCHEDULE_TEXT 16 /* bytes of the longest text of a schedule, with its NUL */

/* thirds, alternate, auto, or a height as 720 or 720p. ERR_FORMAT otherwise. */
enum err schedule_parse(const char *text, struct schedule *out);
void schedule_format(const struct schedule *s, char out[static SCHEDULE_TEXT]);

/* Whether it can be played with renditions of these (rising) heights: ERR_UNKNOWN for a
 * height that is not there, ERR_EMPTY for no renditions; why is then a sentence. */
enum err schedule_check(const struct schedule *s, const unsigned *heights, size_t count,
                        char why[static LIMIT_REASON]);
/* The number of the rendition, below count. Must hold: schedule_check is ERR_OK, i < frames. */
size_t schedule_pick(const struct schedule *s, const unsigned *heights, size_t count, size_t frames,
                     size_t i);

#endif
