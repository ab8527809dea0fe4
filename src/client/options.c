#include "client/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/fingerprint.h"
#include "platform/display.h"

#define DEFAULT_PORT 7411

static const struct option long_options[] = {
    {"name", required_argument, NULL, 'n'},
    {"state", required_argument, NULL, 's'},
    {"ephemeral", no_argument, NULL, 'e'},
    {"passphrase-file", required_argument, NULL, 'P'},
    {"new-passphrase-file", required_argument, NULL, 'N'},
    {"invitation-file", required_argument, NULL, 'i'},
    {"pin", required_argument, NULL, 'p'},
    {"trust-first", no_argument, NULL, 't'},
    {"display", required_argument, NULL, 'd'},
    {"direct-port", required_argument, NULL, 'D'},
    {"reconnect", required_argument, NULL, 'r'},
    {"receipts", required_argument, NULL, 'R'},
    {"json", no_argument, NULL, 'j'},
    {"stay", no_argument, NULL, 'S'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {0},
};

static const char help_text[] =
    "usage: den [OPTIONS] ADDRESS                   enter a room\n"
    "       den [OPTIONS] msg ADDRESS NAME TEXT|-   send one sealed message\n"
    "       den [OPTIONS] who ADDRESS               list who is there\n"
    "       den [OPTIONS] play ADDRESS CLIP [thirds|alternate|auto|HEIGHT]\n"
    "       den [OPTIONS] key make|show|fingerprint|passphrase|export\n"
    "\n"
    "ADDRESS is HOST, HOST:PORT, [IPV6]:PORT or den://HOST:PORT/#FINGERPRINT.\n"
    "\n"
    "  --name NAME         who you are in the room (asked at a terminal)\n"
    "  --state DIR         where your key, servers and contacts are kept\n"
    "  --ephemeral         a new key in memory alone, gone at the end\n"
    "  --passphrase-file FILE\n"
    "                      your key's passphrase is the first line of FILE\n"
    "  --new-passphrase-file FILE\n"
    "                      what `den key passphrase` makes of it; empty: none\n"
    "  --pin FINGERPRINT   the server's key must be this one\n"
    "  --invitation-file FILE|-\n"
    "                      the code that lets you in, from a file or standard input\n"
    "                      (asked at a terminal)\n"
    "  --trust-first       accept the key of a server that is not known yet\n"
    "  --direct-port N|off where direct calls come in: else any free port\n"
    "  --display NAME      where clips are shown: %s\n"
    "  --reconnect on|off  come back when the link is lost (on)\n"
    "  --receipts on|off   tell who wrote to you that it was shown (on)\n"
    "  --json              one JSON object a line, for programs\n"
    "  --stay              go on at the end of input\n"
    "  --help, --version   this text; the version\n"
    "\n"
    "Exit: 0 good, 1 failed, 2 usage, 3 a key, its passphrase or the\n"
    "admission refused, 4 no such member.\n"
    "See den(1).\n";

static enum client_exit usage(const char *what, const char *value)
{
    fprintf(stderr, "den: %s '%s' (see den --help)\n", what, value);
    return CLIENT_EXIT_USAGE;
}

static enum client_exit set_name(struct options *o, const char *name)
{
    if (!text_name_valid(name, strlen(name)))
        return usage("not a name (1 to 32 of A-Z a-z 0-9 _ . -):", name);
    strcpy(o->config.name, name);
    return CLIENT_EXIT_GOOD;
}

static enum client_exit set_pin(struct options *o, const char *text)
{
    uint8_t pin[SIZE_FINGERPRINT];

    if (!fingerprint_parse(pin, text))
        return usage("not a fingerprint (64 hexadecimal digits):", text);
    if (o->config.pin != NULL && memcmp(o->config.pin, pin, SIZE_FINGERPRINT) != 0)
        return usage("two different fingerprints, the second", text);
    memcpy(o->pin, pin, SIZE_FINGERPRINT);
    o->config.pin = o->pin;
    return CLIENT_EXIT_GOOD;
}

static enum client_exit set_direct_port(struct options *o, const char *text)
{
    uint64_t port = 0;

    o->config.direct_off = strcmp(text, "off") == 0;
    if (!o->config.direct_off && (!text_to_u64(text, UINT16_MAX, &port) || port == 0))
        return usage("not a port (1 to 65535) or off:", text);
    o->config.direct_port = (uint16_t)port;
    return CLIENT_EXIT_GOOD;
}

static enum client_exit set_switch(bool *on, const char *how)
{
    *on = strcmp(how, "on") == 0;
    if (*on || strcmp(how, "off") == 0)
        return CLIENT_EXIT_GOOD;
    return usage("neither on nor off:", how);
}

static enum client_exit take_option(struct options *o, int option)
{
    switch (option) {
    case 'n':
        return set_name(o, optarg);
    case 's':
        o->config.state = optarg;
        return *optarg != 0 ? CLIENT_EXIT_GOOD : usage("not a directory:", optarg);
    case 'e':
        o->config.ephemeral = true;
        return CLIENT_EXIT_GOOD;
    case 'P':
        o->config.passphrase_file = optarg;
        return *optarg != 0 ? CLIENT_EXIT_GOOD : usage("not a file:", optarg);
    case 'N':
        o->new_passphrase_file = optarg;
        return *optarg != 0 ? CLIENT_EXIT_GOOD : usage("not a file:", optarg);
    case 'i':
        o->invitation_file = optarg;
        return *optarg != 0 ? CLIENT_EXIT_GOOD : usage("not a file:", optarg);
    case 'p':
        return set_pin(o, optarg);
    case 't':
        o->config.trust_first = true;
        return CLIENT_EXIT_GOOD;
    case 'd':
        o->config.display = optarg;
        return display_known(optarg) ? CLIENT_EXIT_GOOD : usage("unknown display", optarg);
    case 'D':
        return set_direct_port(o, optarg);
    case 'r':
        return set_switch(&o->config.reconnect, optarg);
    case 'R':
        return set_switch(&o->config.receipts, optarg);
    case 'j':
        o->config.json = true;
        return CLIENT_EXIT_GOOD;
    case 'S':
        o->stay = true;
        return CLIENT_EXIT_GOOD;
    case 'h':
        printf(help_text, display_names());
        o->nothing = true;
        return CLIENT_EXIT_GOOD;
    case 'V':
        puts("den " DEN_VERSION);
        o->nothing = true;
        return CLIENT_EXIT_GOOD;
    default:
        return CLIENT_EXIT_USAGE;
    }
}

/* Whatever form it was typed in, one place has one spelling, for its key is kept under that. */
static enum client_exit set_address(struct options *o, const char *text)
{
    char copy[PINS_PLACE + 128];
    char *fragment;
    const char *at = text;
    struct client_config *c = &o->config;
    enum client_exit code;

    if (strncmp(text, "den://", 6) == 0)
        at = text + 6;
    if (strlen(at) >= sizeof copy)
        return usage("not an address:", text);
    strcpy(copy, at);
    fragment = strchr(copy, '#');
    if (fragment != NULL) {
        *fragment++ = 0;
        code = set_pin(o, fragment);
        if (code != CLIENT_EXIT_GOOD)
            return code;
    }
    copy[strcspn(copy, "/")] = 0;
    c->port = DEFAULT_PORT;
    if (!address_split(copy, c->host, &c->port) || c->host[0] == 0 || c->port == 0)
        return usage("not an address (HOST, HOST:PORT, [IPV6]:PORT):", text);
    for (char *p = c->host; *p != 0; p++) {
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    }
    snprintf(c->place, sizeof c->place, strchr(c->host, ':') != NULL ? "[%s]:%u" : "%s:%u", c->host,
             c->port);
    return CLIENT_EXIT_GOOD;
}

static const struct {
    const char *word;
    enum verb verb;
    int least, most; /* arguments behind the address */
} verbs[] = {
    {"msg", VERB_MSG, 2, 2},
    {"who", VERB_WHO, 0, 0},
    {"play", VERB_PLAY, 1, 2},
    {"key", VERB_KEY, 1, 1},
};

/* Takes the verb off the front of the words, if there is one; *least and *most: what else it needs.
 */
static void take_verb(struct options *o, int *count, char ***words, int *least, int *most)
{
    *least = *most = 0;
    for (size_t i = 0; *count > 0 && i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(**words, verbs[i].word) != 0)
            continue;
        o->verb = verbs[i].verb;
        *least = verbs[i].least;
        *most = verbs[i].most;
        ++*words;
        --*count;
        return;
    }
}

