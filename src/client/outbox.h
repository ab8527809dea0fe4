/* What was sealed and that no server has accepted yet: kept on disk (unsent.h) and sent again, after a
 * lost link, a refusal for want of room on the server's disk, or a restart of den. */
#ifndef DEN_CLIENT_OUTBOX_H
#define DEN_CLIENT_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

struct client;

/* The room is entered: what waits goes first, in the order of ids; the first time also what an
 * earlier den left. */
void outbox_enter(struct client *c);
/* Says that messages wait, if any do, once: den is about to end. */
bool outbox_warn(struct client *c);
/* When what the server could not store is to be tried again; INT64_MAX: nothing is. */
int64_t outbox_due(const struct client *c);
void outbox_tick(struct client *c, int64_t now);

#endif
