/* Is it JSON? By the grammar of RFC 8259, strictly; for tests of what we print. */
#ifndef DEN_TESTS_KIT_GRAMMAR_H
#define DEN_TESTS_KIT_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

/* One value, valid UTF-8, nothing before or behind. */
bool grammar_json(const char *text, size_t len);
/* Lines of one object each, every one ended by a line feed. */
bool grammar_json_lines(const char *text, size_t len);
/* Nothing that moves a terminal: no control characters but line feeds and tabs, valid UTF-8, and
 * none of the characters that turn or hide text. */
bool grammar_harmless(const char *text, size_t len);

#endif
