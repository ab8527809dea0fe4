/* clip.conf: `key = value` lines, # begins a comment line. Keys: fps, title. */
#ifndef DEN_VIDEO_CONF_H
#define DEN_VIDEO_CONF_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "video/fps.h"

struct conf {
    struct fraction fps;
    char title[LIMIT_TITLE + 1]; /* UTF-8, cleaned; empty if not given */
};

/* Called for what is odd and can be lived with; the sentence names the line. */
typedef void conf_warn(void *context, const char *sentence);

/* len bytes of the file's text. On failure (ERR_FORMAT, ERR_UTF8, ERR_LIMIT) why says it in one
 * sentence with line and value. warn may be NULL. fps is required. */
enum err conf_parse(const void *text, size_t len, conf_warn *warn, void *context, struct conf *out,
                    char why[static LIMIT_REASON]);
void conf_write(const struct conf *c, struct buf *out);

#endif
