#include "server/flags.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/optfile.h"
#include "base/text.h"
#include "server/ctl.h"
#include "server/share.h"

#define DEFAULT_PORT 7411
#define DEFAULT_LOG_BYTES (UINT64_C(256) << 20)
#define LEAST_LOG_BYTES (UINT64_C(1) << 20)
#define MOST_LOG_BYTES (UINT64_C(1) << 40)
#define DEFAULT_LOG_DAYS 90
#define MOST_LOG_DAYS 36500
#define DAY_SECONDS 86400

/* What getopt_long returns for the first option of limits.h; the others follow in that order. */
#define FIRST_LIMIT 256

static const struct option own_options[] = {
    {"passphrase-file", required_argument, NULL, 'p'},
    {"listen", required_argument, NULL, 'l'},
    {"library", required_argument, NULL, 'L'},
    {"state", required_argument, NULL, 's'},
    {"room", required_argument, NULL, 'r'},
    {"invite-only", optional_argument, NULL, 'i'},
    {"log-bytes", required_argument, NULL, 'b'},
    {"log-days", required_argument, NULL, 'd'},
    {"rate", required_argument, NULL, 'R'},
    {"no-sandbox", optional_argument, NULL, 'n'},
    {"verbose", optional_argument, NULL, 'v'},
    {"config", required_argument, NULL, OPTFILE_CONFIG},
    {"help", no_argument, NULL, OPTFILE_HELP},
    {"version", no_argument, NULL, OPTFILE_VERSION},
};

#define NEVER_IN_FILE "chV"
#define OWN_OPTIONS (sizeof own_options / sizeof own_options[0])
#define ALL_OPTIONS (OWN_OPTIONS + LIMITS_COUNT + 1)

static bool usage(const char *what, const char *value)
{
    fprintf(stderr, "dend: %s '%s' (see dend --help)\n", what, value);
    return false;
}

static const char *take_listen(struct flags *f, const char *text)
{
    char host[ADDRESS_HOST];
    uint16_t port = DEFAULT_PORT;

    return address_split(text, host, &port) && address_numeric(host, port, &f->config.listen)
               ? NULL
               : "not an IP address and port:";
}

static bool parse_bytes(const char *text, uint64_t least, uint64_t most, uint64_t *bytes)
{
    return text_to_size(text, most, bytes) && *bytes >= least;
}

static const char *take_log_days(struct flags *f, const char *text)
{
    uint64_t days;

    if (!text_to_u64(text, MOST_LOG_DAYS, &days))
        return "not a number of days:";
    f->config.log.seconds = (int64_t)days * DAY_SECONDS;
    return NULL;
}

static const char *take_room(struct flags *f, const char *text)
{
    size_t len = strlen(text);
    struct buf clean;
    bool same;

    f->config.room = text;
    if (len == 0 || len > LIMIT_ROOM)
        return "not a room's name:";
    buf_init(&clean, 1024);
    text_clean(&clean, text, len, false);
    same = clean.len == len && memcmp(clean.data, text, len) == 0;
    buf_free(&clean);
    return same ? NULL : "not a room's name:";
}

static const char *take_path(const char **to, const char *what, const char *value)
{
    *to = value;
    return *value != 0 ? NULL : what;
}

static const char *take_amount(struct flags *f, int option, const char *value)
{
    switch (option) {
    case 'b':
        return parse_bytes(value, LEAST_LOG_BYTES, MOST_LOG_BYTES, &f->config.log.bytes)
                   ? NULL
                   : "not a size of 1M to 1024G:";
    case 'd':
        return take_log_days(f, value);
    case 'R':
        return parse_bytes(value, SHARE_RATE_LEAST, SHARE_RATE_MOST, &f->config.rate)
                   ? NULL
                   : "not a rate of 1K to 1G bytes a second:";
    default:
        return limits_parse(&f->config.limits, (enum limits_which)(option - FIRST_LIMIT), value,
                            f->why)
                   ? NULL
                   : f->why;
    }
}

/* One option, of the command line or the file. */
static const char *take(void *owner, int option, const char *value)
{
    struct flags *f = owner;
    const char *wrong;
    bool off;

    switch (option) {
    case 'l':
        return take_listen(f, value);
    case 'L':
        return take_path(&f->config.library, "not a directory:", value);
    case 's':
        return take_path(&f->config.state, "not a directory:", value);
    case 'p':
        return take_path(&f->config.passphrase_file, "not a file:", value);
    case 'r':
        return take_room(f, value);
    case 'i':
        return optfile_switch(&f->config.invite_only, value);
    case 'n':
        wrong = optfile_switch(&off, value);
        f->config.sandbox = !off && !DEN_SANITIZED;
        return wrong;
    case 'v':
        return optfile_switch(&f->verbose, value);
    default:
        return take_amount(f, option, value);
    }
}

