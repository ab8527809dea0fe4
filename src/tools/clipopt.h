/* den-clip's command line: what its commands can be told. */
#ifndef DEN_TOOLS_CLIPOPT_H
#define DEN_TOOLS_CLIPOPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"
#include "platform/paths.h"
#include "video/fps.h"

enum clip_exit { CLIP_DONE = 0, CLIP_FAILED = 1, CLIP_USAGE = 2 };

enum clip_option {
    CLIP_SECONDS = 1,
    CLIP_FPS = 2,
    CLIP_HEIGHTS = 4,
    CLIP_QUALITY = 8,
    CLIP_TITLE = 16,
    CLIP_FORCE = 32,
    CLIP_ALL_HEIGHTS = 64,
    CLIP_LIBRARY = 128,
};

struct clip_options {
    char library[PATHS_MAX];
    unsigned seconds;
    struct fraction fps;
    unsigned heights[LIMIT_RENDITIONS]; /* rising */
    size_t count;                       /* of heights; 0: not given */
    unsigned quality;                   /* 1 to 100; 0: not given */
    const char *title;                  /* NULL: not given */
    bool force, all_heights;
    const char *args[2]; /* what is no option */
    size_t arg_count;
    int signals; /* descriptor that is readable when den-clip should end */
};

/* Reads the words behind the command. allowed: options of this command, as bits. False after one
 * line on standard error that names the wrong value. */
bool clipopt_parse(struct clip_options *o, unsigned allowed, int argc, char *const *argv);
/* One line for each allowed option, to standard output. */
void clipopt_help(unsigned allowed);

#endif
