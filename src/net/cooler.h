/* Hands back the memory of links that idle: nearly all of a link is room for one TLS record each way,
 * of which nothing is needed while no record is under way. Links stand in a row by when they were
 * looked at last, each after COOLER_IDLE_NS: who has not been used since then gives it up, and takes it
 * again by using it. Using one again does not touch the row, for its neighbours are in no cache. */
#ifndef DEN_NET_COOLER_H
#define DEN_NET_COOLER_H

#include <stdint.h>

#include "net/link.h"

#define COOLER_IDLE_NS INT64_C(5000000000)
/* Who would be due so soon is looked at together with who is: one wake-up for all of a room. */
#define COOLER_SOON_NS INT64_C(1000000000)

/* When cooler_tick has something to do; INT64_MAX if never. */
int64_t cooler_due(const struct link_hub *hub);
void cooler_tick(struct link_hub *hub, int64_t now);

/* For the link's own parts: it is used at `now`; it is going. */
void cooler_use(struct link *l, int64_t now);
void cooler_forget(struct link *l);

#endif
