/* dend: the server. Options, signals, and the loop. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "platform/harden.h"
#include "platform/paths.h"
#include "platform/signals.h"
#include "platform/standard.h"
#include "server/caller.h"
#include "server/server.h"
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

enum exit_code { EXIT_GOOD = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct options {
    struct server_config config;
    char library[PATHS_MAX];
    char state[PATHS_MAX];
    bool verbose;
};

static const struct option own_options[] = {
    {"passphrase-file", required_argument, NULL, 'p'},
    {"listen", required_argument, NULL, 'l'},
    {"library", required_argument, NULL, 'L'},
    {"state", required_argument, NULL, 's'},
    {"room", required_argument, NULL, 'r'},
    {"invite-only", no_argument, NULL, 'i'},
    {"log-bytes", required_argument, NULL, 'b'},
    {"log-days", required_argument, NULL, 'd'},
    {"rate", required_argument, NULL, 'R'},
    {"no-sandbox", no_argument, NULL, 'n'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
};

#define OWN_OPTIONS (sizeof own_options / sizeof own_options[0])
#define ALL_OPTIONS (OWN_OPTIONS + LIMITS_COUNT + 1)

static const char help[] =
    "usage: dend [OPTIONS]\n"
    "       dend ctl [--state DIR] COMMAND...\n"
    "The server of a Den room: who is here, sealed messages, films.\n"
    "\n"
    "  --listen ADDR:PORT  where to listen (default: port 7411 on all addresses;\n"
    "                      port 0 picks a free one)\n"
    "  --library DIR       where the clips are (see den-clip(1))\n"
    "  --state DIR         where the key, the names and the log are kept\n"
    "  --passphrase-file FILE\n"
    "                      the key's passphrase is the first line of FILE\n"
    "  --room NAME         what the room is called (default: den)\n"
    "  --invite-only       let in keys that have been here, and who has an invitation\n"
    "  --log-bytes N[K|M|G]\n"
    "                      how large the log of sealed messages may grow (default: 256M)\n"
    "  --log-days N        how many days it keeps a message, 0 for any time (default: 90)\n"
    "  --rate N[K|M|G]     bytes of video a second to all viewers together, shared fairly\n"
    "                      (default: no bound); messages are not bounded\n"
    "  --max-members N     how many may be in the room (default: 10000)\n"
    "  --max-strangers N   links that have not finished the hello (default: 256)\n"
    "  --max-strangers-per-address N\n"
    "                      the same from one address (default: 64)\n"
    "  --max-new-names N   new names that one address may bind at once (default: 256;\n"
    "                      0: any number)\n"
    "  --hello-seconds N   how long that may take (default: 10)\n"
    "  --room-rate N       messages a second of all members together; more wait their turn\n"
    "                      (default: 20; 0: any number)\n"
    "  --message-rate N, --byte-rate N[K|M|G]\n"
    "                      what one member may write in a second before it is slowed\n"
    "                      (default: 500 and 4M; 0: any number)\n"
    "  --max-queue N[K|M|G]\n"
    "                      bytes that wait for one member before it is cut off (default: 8M)\n"
    "  --max-envelope N[K|M]\n"
    "                      how large one sealed message may be (default: 1163344)\n"
    "  --max-clips N       clips that one member plays at once, 0 to 4 (default: 4)\n"
    "  --no-sandbox        do without what bounds the server's files and system calls\n"
    "  --verbose           say more on standard error\n"
    "  --help, --version   this text; the version\n"
    "\n"
    "At a terminal it takes commands, /help shows them. `dend ctl COMMAND` gives one to\n"
    "the dend that runs with that state directory: dend ctl who, dend ctl kick NAME.\n"
    "What members say to it stands on standard output; /msg NAME TEXT answers.\n"
    "\n"
    "SIGTERM, SIGINT and SIGHUP say goodbye to everybody and end it. See dend(8).\n";

static int usage(const char *what, const char *value)
{
    fprintf(stderr, "dend: %s '%s' (see dend --help)\n", what, value);
    return EXIT_USAGE;
}

static bool parse_listen(const char *text, struct address *out)
{
    char host[ADDRESS_HOST];
    uint16_t port = DEFAULT_PORT;

    return address_split(text, host, &port) && address_numeric(host, port, out);
}

static bool parse_bytes(const char *text, uint64_t least, uint64_t most, uint64_t *bytes)
{
    return text_to_size(text, most, bytes) && *bytes >= least;
}

static bool parse_log_days(const char *text, int64_t *seconds)
{
    uint64_t days;

    if (!text_to_u64(text, MOST_LOG_DAYS, &days))
        return false;
    *seconds = (int64_t)days * DAY_SECONDS;
    return true;
}

static bool parse_room(const char *text)
{
    size_t len = strlen(text);
    struct buf clean;
    bool same;

    if (len == 0 || len > LIMIT_ROOM)
        return false;
    buf_init(&clean, 1024);
    text_clean(&clean, text, len, false);
    same = clean.len == len && memcmp(clean.data, text, len) == 0;
    buf_free(&clean);
    return same;
}

static int take_limit(struct options *o, enum limits_which which)
{
    char why[64];

    return limits_parse(&o->config.limits, which, optarg, why) ? EXIT_GOOD : usage(why, optarg);
}

/* One option; EXIT_GOOD to go on. */
static int take_option(struct options *o, int option)
{
    switch (option) {
    case 'l':
        return parse_listen(optarg, &o->config.listen)
                   ? EXIT_GOOD
                   : usage("not an IP address and port:", optarg);
    case 'L':
        o->config.library = optarg;
        return EXIT_GOOD;
    case 's':
        o->config.state = optarg;
        return EXIT_GOOD;
    case 'p':
        o->config.passphrase_file = optarg;
        return *optarg != 0 ? EXIT_GOOD : usage("not a file:", optarg);
    case 'r':
        o->config.room = optarg;
        return parse_room(optarg) ? EXIT_GOOD : usage("not a room's name:", optarg);
    case 'i':
        o->config.invite_only = true;
        return EXIT_GOOD;
    case 'b':
        return parse_bytes(optarg, LEAST_LOG_BYTES, MOST_LOG_BYTES, &o->config.log.bytes)
                   ? EXIT_GOOD
                   : usage("not a size of 1M to 1024G:", optarg);
    case 'd':
        return parse_log_days(optarg, &o->config.log.seconds)
                   ? EXIT_GOOD
                   : usage("not a number of days:", optarg);
    case 'R':
        return parse_bytes(optarg, SHARE_RATE_LEAST, SHARE_RATE_MOST, &o->config.rate)
                   ? EXIT_GOOD
                   : usage("not a rate of 1K to 1G bytes a second:", optarg);
    case 'n':
        o->config.sandbox = false;
        return EXIT_GOOD;
    case 'v':
        o->verbose = true;
        return EXIT_GOOD;
    default:
        if (option >= FIRST_LIMIT)
            return take_limit(o, (enum limits_which)(option - FIRST_LIMIT));
        return EXIT_USAGE;
    }
}

