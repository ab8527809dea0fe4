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
    /* The prompt is to change; may be NULL. */
    void (*prompt)(void *owner, const char *to);
    void *owner;
};

/* One line, in the room. */
void shell_line(struct shell *s, const char *line);
/* Whether it may be kept in a history: what is said to the server may not. */
bool shell_remembers(const struct shell *s, const char *line);
/* The nth completion of a word, NULL when there are no more: commands, and names of members. */
const char *shell_complete(const struct shell *s, const char *word, size_t nth);

#endif
