/* What is typed to the server, and the end of it: each waits for the key and for those before it; a line
 * is signed on the worker, sealed and sent. For talk.c alone. */
#ifndef DEN_CLIENT_TALK_OUT_H
#define DEN_CLIENT_TALK_OUT_H

#include <stdbool.h>

#include "client/talk.h"

/* A line; without text the end of the conversation. Without memory it says so itself. */
enum err talk_out_add(struct client *c, struct span text);
/* Begins what is next, if the conversation is open and nothing is being signed. */
void talk_out_work(struct client *c);
/* Whether the end is what waits last. */
bool talk_out_ending(const struct talk *t);
/* Drops what waits; what is being signed stays until that is done, and is not sent. True if a line was
 * lost by that. */
bool talk_out_drop(struct talk *t);
/* Drops all; when nothing is being signed any more. */
void talk_out_free(struct talk *t);

#endif
