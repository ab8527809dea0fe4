/* The commands of direct chats, and where a line goes while one is the current one. */
#ifndef DEN_CLIENT_SHELL_DIRECT_H
#define DEN_CLIENT_SHELL_DIRECT_H

#include <stdbool.h>

struct shell;

void shell_direct_chat(struct shell *s, const char *rest);
void shell_direct_accept(struct shell *s, const char *rest);
void shell_direct_decline(struct shell *s, const char *rest);
/* /to NAME while there is a call or chat with that name: lines go there. False if there is none. */
bool shell_direct_to(struct shell *s, const char *name);
/* A line that is no command, while `to` is a direct chat. */
void shell_direct_line(struct shell *s, const char *line);
/* The call or chat with that name is over: then what is typed goes to nobody, never anywhere else. */
void shell_direct_over(struct shell *s, const char *name);

#endif
