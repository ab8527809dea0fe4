/* The way into the room: HELLO, HELLO+ACK, ACK, and what a newcomer is told first. */
#ifndef DEN_SERVER_ENTRY_H
#define DEN_SERVER_ENTRY_H

#include "base/cursor.h"
#include "base/err.h"

struct session;

/* A reason other than ERR_OK: the message is malformed or does not belong here. What it says may be
 * refused all the same, then the session is over and ERR_OK is returned. */
enum err entry_hello(struct session *s, struct span payload);
enum err entry_ack(struct session *s, struct span payload);

/* The name is the session's, and that is on disk: into the room, WELCOME and the lists follow. */
void entry_welcome(struct session *s);

#endif
