/* What an import is going to make: which renditions, of which size, how large in all. Pure. */
#ifndef DEN_TOOLS_PLAN_H
#define DEN_TOOLS_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "tools/clipopt.h"
#include "tools/probe.h"

struct plan {
    unsigned heights[LIMIT_RENDITIONS]; /* rising */
    unsigned widths[LIMIT_RENDITIONS];  /* even */
    size_t count;
    unsigned left_out; /* a height that was asked for and is above the film's; 0: none */
    struct fraction fps;
    uint64_t frames; /* about; 0: not known */
    unsigned scale;  /* ffmpeg's for quality: 2 (best) to 31 */
    uint64_t bytes;  /* forecast of all; 0: not known */
};

/* Without heights in o: 240, 720 and 1440, those above the film's height replaced by that height
 * if it is well above the one below. Heights in o above the film's are left out unless
 * o->all_heights. At least one remains: a film lower than all gets its own height. False after one
 * line on standard error. */
bool plan_make(struct plan *p, const struct clip_options *o, const struct probe *film);
/* The name for a clip of that file: its base name without what a clip's name can't hold. */
void plan_name(char out[static LIMIT_CLIP + 1], const char *film);

#endif
