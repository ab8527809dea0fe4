/* What comes from the server: every message to the part that it is for. */
#ifndef DEN_CLIENT_INBOX_H
#define DEN_CLIENT_INBOX_H

#include "net/link.h"

/* For links whose owner is a struct client. */
extern const struct link_events inbox_events;

#endif
