/* The small text files of the state directories, which a person may read and edit: a first line with
 * what it is and its version ("den bans 1"), then a line for each thing. */
#ifndef DEN_BASE_LISTING_H
#define DEN_BASE_LISTING_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum listing_end { LISTING_WHOLE, LISTING_ANY }; /* must the last line end with a line feed? */

/* Gives take each line behind the first, without its line feed; what take returns ends it. No file is
 * an empty one. ERR_IO (errno tells; a file over limit bytes, too), ERR_VERSION (another version of the
 * title), ERR_BROKEN. */
enum err listing_read(const char *path, size_t limit, const char *title, enum listing_end end,
                      enum err (*take)(void *owner, char *line), void *owner);

/* Begins what is written: add the lines, then call listing_write. */
void listing_begin(struct buf *out, size_t limit, const char *title);
/* Writes it durably, mode 0600, and frees out. ERR_IO (errno tells). */
enum err listing_write(const char *path, struct buf *out);

#endif
