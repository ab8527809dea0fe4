/* clip.conf: `key = value` lines, # begins a comment line. Keys: fps, title. */
#ifndef DEN_VIDEO_CONF_H
#define DEN_VIDEO_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

#define CONF_FPS_TERM 1000000 /* numerator and denominator are at most this */
#define CONF_FPS_MOST 1000    /* frames a second; the least is one in 100 seconds */

struct fraction {
    uint32_t num, den; /* reduced; den is never 0 */
};

struct conf {
    struct fraction fps;
    char title[LIMIT_TITLE + 1]; /* UTF-8, cleaned; empty if not given */
};

/* Called for what is odd and can be lived with; the sentence names the line. */
typedef void conf_warn(void *context, const char *sentence);

/* len bytes of the file's text. On failure (ERR_FORMAT, ERR_UTF8, ERR_LIMIT) why says it in one
 * sentence with line and value. warn may be NULL. fps is required. */
enum err conf_parse(const void *text, size_t len, conf_warn *warn, void *context,
                    struct conf *out, char why[static LIMIT_REASON]);
void conf_write(const struct conf *c, struct buf *out);

/* "24", "24000/1001", or a decimal: "23.976" and its like become the exact 24000/1001, other
 * decimals the fraction they write. False if it is none or not within the limits. */
bool conf_fps_parse(const char *text, struct fraction *out);
/* Reduced and within the limits above; false if that can't be. A rate within one in 20,000 of a
 * well-known one becomes that. */
bool conf_fps_set(uint64_t num, uint64_t den, struct fraction *out);
/* "24" or "24000/1001". */
void conf_fps_format(struct fraction fps, char out[static 24]);

#endif
