/* dend's options: the command line, and the file that has the same names. */
#ifndef DEN_SERVER_FLAGS_H
#define DEN_SERVER_FLAGS_H

#include <stdbool.h>

#include "platform/file.h"
#include "platform/paths.h"
#include "server/server.h"

#define FLAGS_FILE DEN_SYSCONFDIR "/den/dend.conf"
/* Where a service of ours keeps its state, and anybody who runs it as a service the clips. */
#define FLAGS_SERVICE "/var/lib/den"

struct flags {
    struct server_config config; /* its strings: of argv, of file, or of these arrays */
    struct file_bytes file;
    char library[PATHS_MAX];
    char state[PATHS_MAX];
    char why[64];
    const char *config_file; /* NULL: the usual one; "off": none */
    bool verbose;
    bool nothing; /* --help or --version was answered */
};

extern const char flags_help[];

/* False after one line on standard error that names the value. */
bool flags_parse(struct flags *f, int argc, char **argv);
/* The same for `dend ctl`, which argv begins with: sets config.state, and *first to the command's first
 * word. */
bool flags_ctl(struct flags *f, int argc, char **argv, int *first);
/* Idempotent; what config points to is gone then. */
void flags_free(struct flags *f);

#endif
