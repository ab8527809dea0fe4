/* How report*.c write one event: for them alone. */
#ifndef DEN_CLIENT_REPORT_EVENT_H
#define DEN_CLIENT_REPORT_EVENT_H

#include "client/report.h"

/* An empty buffer that holds a directory of the largest room. */
struct buf report_buf(void);
/* The same with {"event":"..." in it where programs read; report_send ends it, prints and
 * frees; false if it could not be written, or there was no memory for it. */
struct buf report_begin(const struct report *r, const char *event);
bool report_send(const struct report *r, struct buf *b);
/* The same for lines of people alone. */
bool report_send_lines(const struct report *r, struct buf *b);
/* Text of several lines stays in one block: further lines are indented. Cleaned. */
void report_lines(struct buf *b, struct span text);
/* What stands behind a sender's name. */
const char *report_key_mark(enum contact_trust t);
/* The members, as a list of objects. */
void report_members_json(const struct report *r, struct buf *b, const struct members *m);
/* Not for people who asked for one thing. */
bool report_unasked(const struct report *r);
/* What we know of the key of a member: CONTACT_NEW where there are no contacts. */
enum contact_trust report_trust(const struct report *r, const struct member *m);
/* The same as what stands behind the name, and as members of an object. */
const char *report_trust_mark(const struct report *r, const struct member *m);
void report_trust_json(const struct report *r, struct buf *b, const struct member *m);

#endif
