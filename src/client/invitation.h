/* The code that lets our key into a room by invitation: from a file, or asked for once the server has
 * refused us without. Never from argv. */
#ifndef DEN_CLIENT_INVITATION_H
#define DEN_CLIENT_INVITATION_H

#include <stdbool.h>

#include "client/options.h"

/* Reads what --invitation-file names, if it was given, and makes it config's invitation: the whole
 * file, or the first line of standard input for "-". CLIENT_EXIT_FAILED: said so on standard error. */
enum client_exit invitation_take(struct options *o);

/* The server has just refused us: is an invitation what may be missing, and can somebody be asked? */
bool invitation_missing(const struct client *c);
/* Leaves the server alone, and asks. */
void invitation_ask(struct client *c);
/* Tries again with what was typed, asks again if that is no code, gives up if it is empty. */
void invitation_answer(struct client *c, const char *line);

#endif
