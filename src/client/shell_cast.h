/* The commands about casts of ours: /cast, /uncast, /viewers. */
#ifndef DEN_CLIENT_SHELL_CAST_H
#define DEN_CLIENT_SHELL_CAST_H

struct shell;

void shell_cast(struct shell *s, const char *rest);
void shell_uncast(struct shell *s, const char *rest);
void shell_viewers(struct shell *s, const char *rest);

#endif
