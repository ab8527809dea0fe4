#include "client/shell.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "client/chat.h"
#include "client/client.h"
#include "client/report_direct.h"
#include "client/shell_cast.h"
#include "client/shell_direct.h"
#include "client/shell_parcel.h"
#include "client/shell_video.h"
#include "client/trust.h"

struct command {
    const char *name;
    const char *arguments;
    const char *help;
    /* rest: what follows the command and the space behind it; "" if nothing does. */
    void (*run)(struct shell *s, const char *rest);
};

static void do_help(struct shell *s, const char *rest);

void shell_complain(struct shell *s, const char *word, const char *text)
{
    report_error(&s->client->report, word, text, 0);
}

bool shell_split_word(const char *rest, char *word, size_t size, const char **after)
{
    size_t len = strcspn(rest, " ");

    if (len == 0 || len >= size)
        return false;
    memcpy(word, rest, len);
    word[len] = 0;
    *after = rest + len + (rest[len] == ' ');
    return true;
}

const char *shell_only_word(const char *rest, char *word, size_t size)
{
    const char *after = "";

    if (rest[strspn(rest, " ")] == 0)
        word[0] = 0;
    else if (!shell_split_word(rest, word, size, &after) || after[strspn(after, " ")] != 0)
        return NULL;
    return word;
}

bool shell_nothing_more(struct shell *s, const char *rest)
{
    if (rest[strspn(rest, " ")] == 0)
        return true;
    shell_complain(s, "usage", "too much behind the command: /help shows how it is used");
    return false;
}

static void do_who(struct shell *s, const char *rest)
{
    struct client *c = s->client;

    if (!shell_nothing_more(s, rest))
        return;
    if (c->state == CLIENT_ALONE)
        report_note(&c->report, "The server is gone; this is as it was last:");
    report_directory(&c->report, c->bindings.count, &c->members);
    report_reachable(&c->report, &c->members, c->config->name);
    chat_list(c);
}

static void do_key(struct shell *s, const char *rest)
{
    struct client *c = s->client;
    char word[LIMIT_NAME + 1];
    const char *name = shell_only_word(rest, word, sizeof word);
    const struct member *m;
    const struct contact *known;

    if (name == NULL) {
        shell_complain(s, "usage", "usage: /key [NAME]");
        return;
    }
    if (*name == 0) {
        report_key(&c->report, c->config->name, &c->identity.public);
        return;
    }
    m = members_find(&c->members, name);
    known = contacts_find(&c->contacts, c->server.fingerprint, name);
    if (m != NULL)
        report_key(&c->report, m->name, &m->key);
    else if (known != NULL)
        report_key(&c->report, known->name, &known->key);
    else
        shell_complain(s, "no-member", "nobody of that name is here or was met before");
}

static void do_msg(struct shell *s, const char *rest)
{
    char name[LIMIT_NAME + 1];
    const char *text;

    if (shell_split_word(rest, name, sizeof name, &text))
        mail_send(s->client, name, (struct span){(const uint8_t *)text, strlen(text)});
    else
        shell_complain(s, "usage", "usage: /msg NAME TEXT");
}

static void set_partner(struct shell *s, const char *to, bool server)
{
    snprintf(s->to, sizeof s->to, "%s", to);
    s->to_server = server;
    s->direct = false;
    if (s->prompt != NULL)
        s->prompt(s->owner, "to", server ? "server" : to);
}

/* Lines are for the server, exit apart. */
static void tell_server(struct shell *s, const char *text)
{
    if (strcmp(text, "exit") != 0) {
        talk_write(s->client, (struct span){(const uint8_t *)text, strlen(text)});
        return;
    }
    talk_finish(s->client);
    if (s->to_server)
        set_partner(s, "", false);
}

static void do_server(struct shell *s, const char *rest)
{
    if (rest[strspn(rest, " ")] != 0) {
        tell_server(s, rest);
    } else if (talk_possible(s->client)) {
        set_partner(s, "", true);
        report_note(&s->client->report, "What you type goes to the server now; exit ends that.");
    }
}

