/* What the server tells of the room: the messages that keep members and the binding list up to
 * date. What they return ends the session if it is not ERR_OK. */
#ifndef DEN_CLIENT_PRESENCE_H
#define DEN_CLIENT_PRESENCE_H

#include "base/cursor.h"
#include "base/err.h"

struct client;

enum err presence_welcome(struct client *c, struct span payload);
enum err presence_bindings(struct client *c, struct span payload);
enum err presence_members(struct client *c, struct span payload);
enum err presence_joined(struct client *c, struct span payload);
enum err presence_left(struct client *c, struct span payload);

#endif