/* dend's own options, those that limits.h tells, and a row of zeros. */
static void list_options(struct option all[static ALL_OPTIONS])
{
    memcpy(all, own_options, sizeof own_options);
    for (size_t i = 0; i < LIMITS_COUNT; i++)
        all[OWN_OPTIONS + i] = (struct option){limits_name((enum limits_which)i), required_argument,
                                               NULL, FIRST_LIMIT + (int)i};
    all[ALL_OPTIONS - 1] = (struct option){0};
}

static bool read_file(struct flags *f, const struct optfile_list *list)
{
    const char *path = f->config_file != NULL ? f->config_file : FLAGS_FILE;
    char why[OPTFILE_WHY];

    if (strcmp(path, "off") == 0 || optfile_read(&f->file, path, f->config_file != NULL, list, why))
        return true;
    fprintf(stderr, "dend: %s\n", why);
    return false;
}

/* What comes before the file, and before everything else. */
static bool look(struct flags *f, int argc, char **argv, const char *how,
                 const struct optfile_list *list)
{
    int found = optfile_look(list, argc, argv, how, &f->config_file);

    if (found == OPTFILE_CONFIG)
        return usage("not a file:", "");
    f->nothing = found == OPTFILE_HELP || found == OPTFILE_VERSION;
    if (f->nothing)
        fputs(found == OPTFILE_HELP ? flags_help : "dend " DEN_VERSION "\n", stdout);
    return found != '?';
}

static void set_defaults(struct flags *f)
{
    *f = (struct flags){
        .config = {
            .room = "den",
            .log = {.bytes = DEFAULT_LOG_BYTES, .seconds = DEFAULT_LOG_DAYS * DAY_SECONDS},
            /* A sanitizer looks at its process from outside, and writes where it was told. */
            .sandbox = !DEN_SANITIZED}};
    limits_default(&f->config.limits);
    address_numeric("", DEFAULT_PORT, &f->config.listen);
    f->config.terminal = isatty(STDIN_FILENO);
}

/* A service keeps its things where the system says, a person in the home directory (design 9). */
static bool set_state(struct flags *f)
{
    const char *service = getenv("STATE_DIRECTORY");

    if (f->config.state == NULL && service != NULL && service[0] == '/')
        f->config.state = service;
    if (f->config.state != NULL)
        return true;
    f->config.state = f->state;
    return paths_state(f->state, "den/server") || usage("no home directory: give", "--state");
}

static bool set_library(struct flags *f)
{
    if (f->config.library == NULL && (getenv("STATE_DIRECTORY") != NULL || getuid() == 0))
        f->config.library = FLAGS_SERVICE "/clips";
    if (f->config.library != NULL)
        return true;
    f->config.library = f->library;
    return paths_data(f->library, "den/clips") || usage("no home directory: give", "--library");
}

bool flags_parse(struct flags *f, int argc, char **argv)
{
    static char program[] = "dend";
    struct option all[ALL_OPTIONS];
    const struct optfile_list list = {all, NEVER_IN_FILE, take, f};
    const char *wrong, *value;

    set_defaults(f);
    list_options(all);
    argv[0] = program; /* which begins what getopt says */
    if (!look(f, argc, argv, "", &list))
        return false;
    if (f->nothing)
        return true;
    if (!read_file(f, &list))
        return false;
    wrong = optfile_command_line(&list, argc, argv, "", &value);
    if (wrong != NULL)
        return usage(wrong, value);
    if (optind < argc)
        return usage("takes options only, no argument", argv[optind]);
    return set_state(f) && set_library(f);
}

/* Who gives commands to a service does not have its environment. */
static bool find_state(struct flags *f)
{
    char path[PATHS_MAX];

    if (f->config.state == NULL && getenv("STATE_DIRECTORY") == NULL &&
        (!paths_state(f->state, "den/server") || !ctl_path(path, f->state) ||
         access(path, F_OK) != 0) &&
        ctl_path(path, FLAGS_SERVICE) && access(path, F_OK) == 0)
        f->config.state = FLAGS_SERVICE;
    return set_state(f);
}

bool flags_ctl(struct flags *f, int argc, char **argv, int *first)
{
    static char program[] = "dend";
    struct option all[ALL_OPTIONS];
    const struct optfile_list list = {all, NEVER_IN_FILE, take, f};
    int option;

    set_defaults(f);
    list_options(all);
    argv[0] = program;
    if (!look(f, argc, argv, "+", &list))
        return false;
    if (f->nothing)
        return true;
    if (!read_file(f, &list))
        return false;
    optind = 0;
    while ((option = getopt_long(argc, argv, "+", all, NULL)) != -1) {
        if (option != 's' && option != OPTFILE_CONFIG)
            return usage("dend ctl takes --state and --config alone, not", argv[optind - 1]);
        if (option == 's')
            f->config.state = optarg;
    }
    *first = optind;
    if (optind == argc)
        return usage("no command:", "dend ctl");
    return find_state(f);
}

void flags_free(struct flags *f)
{
    file_free(&f->file);
}
