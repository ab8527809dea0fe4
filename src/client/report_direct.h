/* What den tells of direct calls and chats. */
#ifndef DEN_CLIENT_REPORT_DIRECT_H
#define DEN_CLIENT_REPORT_DIRECT_H

#include "client/call.h"
#include "client/report.h"

struct report_call {
    const char *name;
    const struct public_key *key;
    bool caller;    /* we are */
    const char *at; /* the other end */
    enum contact_trust trust;
};

void report_calling(const struct report *r, const struct report_call *k);
/* It rings: there, or here. */
void report_rings(const struct report *r, const struct report_call *k);
/* The chat begins. */
void report_chat(const struct report *r, const struct report_call *k);
void report_direct(const struct report *r, const struct report_call *k, struct span text);
/* Given to the link. */
void report_direct_sent(const struct report *r, const char *to, struct span text);
/* why: of the link's end; may be "". */
void report_call_end(const struct report *r, const struct report_call *k, enum call_end end,
                     const char *why);
/* For people: who but us takes direct calls. */
void report_reachable(const struct report *r, const struct members *m, const char *self);

#endif