/* dend's own options, and those that limits.h tells. */
static int next_option(int argc, char **argv, const char *how)
{
    struct option all[ALL_OPTIONS] = {0};

    memcpy(all, own_options, sizeof own_options);
    for (int i = 0; i < LIMITS_COUNT; i++)
        all[OWN_OPTIONS + (size_t)i] = (struct option){limits_name((enum limits_which)i),
                                                       required_argument, NULL, FIRST_LIMIT + i};
    return getopt_long(argc, argv, how, all, NULL);
}

/* A service keeps its things where the system says, a person in the home directory (design 9). */
static int set_places(struct options *o)
{
    const char *service = getenv("STATE_DIRECTORY");

    if (o->config.state == NULL && service != NULL && service[0] == '/')
        o->config.state = service;
    if (o->config.library == NULL && (service != NULL || getuid() == 0))
        o->config.library = "/var/lib/den/clips";
    if (o->config.state == NULL) {
        o->config.state = o->state;
        if (!paths_state(o->state, "den/server"))
            return usage("no home directory: give", "--state");
    }
    if (o->config.library == NULL) {
        o->config.library = o->library;
        if (!paths_data(o->library, "den/clips"))
            return usage("no home directory: give", "--library");
    }
    return EXIT_GOOD;
}

/* EXIT_GOOD with *go false: nothing more to do. */
static int parse(int argc, char **argv, struct options *o, bool *go)
{
    static char program[] = "dend";
    int option, code;

    *go = false;
    *o = (struct options){
        .config = {
            .room = "den",
            .log = {.bytes = DEFAULT_LOG_BYTES, .seconds = DEFAULT_LOG_DAYS * DAY_SECONDS},
            /* A sanitizer looks at its process from outside, and writes where it was told. */
            .sandbox = !DEN_SANITIZED}};
    limits_default(&o->config.limits);
    address_numeric("", DEFAULT_PORT, &o->config.listen);
    o->config.terminal = isatty(STDIN_FILENO);
    argv[0] = program; /* which begins what getopt says */
    while ((option = next_option(argc, argv, "")) != -1) {
        if (option == 'h' || option == 'V') {
            fputs(option == 'h' ? help : "dend " DEN_VERSION "\n", stdout);
            return EXIT_GOOD;
        }
        code = take_option(o, option);
        if (code != EXIT_GOOD)
            return code;
    }
    if (optind < argc)
        return usage("takes options only, no argument", argv[optind]);
    *go = true;
    return set_places(o);
}

