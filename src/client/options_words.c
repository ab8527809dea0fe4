#include "client/options_words.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_PORT 7411

/* Whatever form it was typed in, one place has one spelling, for its key is kept under that. */
enum client_exit options_address(struct options *o, const char *text)
{
    char copy[PINS_PLACE + 128];
    char *fragment;
    const char *at = text;
    struct client_config *c = &o->config;
    const char *wrong;

    if (strncmp(text, "den://", 6) == 0)
        at = text + 6;
    if (strlen(at) >= sizeof copy)
        return options_usage("not an address:", text);
    strcpy(copy, at);
    fragment = strchr(copy, '#');
    if (fragment != NULL) {
        *fragment++ = 0;
        wrong = options_pin(o, fragment);
        if (wrong != NULL)
            return options_usage(wrong, fragment);
    }
    copy[strcspn(copy, "/")] = 0;
    c->port = DEFAULT_PORT;
    if (!address_split(copy, c->host, &c->port) || c->host[0] == 0 || c->port == 0)
        return options_usage("not an address (HOST, HOST:PORT, [IPV6]:PORT):", text);
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
    {"msg", VERB_MSG, 2, 2},         {"who", VERB_WHO, 0, 0},         {"play", VERB_PLAY, 1, 2},
    {"send", VERB_SEND, 2, INT_MAX}, {"receive", VERB_RECEIVE, 0, 0}, {"cast", VERB_CAST, 1, 2},
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

static enum client_exit take_clips(struct options *o, int count, char **words)
{
    for (int i = 0; i < count; i++) {
        if (*words[i] == 0 || strlen(words[i]) > LIMIT_CLIP)
            return options_usage("not a clip:", words[i]);
    }
    o->config.clips = words;
    o->config.clip_count = (size_t)count;
    return CLIENT_EXIT_GOOD;
}

/* What is for casts alone, and what does not go together; count: of words behind the address. */
static enum client_exit check_cast(const struct options *o, int count)
{
    const struct caster_wish *w = &o->cast;
    const char *one = w->plain             ? "--plain"
                      : w->viewers != NULL ? "--viewers"
                      : w->camera != NULL  ? "--camera"
                      : w->width != 0      ? "--size"
                      : w->fps.num != 0    ? "--fps"
                                           : NULL;

    if (o->verb != VERB_CAST)
        return one == NULL ? CLIENT_EXIT_GOOD : options_usage("only for den cast:", one);
    if (w->plain && w->viewers != NULL)
        return options_usage("the server shows it to all with --plain: --viewers", w->viewers);
    if (w->width != 0 && w->camera == NULL)
        return options_usage("only with --camera:", "--size");
    if ((count == 1) != (w->camera != NULL))
        return count == 1 ? options_usage("a FILE is missing, or", "--camera")
                          : options_usage("either a FILE or", "--camera");
    return CLIENT_EXIT_GOOD;
}

/* Who receives is a member like others, so that it can be found. */
static enum client_exit take_receiver(struct options *o)
{
    struct client_config *c = &o->config;

    c->receives = o->verb == VERB_RECEIVE;
    if (!c->receives && (o->from != NULL || o->once))
        return options_usage("only for den receive:", o->from != NULL ? "--from" : "--once");
    if (c->receives && c->direct_off)
        return options_usage("nothing can be received with", "--direct-port off");
    if (c->receives && (o->from != NULL || c->accept_from == NULL)) {
        c->accept_from = o->from;
        c->accept_all = o->from == NULL;
    }
    return CLIENT_EXIT_GOOD;
}

enum client_exit options_words(struct options *o, int count, char **words)
{
    int least, most;
    enum client_exit code = CLIENT_EXIT_GOOD;

    take_verb(o, &count, &words, &least, &most);
    if (o->kiosk && o->verb != VERB_ROOM)
        return options_usage("a kiosk takes an ADDRESS and clips, not", words[-1]);
    if (o->kiosk) {
        least = 1;
        most = KIOSK_CLIPS;
    }
    if (o->verb != VERB_KEY) {
        o->nowhere = count == 0 && o->verb == VERB_ROOM;
        if (count == 0 && !o->nowhere)
            return options_usage("an ADDRESS is missing behind", words[-1]);
        code = o->nowhere ? CLIENT_EXIT_GOOD : options_address(o, words[0]);
        words += !o->nowhere;
        count -= !o->nowhere;
    }
    if (code != CLIENT_EXIT_GOOD)
        return code;
    if (count > most)
        return options_usage("too many arguments, the first", words[most]);
    if (count < least)
        return options_usage("too few arguments behind", words[count - 1]);
    if (o->verb == VERB_KEY && o->config.ephemeral)
        return options_usage("no key is kept with --ephemeral: den key", words[0]);
    if (o->verb == VERB_KEY && o->invitation_file != NULL)
        return options_usage("only for a room: --invitation-file", o->invitation_file);
    if (o->new_passphrase_file != NULL &&
        (o->verb != VERB_KEY || strcmp(words[0], "passphrase") != 0))
        return options_usage("only for den key passphrase: --new-passphrase-file",
                             o->new_passphrase_file);
    code = check_cast(o, count);
    if (code != CLIENT_EXIT_GOOD)
        return code;
    if (o->kiosk)
        return take_clips(o, count, words);
    o->config.one_shot = o->verb != VERB_ROOM;
    o->count = count;
    o->words = words;
    return take_receiver(o);
}
