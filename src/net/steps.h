/* Links of a server whose hello came and is not answered yet: for that the private key is needed, which
 * takes a millisecond and more. So they stand in a row, neither read nor watched, and link_hub_turn lets
 * the first go on. */
#ifndef DEN_NET_STEPS_H
#define DEN_NET_STEPS_H

struct link;

/* To the end of the row, if it is not in it. */
void steps_wait(struct link *l);
/* Out of the row: it may go on, ended, or is freed. Idempotent. */
void steps_forget(struct link *l);

#endif
