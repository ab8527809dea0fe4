/* Files inside an open directory, never followed out of it: every name is one component, and no
 * symbolic link is taken. */
#ifndef DEN_VIDEO_FOLDER_H
#define DEN_VIDEO_FOLDER_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* All: ERR_UNKNOWN if it is not there or is something else than asked for, ERR_IO otherwise (errno
 * tells). Descriptors are close-on-exec and the caller's. */

/* A directory by its path; the path itself may lead over symbolic links. */
enum err folder_open(const char *path, int *dir);
/* A directory inside dir. */
enum err folder_enter(int dir, const char *name, int *inner);
/* A regular file, for reading. */
enum err folder_file(int dir, const char *name, int *fd);
/* Appends a whole file to out, whose limit bounds it (ERR_LIMIT). */
enum err folder_read(int dir, const char *name, struct buf *out);
/* Writes or replaces a file: it has the old content or the new one, never a part, unless the
 * machine itself stops. */
enum err folder_write(int dir, const char *name, const void *p, size_t len);

#endif
