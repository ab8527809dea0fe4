/* Where files that others send are put: the directory, partial files in it, and their last name.
 *
 * Functions that can fail return 0 or a negative errno, unless said otherwise. */
#ifndef DEN_PLATFORM_DOWNLOAD_H
#define DEN_PLATFORM_DOWNLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/paths.h"

/* $XDG_DOWNLOAD_DIR, else what user-dirs.dirs says of it, else ~/Downloads. False if there is no home,
 * or it is too long. */
bool download_directory(char out[static PATHS_MAX]);

/* Opens the directory, which is made if need be. A descriptor. */
int download_open(const char *path);
/* Opens the partial file of that name for reading and writing, and makes it with mode 0600. Follows no
 * link, and takes nothing but a regular file of ours that no other name leads to and no other process
 * has open here: -EBUSY. A descriptor; *size: how long it is. */
int download_partial(int directory, const char *name, uint64_t *size);
/* Bytes that we may still write there; UINT64_MAX if nobody knows. */
uint64_t download_space(int directory);
/* Gives the file another name, unless that is taken: -EEXIST, also if it is taken at this very moment. */
int download_place(int directory, const char *from, const char *to);
/* What was written lasts through a loss of power. Where the file system can't do that, 0. */
int download_sync(int fd);

#endif
