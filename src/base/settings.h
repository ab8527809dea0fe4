/* Text files of `name = value` lines, as clip.conf, dend.conf and den.conf are: # begins a comment line,
 * blanks and tabs around a name and a value do not count, nor does the CR of a line that ends CR LF. */
#ifndef DEN_BASE_SETTINGS_H
#define DEN_BASE_SETTINGS_H

#include <stddef.h>

#include "base/err.h"

/* Neither name nor value ends with a NUL; both lie in the text. */
struct setting {
    unsigned line;     /* from 1 */
    const char *name;  /* all of the line where it has no `=` */
    size_t name_len;   /* 0 if there is nothing in front of the `=` */
    const char *value; /* NULL where it has no `=` */
    size_t value_len;
};

/* Gives take each line that is neither empty nor a comment; what take returns ends it. */
enum err settings_parse(const char *text, size_t len,
                        enum err (*take)(void *owner, const struct setting *s), void *owner);

/* "FILE line 3: WHAT 'VALUE'", the value cleaned and cut after 40 bytes. */
void settings_say(char *why, size_t room, const char *file, unsigned line, const char *what,
                  const char *value, size_t len);

#endif
