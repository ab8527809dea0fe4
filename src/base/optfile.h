/* A program's options, from its command line and from a file: `name = value` lines (base/settings.h)
 * with the names of the long options. A switch is `yes` or `no`.
 *
 * The command line is looked at twice: for what comes before the file, and for what wins over it. */
#ifndef DEN_BASE_OPTFILE_H
#define DEN_BASE_OPTFILE_H

#include <getopt.h>
#include <stdbool.h>

#include "platform/file.h"

#define OPTFILE_WHY 512 /* room for a sentence */

/* What option (its `val`) does with value, which lives as long as the file's text, or argv, does. NULL
 * when that is good, else what the value should have been, as "not a file:". */
typedef const char *optfile_take(void *owner, int option, const char *value);

struct optfile_list {
    const struct option *all; /* up to a row of zeros; optional_argument marks a switch */
    const char *never;        /* the `val` of those that no file may have */
    optfile_take *take;
    void *owner;
};

/* Takes the options of text, which is changed and must end with a NUL that len does not count. False
 * with a sentence in why that names path, line and value; what came before it was taken. */
bool optfile_parse(char *text, size_t len, const char *path, const struct optfile_list *list,
                   char why[static OPTFILE_WHY]);
/* The same for the file at path, whose text file owns from then on: free it when no option points into
 * it any more. Without must a file that is not there has no options. */
bool optfile_read(struct file_bytes *file, const char *path, bool must,
                  const struct optfile_list *list, char why[static OPTFILE_WHY]);

/* The `val` of --config, --help and --version, which take never gets. */
enum { OPTFILE_CONFIG = 'c', OPTFILE_HELP = 'h', OPTFILE_VERSION = 'V' };

/* The first look, getopt_long's way (how: its short options): OPTFILE_HELP or OPTFILE_VERSION if that
 * is asked for, OPTFILE_CONFIG if that names nothing, '?' if something is wrong, which was said; else
 * 0. *config: what --config names, the last if there are several; unchanged without. */
int optfile_look(const struct optfile_list *list, int argc, char **argv, const char *how,
                 const char **config);
/* Takes the options up to optind. NULL, or what the option's *value should have been. */
const char *optfile_command_line(const struct optfile_list *list, int argc, char **argv,
                                 const char *how, const char **value);

/* A switch: NULL with *on set from "yes" or "no", or NULL for "yes"; else what it should have been. */
const char *optfile_switch(bool *on, const char *value);

#endif
