/* The one message of den msg. */
#ifndef DEN_CLIENT_MESSAGE_H
#define DEN_CLIENT_MESSAGE_H

#include "base/buf.h"

struct client;

/* Its whole text: the argument, or for "-" standard input. Read before anything else is begun: it may
 * be a long time in coming, and then whoever waits can still give up. */
void message_read(const char *argument, struct buf *text);
/* In the room; where it can't be sent the client quits, with the exit code that says why. */
void message_send(struct client *c, const char *to, const struct buf *text);

#endif
