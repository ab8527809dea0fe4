/* The links that files go over: for parcels.c. */
#ifndef DEN_CLIENT_PARCELS_LINK_H
#define DEN_CLIENT_PARCELS_LINK_H

#include <stdint.h>

struct client;
struct peer;

/* Something about its files is another way: sends, reads or not, opens what has its turn. */
void parcels_link_changed(struct peer *l);
/* Makes links for what waits, and ends those that nobody needs. */
void parcels_link_tick(struct client *c, int64_t now);
/* When that can do something next that nothing else wakes it for; INT64_MAX: never. */
int64_t parcels_link_due(const struct client *c);

#endif