static enum client_exit take_words(struct options *o, int count, char **words)
{
    int least, most;
    enum client_exit code = CLIENT_EXIT_GOOD;

    take_verb(o, &count, &words, &least, &most);
    if (o->verb != VERB_KEY) {
        if (count == 0)
            return usage("an ADDRESS is missing behind", o->verb == VERB_ROOM ? "den" : words[-1]);
        code = set_address(o, words[0]);
        words++;
        count--;
    }
    if (code != CLIENT_EXIT_GOOD)
        return code;
    if (count > most)
        return usage("too many arguments, the first", words[most]);
    if (count < least)
        return usage("too few arguments behind", words[count - 1]);
    if (o->verb == VERB_KEY && o->config.ephemeral)
        return usage("no key is kept with --ephemeral: den key", words[0]);
    if (o->verb == VERB_KEY && o->invitation_file != NULL)
        return usage("only for a room: --invitation-file", o->invitation_file);
    if (o->new_passphrase_file != NULL &&
        (o->verb != VERB_KEY || strcmp(words[0], "passphrase") != 0))
        return usage("only for den key passphrase: --new-passphrase-file", o->new_passphrase_file);
    o->config.one_shot = o->verb != VERB_ROOM;
    o->count = count;
    memcpy(o->arguments, words, (size_t)count * sizeof *words);
    return code;
}

static enum client_exit set_places(struct options *o)
{
    if (o->config.state != NULL || o->config.ephemeral)
        return CLIENT_EXIT_GOOD;
    o->config.state = o->state;
    return paths_state(o->state, "den") ? CLIENT_EXIT_GOOD
                                        : usage("no home directory: give", "--state");
}

enum client_exit options_parse(int argc, char **argv, struct options *o)
{
    static char program[] = "den";
    int option;
    enum client_exit code;

    *o = (struct options){.config = {.display = "auto", .reconnect = true, .receipts = true}};
    argv[0] = program; /* which begins what getopt says */
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        code = take_option(o, option);
        if (code != CLIENT_EXIT_GOOD || o->nothing)
            return code;
    }
    code = take_words(o, argc - optind, argv + optind);
    if (code != CLIENT_EXIT_GOOD)
        return code;
    return set_places(o);
}
