/* The commands about files. */
#ifndef DEN_CLIENT_SHELL_PARCEL_H
#define DEN_CLIENT_SHELL_PARCEL_H

#include <stdbool.h>

struct shell;

void shell_parcel_send(struct shell *s, const char *rest);
void shell_parcel_files(struct shell *s, const char *rest);
void shell_parcel_cancel(struct shell *s, const char *rest);
/* /accept and /decline, with what stands behind them: "#N" is a file; a NAME is a call of NAME if one
 * rings, else all files that NAME offers; nothing is the only thing that waits. True if it was about
 * files, or wrong; false: about calls. */
bool shell_parcel_answer(struct shell *s, const char *word, bool yes);

#endif
