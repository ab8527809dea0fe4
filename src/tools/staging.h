/* A clip in the making: a hidden folder of the library that becomes the clip at the very end, or
 * vanishes. What a killed den-clip left behind goes when the next one begins. */
#ifndef DEN_TOOLS_STAGING_H
#define DEN_TOOLS_STAGING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "platform/paths.h"
#include "video/conf.h"

/* open: top, dir >= 0;  committed or closed: both -1, no folder left. */
struct staging {
    char path[PATHS_MAX]; /* of the folder */
    char name[LIMIT_CLIP + 1];
    char temp[LIMIT_CLIP + 32]; /* the folder's own name */
    bool force;
    int top; /* the library; owned */
    int dir; /* the folder, locked as long as we live; owned */
};

/* Makes the library if it is not there, and the folder. False after one line on standard error: the
 * name is none, it is taken and force is not given, or the system refused. */
bool staging_open(struct staging *s, const char *library, const char *name, bool force);
/* Writes clip.conf and the indexes of all heights, checks that all have the same number of frames,
 * and gives the clip its name. False after one line on standard error. */
bool staging_commit(struct staging *s, const struct conf *conf, const unsigned *heights,
                    size_t count);
/* Bytes that are free where the folder is. */
uint64_t staging_room(const struct staging *s);
/* Removes what is not committed. Idempotent. */
void staging_close(struct staging *s);

#endif
