/* The command testcard: a clip whose every frame says which it is. */
#ifndef DEN_TOOLS_TESTCARD_H
#define DEN_TOOLS_TESTCARD_H

#include "tools/clipopt.h"

/* An exit code; what is wrong is said in one line on standard error. */
int testcard_run(struct clip_options *o);

#endif
