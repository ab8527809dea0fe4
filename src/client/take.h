/* A file that comes in: what it answers to messages and to the worker. Pure: what is to be sent goes into
 * out, what the worker is to do stands in write.job when take_wants says that there is something. */
#ifndef DEN_CLIENT_TAKE_H
#define DEN_CLIENT_TAKE_H

#include "client/parcel.h"

/* An offer: of something new, or of what was cut before. name, token and key are set by the owner. */
void take_offer(struct parcel *p, const struct wire_offer *m);
/* The user wants it. */
void take_agree(struct parcel *p);
/* Its turn has come. */
void take_open(struct parcel *p);
/* BEGIN, DATA, END and DROP of this file. What is wrong with it, if anything is. */
enum err take_message(struct parcel *p, const struct message *m, int64_t now, struct buf *out);
/* Is there something for the worker? Then it is busy from now on. */
bool take_wants(struct parcel *p);
/* After a DATA: is there something to be done, or too much to go on reading? */
bool take_wants_more(const struct parcel *p);
/* The worker is done. */
void take_worked(struct parcel *p, struct buf *out);
/* More than that can't be held: nothing must be read from the link. */
bool take_full(const struct parcel *p);
/* The link is gone: what was agreed to waits for another. */
void take_cut(struct parcel *p);

#endif
