/* What a file that somebody sends is called here. Pure. */
#ifndef DEN_CLIENT_PARCEL_NAME_H
#define DEN_CLIENT_PARCEL_NAME_H

#include "base/cursor.h"
#include "base/limits.h"

/* The base name of what the sender says, harmless on a terminal and in a directory: valid UTF-8 without
 * separators and control characters, no dot or blank first, 1 to LIMIT_FILE_NAME bytes. */
void parcel_name_clean(char out[static LIMIT_FILE_NAME + 1], struct span raw);
/* The nth choice, from 1: name, then `name (2).ext` and so on, of which a long stem is cut. */
void parcel_name_nth(char out[static LIMIT_FILE_NAME + 1], const char *name, unsigned n);

#endif
