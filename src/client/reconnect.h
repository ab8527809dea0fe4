/* Coming back after the link was lost: the room was entered once, so den waits and tries again, for
 * ever, and what the user writes meanwhile is sealed and kept (design 5).
 *
 * here   away   what it means
 * -      -      the room was never entered: a failure ends den
 * -      yes    the same in a kiosk, which waits and tries again
 * yes    -      in the room
 * yes    yes    lost: WAITING until due, then the way in again, as often as it takes
 * -      (any)  never: it must not be tried again, for den was replaced or not admitted */
#ifndef DEN_CLIENT_RECONNECT_H
#define DEN_CLIENT_RECONNECT_H

#include <stdbool.h>
#include <stdint.h>

struct client;

struct reconnect {
    bool here;
    bool never;
    bool away;
    unsigned tries;
    int64_t due; /* while WAITING */
};

/* Lost since the room was entered, and on the way back. */
bool reconnect_away(const struct client *c);
/* The link is of no use any more, or there is none: true if it will be tried again, which the user is
 * then told once, with why (a short sentence). The link must be out of the client's hands. */
bool reconnect_later(struct client *c, const char *why);
/* What came must end den. */
void reconnect_never(struct client *c);
/* WAITING: tries when it is time. */
void reconnect_tick(struct client *c, int64_t now);
/* The room is entered. True if it was before. */
bool reconnect_done(struct client *c);

#endif
