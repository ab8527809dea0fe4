/* What becomes of direct calls: who may ring, what the user is told, and what happens when both call
 * each other at once. Then the call of the smaller fingerprint stands, and is accepted on both sides:
 * both users have said that they want to talk. */
#ifndef DEN_CLIENT_SWITCHBOARD_H
#define DEN_CLIENT_SWITCHBOARD_H

#include <stdint.h>

#include "client/call.h"

struct peer;

/* We call: the user is told. */
void switchboard_calls(struct peer *p);
/* A call that came: rings as soon as it may. */
void switchboard_judge(struct peer *p, int64_t now);
void switchboard_news(struct peer *p, enum call_news news);
/* The user's own word: it begins, or ends as `how` says; both are told to the user. */
void switchboard_accept(struct peer *p);
void switchboard_finish(struct peer *p, enum call_end how);

#endif
