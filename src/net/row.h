/* Rows that the links of a hub stand in, each link in each of them once at most: who came first stands
 * first, and may leave from anywhere. */
#ifndef DEN_NET_ROW_H
#define DEN_NET_ROW_H

struct link;

enum row {
    ROW_WARM,  /* their buffers may be in use, see cooler.h */
    ROW_HOARD, /* they hold a part of a large message, see hoard.h */
    /* Links of a server whose hello came and is not answered yet: for that the private key is needed, which
     * takes a millisecond and more. So they wait, neither read nor watched, and link_hub_turn lets the first
     * go on. */
    ROW_STEPS,
    LINK_ROWS
};

/* To the end, if it is not in it. */
void row_join(struct link *l, enum row row);
/* Idempotent. */
void row_leave(struct link *l, enum row row);

#endif
