/* den-clip: makes, imports and checks clips. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "platform/signals.h"
#include "platform/standard.h"
#include "tools/clipopt.h"
#include "tools/import.h"
#include "tools/inspect.h"
#include "tools/testcard.h"

static const struct command {
    const char *name, *words;
    size_t least, most; /* of words */
    unsigned options;
    int (*run)(struct clip_options *o);
    const char *help;
} commands[] = {
    {"testcard", "NAME", 1, 1,
     CLIP_SECONDS | CLIP_FPS | CLIP_HEIGHTS | CLIP_QUALITY | CLIP_TITLE | CLIP_FORCE | CLIP_LIBRARY,
     testcard_run, "draw a clip with numbered frames"},
    {"import", "FILM [NAME]", 1, 2,
     CLIP_FPS | CLIP_HEIGHTS | CLIP_ALL_HEIGHTS | CLIP_QUALITY | CLIP_TITLE | CLIP_FORCE |
         CLIP_LIBRARY,
     import_run, "make a clip of a film, with ffmpeg"},
    {"info", "NAME", 1, 1, CLIP_LIBRARY, inspect_info, "say what is in a clip"},
    {"verify", "NAME", 1, 1, CLIP_LIBRARY, inspect_verify, "decode every frame of a clip"},
    {"list", "", 0, 0, CLIP_LIBRARY, inspect_list, "name the clips of the library"},
};

static int help(void)
{
    puts("usage: den-clip COMMAND [OPTIONS] ...\nMakes, imports and checks clips for den.\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        printf("  den-clip %s%s%s\n      %s\n", commands[i].name, *commands[i].words ? " " : "",
               commands[i].words, commands[i].help);
        clipopt_help(commands[i].options);
    }
    puts("\n  --help, --version   this text; the version\n\nSee den-clip(1).");
    return CLIP_DONE;
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int run(const struct command *command, int argc, char **argv)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
    struct clip_options o = {0};
    int code;

    if (!clipopt_parse(&o, command->options, argc, argv))
        return CLIP_USAGE;
    if (o.arg_count < command->least || o.arg_count > command->most) {
        log_error("usage: den-clip %s%s%s (see den-clip --help)", command->name,
                  *command->words ? " " : "", command->words);
        return CLIP_USAGE;
    }
    o.signals = signals_open(ends, sizeof ends / sizeof *ends);
    if (o.signals < 0) {
        log_error("can't wait for signals: %s", strerror(-o.signals));
        return CLIP_FAILED;
    }
    code = command->run(&o);
    close(o.signals);
    if (fflush(stdout) != 0) {
        log_error("can't write to standard output");
        return CLIP_FAILED;
    }
    return code;
}

int main(int argc, char **argv)
{
    const struct command *command;

    if (!standard_hold())
        return CLIP_FAILED;
    log_start("den-clip", LOG_NOTE);
    if (argc < 2) {
        log_error("a command is missing (see den-clip --help)");
        return CLIP_USAGE;
    }
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return help();
    if (strcmp(argv[1], "--version") == 0) {
        puts("den-clip " DEN_VERSION);
        return CLIP_DONE;
    }
    command = find(argv[1]);
    if (command == NULL) {
        log_error("no such command: '%s' (see den-clip --help)", argv[1]);
        return CLIP_USAGE;
    }
    return run(command, argc - 2, argv + 2);
}