static void on_signal(struct loop_watch *w, bool readable, bool writable)
{
    bool *stop = w->owner;

    (void)readable;
    (void)writable;
    while (signals_next(w->fd) != 0)
        *stop = true;
}

static int serve(struct server *s)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
    bool stop = false;
    struct loop_watch watch = {.fd = -1, .ready = on_signal, .owner = &stop};
    char at[ADDRESS_TEXT];
    int fd = signals_open(numbers, sizeof numbers / sizeof numbers[0]);

    if (fd < 0 || !loop_add(server_loop(s), &watch, fd)) {
        log_error("can't wait for signals");
        return EXIT_FAILED;
    }
    loop_want(server_loop(s), &watch, true, false);
    server_address(s, at);
    printf("dend: listening on %s, fingerprint %s\n", at, server_fingerprint(s));
    fflush(stdout);
    while (!server_stopped(s)) {
        if (!server_turn(s))
            return EXIT_FAILED;
        if (stop)
            server_stop(s, "the server stops");
    }
    close(fd);
    return EXIT_GOOD;
}

/* `dend ctl`, which argv begins with. */
static int ctl(int argc, char **argv)
{
    static char program[] = "dend";
    struct options o = {0};
    int option, code;

    argv[0] = program;
    while ((option = next_option(argc, argv, "+")) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            return EXIT_GOOD;
        }
        if (option == '?')
            return EXIT_USAGE;
        if (option != 's')
            return usage("dend ctl takes --state alone, not", argv[optind - 1]);
        o.config.state = optarg;
    }
    if (optind == argc)
        return usage("no command:", "dend ctl");
    o.config.library = "";
    code = set_places(&o);
    log_start("dend", LOG_NOTE);
    return code != EXIT_GOOD ? code
                             : caller_run(o.config.state, argv + optind, (size_t)(argc - optind));
}

static int run(int argc, char **argv)
{
    struct options o;
    struct server *s;
    char why[512];
    bool go;
    int code = parse(argc, argv, &o, &go);

    if (code != EXIT_GOOD || !go)
        return code;
    harden_process();
    umask(077);
    log_start("dend", o.verbose ? LOG_DEBUG : LOG_NOTE);
    log_never_wait();
    if (access(o.config.library, R_OK | X_OK) != 0)
        log_note("no clips so far: library %s: %s", o.config.library, strerror(errno));
    s = server_open(&o.config, why);
    if (s == NULL) {
        log_error("%s", why);
        return EXIT_FAILED;
    }
    code = serve(s);
    server_close(s);
    return code;
}

int main(int argc, char **argv)
{
    standard_unbuffered();
    if (!standard_hold())
        return EXIT_FAILED;
    if (argc > 1 && strcmp(argv[1], "ctl") == 0)
        return ctl(argc - 1, argv + 1);
    return run(argc, argv);
}