static void do_to(struct shell *s, const char *rest)
{
    char word[LIMIT_NAME + 1];
    const char *name = shell_only_word(rest, word, sizeof word);
    const struct member *m;

    if (name == NULL) {
        shell_complain(s, "usage", "usage: /to [NAME]");
        return;
    }
    if (shell_direct_to(s, name))
        return;
    m = members_find(&s->client->members, name);
    if (*name != 0 && m == NULL) {
        char why[LIMIT_NAME + 32];

        snprintf(why, sizeof why, "no such member: %s", name);
        shell_complain(s, "no-member", why);
        return;
    }
    set_partner(s, m == NULL ? "" : m->name, false);
    if (m == NULL)
        report_note(&s->client->report, "What you type goes to nobody now.");
    else
        report_note(&s->client->report, "What you type goes to %s now, sealed.", m->name);
}

static void do_all(struct shell *s, const char *rest)
{
    mail_send(s->client, NULL, (struct span){(const uint8_t *)rest, strlen(rest)});
}

static void do_observe(struct shell *s, const char *rest)
{
    char word[8];
    const char *how = shell_only_word(rest, word, sizeof word);
    bool on = how != NULL && strcmp(how, "on") == 0;

    if (how == NULL || (!on && strcmp(how, "off") != 0)) {
        shell_complain(s, "usage", "usage: /observe on|off");
        return;
    }
    s->client->observe = on;
    report_note(&s->client->report, on ? "Messages that are not for you are shown as they come."
                                       : "Messages that are not for you are not shown.");
}

/* NAME, or NAME and the word that may stand behind it; false with a complaint. */
static bool name_and_word(struct shell *s, const char *rest, char name[static LIMIT_NAME + 1],
                          const char *word, bool *with, const char *usage)
{
    char second[8];
    const char *after, *behind;

    *with = false;
    if (shell_split_word(rest, name, LIMIT_NAME + 1, &after)) {
        behind = shell_only_word(after, second, sizeof second);
        *with = behind != NULL && strcmp(behind, word) == 0;
        if (*with || (behind != NULL && *behind == 0))
            return true;
    }
    shell_complain(s, "usage", usage);
    return false;
}

static void do_verify(struct shell *s, const char *rest)
{
    char name[LIMIT_NAME + 1];
    bool ok;

    if (name_and_word(s, rest, name, "ok", &ok, "usage: /verify NAME [ok]"))
        trust_verify(s->client, name, ok);
}

static void do_trust(struct shell *s, const char *rest)
{
    char word[LIMIT_NAME + 1];
    const char *name = shell_only_word(rest, word, sizeof word);

    if (name == NULL || *name == 0)
        shell_complain(s, "usage", "usage: /trust NAME");
    else
        trust_accept(s->client, name);
}

static void do_ignore(struct shell *s, const char *rest)
{
    char name[LIMIT_NAME + 1];
    bool off;

    if (rest[strspn(rest, " ")] == 0)
        report_ignored(&s->client->report, &s->client->members);
    else if (name_and_word(s, rest, name, "off", &off, "usage: /ignore [NAME [off]]"))
        trust_ignore(s->client, name, !off);
}

static void do_quit(struct shell *s, const char *rest)
{
    if (shell_nothing_more(s, rest))
        client_leave(s->client);
}

