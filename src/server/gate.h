/* Who may come in at all, once the proof holds: banned keys never; to a room by invitation alone only
 * keys that have a name there, and who has an invitation. */
#ifndef DEN_SERVER_GATE_H
#define DEN_SERVER_GATE_H

#include <stdbool.h>

#include "base/cursor.h"

struct room;
struct session;
struct invite;

/* code: as in ACK, empty or SIZE_INVITATION bytes. *with: the invitation that must be used up
 * (invites_use) before the session counts as in, NULL if it needs none; valid until the invitations
 * change. What is looked at is the same for all who are not let in, whatever the reason. */
bool gate_admits(const struct room *r, const struct session *s, struct span code,
                 const struct invite **with);

#endif
