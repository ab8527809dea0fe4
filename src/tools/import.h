/* The command import: a clip out of a film file, by ffmpeg and ffprobe as child processes. */
#ifndef DEN_TOOLS_IMPORT_H
#define DEN_TOOLS_IMPORT_H

#include "tools/clipopt.h"

/* An exit code; what is wrong is said in one line on standard error. */
int import_run(struct clip_options *o);

#endif
