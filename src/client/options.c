#include "client/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/optfile.h"
#include "base/text.h"
#include "client/options_words.h"
#include "crypto/fingerprint.h"
#include "platform/display.h"

static const struct option long_options[] = {
    {"name", required_argument, NULL, 'n'},
    {"state", required_argument, NULL, 's'},
    {"ephemeral", optional_argument, NULL, 'e'},
    {"passphrase-file", required_argument, NULL, 'P'},
    {"new-passphrase-file", required_argument, NULL, 'N'},
    {"invitation-file", required_argument, NULL, 'i'},
    {"pin", required_argument, NULL, 'p'},
    {"trust-first", optional_argument, NULL, 't'},
    {"display", required_argument, NULL, 'd'},
    {"direct-port", required_argument, NULL, 'D'},
    {"downloads", required_argument, NULL, 'o'},
    {"max-file", required_argument, NULL, 'm'},
    {"accept-from", required_argument, NULL, 'a'},
    {"reconnect", required_argument, NULL, 'r'},
    {"receipts", required_argument, NULL, 'R'},
    {"from", required_argument, NULL, 'f'},
    {"once", no_argument, NULL, 'O'},
    {"kiosk", no_argument, NULL, 'k'},
    {"fps", required_argument, NULL, 'F'},
    {"viewers", required_argument, NULL, 'W'},
    {"camera", required_argument, NULL, 'C'},
    {"size", required_argument, NULL, 'Z'},
    {"plain", no_argument, NULL, 'L'},
    {"json", optional_argument, NULL, 'j'},
    {"stay", optional_argument, NULL, 'S'},
    {"config", required_argument, NULL, OPTFILE_CONFIG},
    {"help", no_argument, NULL, OPTFILE_HELP},
    {"version", no_argument, NULL, OPTFILE_VERSION},
    {0},
};

/* What is for one call alone. */
#define NEVER_IN_FILE "chViNkFWLCZfO"

enum client_exit options_usage(const char *what, const char *value)
{
    fprintf(stderr, "den: %s '%s' (see den --help)\n", what, value);
    return CLIENT_EXIT_USAGE;
}

static const char *set_name(struct options *o, const char *name)
{
    if (!text_name_valid(name, strlen(name)))
        return "not a name (1 to 32 of A-Z a-z 0-9 _ . -):";
    strcpy(o->config.name, name);
    return NULL;
}

const char *options_pin(struct options *o, const char *text)
{
    uint8_t pin[SIZE_FINGERPRINT];

    if (!fingerprint_parse(pin, text))
        return "not a fingerprint (64 hexadecimal digits):";
    if (o->pinned && memcmp(o->pin, pin, SIZE_FINGERPRINT) != 0)
        return "two different fingerprints, the second";
    memcpy(o->pin, pin, SIZE_FINGERPRINT);
    o->config.pin = o->pin;
    o->pinned = !o->in_file;
    return NULL;
}

static const char *set_direct_port(struct options *o, const char *text)
{
    uint64_t port = 0;

    o->config.direct_off = strcmp(text, "off") == 0;
    if (!o->config.direct_off && (!text_to_u64(text, UINT16_MAX, &port) || port == 0))
        return "not a port (1 to 65535) or off:";
    o->config.direct_port = (uint16_t)port;
    return NULL;
}

static const char *set_max_file(struct options *o, const char *text)
{
    if (text_to_size(text, LIMIT_PARCEL_SIZE, &o->config.max_file) && o->config.max_file > 0)
        return NULL;
    return "not a size (bytes, or with K, M or G):";
}

/* Names with commas between them. */
static const char *set_accept_from(struct options *o, const char *list)
{
    const char *part;
    size_t len;

    o->config.accept_from = list;
    while ((part = text_next_part(&list, &len)) != NULL) {
        if (!text_name_valid(part, len))
            return "no names with commas between:";
    }
    return NULL;
}

static const char *set_on(bool *on, const char *how)
{
    *on = strcmp(how, "on") == 0;
    return *on || strcmp(how, "off") == 0 ? NULL : "neither on nor off:";
}

static const char *set_path(const char **to, const char *value)
{
    *to = value;
    return *value != 0 ? NULL : "not a file:";
}

static const char *set_state(struct options *o, const char *value)
{
    o->config.state = value;
    return *value != 0 ? NULL : "not a directory:";
}

static const char *set_fps(struct options *o, const char *value)
{
    return fps_parse(value, &o->cast.fps) ? NULL : "not a frame rate (24, 29.97, 30000/1001):";
}

static const char *set_size(struct options *o, const char *value)
{
    char width[8] = {0};
    const char *by = strchr(value, 'x');
    uint64_t w = 0, h = 0;

    if (by != NULL && (size_t)(by - value) < sizeof width)
        memcpy(width, value, (size_t)(by - value));
    if (!text_to_u64(width, LIMIT_WIDTH, &w) || !text_to_u64(by + 1, LIMIT_HEIGHT, &h) || w == 0 ||
        h == 0)
        return "not a size (as 640x480):";
    o->cast.width = (unsigned)w;
    o->cast.height = (unsigned)h;
    return NULL;
}

