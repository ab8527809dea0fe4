/* What a hub's links hold of large messages that are not whole yet. A peer may begin one and never end it,
 * and a room may have thousands of peers. So when all of it together is too much, the link whose message
 * began first is ended: who has a reason to write one does so in a moment. */
#ifndef DEN_NET_HOARD_H
#define DEN_NET_HOARD_H

struct link;

/* After messages were taken from what came; may end another link, or this one. */
void hoard_look(struct link *l);
/* When the link is freed. */
void hoard_forget(struct link *l);

#endif
