/* What stands on the command line besides options: verb, address, and what the verb is about. For
 * options.c, whose are the first two. */
#ifndef DEN_CLIENT_OPTIONS_WORDS_H
#define DEN_CLIENT_OPTIONS_WORDS_H

#include "client/options.h"

/* Says what is wrong, in one line; always CLIENT_EXIT_USAGE. */
enum client_exit options_usage(const char *what, const char *value);
/* The server's fingerprint: NULL, or what it should have been. Two that differ on one command line are a
 * mistake; one of the file is the usual one. */
const char *options_pin(struct options *o, const char *text);

/* Takes them all; what is wrong is said. Options were taken before, for some go with one verb alone. */
enum client_exit options_words(struct options *o, int count, char **words);

#endif
