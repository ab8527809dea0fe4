/* Reads fenced blocks of a Markdown file, so that a document's examples are tested. */
#ifndef DEN_TESTS_KIT_DOCUMENT_H
#define DEN_TESTS_KIT_DOCUMENT_H

#include <stdbool.h>

#include "base/buf.h"

/* The whole file into text, with a NUL behind it that len does not count; false if it can't be
 * read. */
bool document_load(const char *path, struct buf *text);

/* Replaces what out holds by the lines between "```kind name" and the next "```"; false if there is
 * no such block, or two. */
bool document_block(struct buf *text, const char *kind, const char *name, struct buf *out);

/* The same for a block of kind "hex", decoded; false also if it is not hex and white space. */
bool document_hex(struct buf *text, const char *name, struct buf *out);

#endif