static const char *set_viewers(struct options *o, const char *value)
{
    o->cast.viewers = value;
    return policy_valid(value) ? NULL : "not all, nor names with commas between:";
}

static const char *set_display(struct options *o, const char *value)
{
    o->config.display = value;
    return display_known(value) ? NULL : "unknown display";
}

static const char *take_cast_option(struct options *o, int option, const char *value)
{
    switch (option) {
    case 'F':
        return set_fps(o, value);
    case 'W':
        return set_viewers(o, value);
    case 'C':
        return set_path(&o->cast.camera, value);
    case 'Z':
        return set_size(o, value);
    case 'L':
        o->cast.plain = true;
        return NULL;
    default:
        return NULL;
    }
}

/* One option, of the command line or the file. */
static const char *take_option(void *owner, int option, const char *value)
{
    struct options *o = owner;

    switch (option) {
    case 'n':
        return set_name(o, value);
    case 's':
        return set_state(o, value);
    case 'e':
        return optfile_switch(&o->config.ephemeral, value);
    case 'P':
        return set_path(&o->config.passphrase_file, value);
    case 'N':
        return set_path(&o->new_passphrase_file, value);
    case 'i':
        return set_path(&o->invitation_file, value);
    case 'p':
        return options_pin(o, value);
    case 't':
        return optfile_switch(&o->config.trust_first, value);
    case 'd':
        return set_display(o, value);
    case 'D':
        return set_direct_port(o, value);
    case 'o':
        return set_path(&o->config.downloads, value);
    case 'm':
        return set_max_file(o, value);
    case 'a':
        return set_accept_from(o, value);
    case 'r':
        return set_on(&o->config.reconnect, value);
    case 'R':
        return set_on(&o->config.receipts, value);
    case 'j':
        return optfile_switch(&o->config.json, value);
    case 'f':
        o->from = value;
        return text_name_valid(value, strlen(value)) ? NULL : "not a name:";
    case 'O':
        o->once = true;
        return NULL;
    case 'k':
        o->kiosk = true;
        return NULL;
    case 'S':
        return optfile_switch(&o->stay, value);
    default:
        return take_cast_option(o, option, value);
    }
}

static enum client_exit set_places(struct options *o)
{
    if (o->config.state != NULL || o->config.ephemeral)
        return CLIENT_EXIT_GOOD;
    o->config.state = o->state;
    return paths_state(o->state, "den") ? CLIENT_EXIT_GOOD
                                        : options_usage("no home directory: give", "--state");
}

/* What comes before the file, and before everything else. */
static enum client_exit look(struct options *o, int argc, char **argv,
                             const struct optfile_list *list)
{
    char names[DISPLAY_NAMES];
    int found = optfile_look(list, argc, argv, "", &o->config_file);

    if (found == OPTFILE_CONFIG)
        return options_usage("not a file:", "");
    if (found == OPTFILE_HELP)
        printf(options_help, display_names(names));
    if (found == OPTFILE_VERSION)
        puts("den " DEN_VERSION);
    o->nothing = found == OPTFILE_HELP || found == OPTFILE_VERSION;
    return found == '?' ? CLIENT_EXIT_USAGE : CLIENT_EXIT_GOOD;
}

static enum client_exit read_file(struct options *o, const struct optfile_list *list)
{
    char usual[PATHS_MAX], why[OPTFILE_WHY];
    const char *path = o->config_file;
    bool good;

    if (path == NULL && paths_config(usual, "den/den.conf"))
        path = usual;
    if (path == NULL || strcmp(path, "off") == 0)
        return CLIENT_EXIT_GOOD;
    o->in_file = true;
    good = optfile_read(&o->file, path, o->config_file != NULL, list, why);
    o->in_file = false;
    if (good)
        return CLIENT_EXIT_GOOD;
    fprintf(stderr, "den: %s\n", why);
    return CLIENT_EXIT_USAGE;
}

static enum client_exit take_all(struct options *o, int argc, char **argv,
                                 const struct optfile_list *list)
{
    const char *value, *wrong = optfile_command_line(list, argc, argv, "", &value);

    return wrong != NULL ? options_usage(wrong, value)
                         : options_words(o, argc - optind, argv + optind);
}

enum client_exit options_parse(int argc, char **argv, struct options *o)
{
    static char program[] = "den";
    const struct optfile_list list = {long_options, NEVER_IN_FILE, take_option, o};
    enum client_exit code;

    *o = (struct options){.config = {.display = "auto", .reconnect = true, .receipts = true}};
    argv[0] = program; /* which begins what getopt says */
    code = look(o, argc, argv, &list);
    if (code != CLIENT_EXIT_GOOD || o->nothing)
        return code;
    code = read_file(o, &list);
    if (code == CLIENT_EXIT_GOOD)
        code = take_all(o, argc, argv, &list);
    return code == CLIENT_EXIT_GOOD ? set_places(o) : code;
}

void options_free(struct options *o)
{
    file_free(&o->file);
}
