/* What a film file holds, as ffprobe tells it. */
#ifndef DEN_TOOLS_PROBE_H
#define DEN_TOOLS_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "video/fps.h"

struct probe {
    unsigned stream;        /* number of the film's first stream of moving pictures */
    unsigned width, height; /* as they are to be shown: turned upright, with square pixels */
    struct fraction fps;
    double seconds; /* 0: not known */
    bool sound;
    char title[LIMIT_TITLE + 1]; /* the film's own, cleaned; or empty */
};

/* False after one line on standard error. signals as in child.h. */
bool probe_film(struct probe *p, const char *film, int signals);

#endif
