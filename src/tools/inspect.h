/* The commands info, verify and list: what is in a library and whether it is whole. */
#ifndef DEN_TOOLS_INSPECT_H
#define DEN_TOOLS_INSPECT_H

#include "tools/clipopt.h"

/* All return an exit code; what is wrong is said in one line on standard error. */
int inspect_info(struct clip_options *o);
/* Fails if a frame is broken; each is named with its number on standard output. */
int inspect_verify(struct clip_options *o);
int inspect_list(struct clip_options *o);

#endif
