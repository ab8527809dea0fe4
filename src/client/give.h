/* A file that goes out: what it answers to messages and to the worker. Pure: what is to be sent goes
 * into out, what the worker is to do stands in read.job when give_wants says that there is something. */
#ifndef DEN_CLIENT_GIVE_H
#define DEN_CLIENT_GIVE_H

#include "client/parcel.h"

/* There is a link. */
void give_offer(struct parcel *p, uint32_t file, struct buf *out);
/* TAKE, KEPT and DROP of this file. What is wrong with it, if anything is. */
enum err give_message(struct parcel *p, const struct message *m);
/* Is there something for the worker? Then it is busy from now on. */
bool give_wants(struct parcel *p);
/* Is there something for the worker, or for give_settle? */
bool give_wants_more(const struct parcel *p);
/* The worker is done. */
void give_worked(struct parcel *p, int64_t now, struct buf *out);
/* MOVING: one DATA, 0 if there are no bytes now. */
size_t give_fill(struct parcel *p, uint8_t *to, size_t room);
/* After give_worked and give_fill: END, if all is sent. */
void give_settle(struct parcel *p, struct buf *out);
/* The link is gone: waits for another. */
void give_cut(struct parcel *p);

#endif
