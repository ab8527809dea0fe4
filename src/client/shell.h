/* The commands, as a table that makes /help as well. */
#ifndef DEN_CLIENT_SHELL_H
#define DEN_CLIENT_SHELL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"

struct client;

struct shell {
    struct client *client;
    char to[LIMIT_NAME + 1]; /* where a bare line goes; "" for nowhere */
    bool to_server;          /* it goes to the server, and `to` is "" */
    bool direct;             /* over the direct chat with that name */
    /* The prompt is to change; may be NULL. way: "to" or "direct". */
    void (*prompt)(void *owner, const char *way, const char *to);
    void *owner;
};

/* What is wrong with what was typed; word: for programs. */
void shell_complain(struct shell *s, const char *word, const char *text);
/* Whether nothing but blanks is left; false with a complaint. */
bool shell_nothing_more(struct shell *s, const char *rest);
/* The first word of rest, and what follows it; false if it does not fit or there is none. */
bool shell_split_word(const char *rest, char *word, size_t size, const char **after);
/* The one word that a command takes, "" if there is none; NULL if it is too long, or more follows. */
const char *shell_only_word(const char *rest, char *word, size_t size);
/* One line, in the room. */
void shell_line(struct shell *s, const char *line);
/* Whether it may be kept in a history: what is said to the server may not. */
bool shell_remembers(const struct shell *s, const char *line);
/* The nth completion of a word, NULL when there are no more: commands, and names of members. */
const char *shell_complete(const struct shell *s, const char *word, size_t nth);

#endif