static const struct command commands[] = {
    {"/who", "", "who is here", do_who},
    {"/key", "[NAME]", "somebody's public key and its fingerprint, or yours", do_key},
    {"/msg", "NAME TEXT", "a message that only NAME can read", do_msg},
    {"/to", "[NAME]", "what you type without a command goes to NAME", do_to},
    {"/server", "[TEXT|exit]", "say it to the server, or all you type; exit ends that", do_server},
    {"/all", "TEXT", "a message sealed to everyone who is here", do_all},
    {"/chat", "NAME", "talk to NAME directly, without the server (EOM ends it)", shell_direct_chat},
    {"/send", "NAME FILE...", "send files directly", shell_parcel_send},
    {"/accept", "[NAME|#N]", "take NAME's call or files, or that file", shell_direct_accept},
    {"/decline", "[NAME|#N]", "don't", shell_direct_decline},
    {"/files", "", "files on their way", shell_parcel_files},
    {"/cancel", "#N", "don't send or take that one after all", shell_parcel_cancel},
    {"/verify", "NAME [ok]", "a number to compare with NAME; ok: it is the same", do_verify},
    {"/trust", "NAME", "accept the key that NAME has now", do_trust},
    {"/ignore", "[NAME [off]]", "don't show messages of NAME's key, or do again", do_ignore},
    {"/observe", "on|off", "show what comes and is not for you, as it comes", do_observe},
    {"/videos", "", "the clips and casts that can be played", shell_videos},
    {"/play", "NAME [thirds|alternate|auto|HEIGHT]", "play a clip", shell_play},
    {"/pause", "", "pause the clip, or go on", shell_pause},
    {"/seek", "SECONDS", "go to that place in the clip", shell_seek},
    {"/stop", "", "stop the clip", shell_stop},
    {"/cast", "[NAME FILE [VIEWERS|plain]]", "show FILE, or a pipe, live; what you cast",
     shell_cast},
    {"/uncast", "NAME", "end it", shell_uncast},
    {"/viewers", "NAME VIEWERS", "who may watch it: all, or names with commas; !NAME not",
     shell_viewers},
    {"/help", "", "this list", do_help},
    {"/quit", "", "leave the room (QUIT and Ctrl-D do the same)", do_quit},
    {"QUIT", "", NULL, do_quit},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static void do_help(struct shell *s, const char *rest)
{
    char usage[64];

    if (!shell_nothing_more(s, rest))
        return;
    for (size_t i = 0; i < COMMANDS; i++) {
        if (commands[i].help == NULL)
            continue;
        snprintf(usage, sizeof usage, "%s %s", commands[i].name, commands[i].arguments);
        report_note(&s->client->report, "  %-37s %s", usage, commands[i].help);
    }
}

static void bare_line(struct shell *s, const char *line)
{
    if (s->to_server)
        tell_server(s, line);
    else if (s->direct)
        shell_direct_line(s, line);
    else if (s->to[0] != 0)
        mail_send(s->client, s->to, (struct span){(const uint8_t *)line, strlen(line)});
    else
        shell_complain(s, "usage",
                       "this goes to nobody: /to NAME first, or /msg NAME TEXT (/help)");
}

/* The command that a line begins with, NULL if it is none; len: of its name. */
static const struct command *find_command(const char *line, size_t *len)
{
    *len = strcspn(line, " ");
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strlen(commands[i].name) == *len && strncmp(line, commands[i].name, *len) == 0)
            return &commands[i];
    }
    return NULL;
}

bool shell_remembers(const struct shell *s, const char *line)
{
    size_t len;
    const struct command *c = find_command(line, &len);

    return c == NULL ? !s->to_server : c->run != do_server;
}

void shell_line(struct shell *s, const char *line)
{
    size_t len;
    const struct command *c = find_command(line, &len);

    if (line[strspn(line, " \t")] == 0)
        return;
    if (c != NULL)
        c->run(s, line + len + (line[len] == ' '));
    else if (line[0] == '/')
        shell_complain(s, "usage", "unknown command (/help shows them all)");
    else
        bare_line(s, line);
}

const char *shell_complete(const struct shell *s, const char *word, size_t nth)
{
    const struct members *m = &s->client->members;
    size_t len = strlen(word);

    for (size_t i = 0; i < COMMANDS; i++) {
        if (strncmp(commands[i].name, word, len) == 0 && nth-- == 0)
            return commands[i].name;
    }
    for (size_t i = 0; i < m->count; i++) {
        if (strncasecmp(m->list[i]->name, word, len) == 0 && nth-- == 0)
            return m->list[i]->name;
    }
    return NULL;
}
