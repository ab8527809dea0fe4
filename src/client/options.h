/* den's command line: options, verbs and where things are; and the file that has the same options. */
#ifndef DEN_CLIENT_OPTIONS_H
#define DEN_CLIENT_OPTIONS_H

#include <stdbool.h>

#include "client/client.h"
#include "platform/file.h"
#include "platform/paths.h"

enum verb {
    VERB_ROOM,
    VERB_MSG,
    VERB_WHO,
    VERB_PLAY,
    VERB_CAST,
    VERB_SEND,
    VERB_RECEIVE,
    VERB_KEY
};

struct options {
    struct client_config config;
    enum verb verb;
    char **words; /* behind verb and address; borrowed of argv */
    int count;
    const char *from;                /* whose files den receive takes; NULL: anybody's */
    bool once;                       /* one of them */
    const char *new_passphrase_file; /* for den key passphrase; NULL: it is asked for */
    const char *invitation_file;     /* "-": standard input; NULL: none */
    bool kiosk;                      /* clips in a loop: config.clips */
    struct caster_wish cast;         /* of den cast: fps, viewers, plain */
    bool stay;                       /* the end of input does not end den */
    bool nowhere;                    /* no address was given: see lobby.h */
    bool nothing;                    /* --help or --version was answered */
    struct file_bytes file;          /* which strings of config may point into */
    const char *config_file;         /* NULL: the usual one; "off": none */
    bool in_file;                    /* while that is read */
    bool pinned;                     /* pin is of the command line */
    char state[PATHS_MAX];
    uint8_t pin[SIZE_FINGERPRINT];
    uint8_t invitation[SIZE_INVITATION];
};

/* CLIENT_EXIT_GOOD, or CLIENT_EXIT_USAGE after one line on standard error that names the value. */
enum client_exit options_parse(int argc, char **argv, struct options *o);
/* Sets host, port, place and perhaps the pin; the same verdicts. */
enum client_exit options_address(struct options *o, const char *text);
/* Idempotent; what config points to is gone then. */
void options_free(struct options *o);

/* What --help prints, a format for the names of the displays. */
extern const char options_help[];

#endif
