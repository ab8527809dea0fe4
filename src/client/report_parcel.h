/* What den tells of files that go and come. */
#ifndef DEN_CLIENT_REPORT_PARCEL_H
#define DEN_CLIENT_REPORT_PARCEL_H

#include "client/call.h"
#include "client/parcel.h"
#include "client/report.h"

/* Ours is offered. */
void report_parcel_offered(const struct report *r, const struct parcel *p);
/* Somebody offers one. asked: our user decides. */
void report_parcel_offer(const struct report *r, const struct parcel *p, bool asked);
/* For programs; people see report_parcel_line. */
void report_parcel_progress(const struct report *r, const struct parcel *p);
/* It goes on when there is a link again. why: of the link's end; may be "". */
void report_parcel_cut(const struct report *r, const struct parcel *p, const char *why);
/* It is another one by now, and begins anew. */
void report_parcel_changed(const struct report *r, const struct parcel *p);
/* No link came about: how, where and why. */
void report_parcel_unreachable(const struct report *r, const struct parcel *p, enum call_end how,
                               const char *at, const char *why);
void report_parcel_end(const struct report *r, const struct parcel *p);
/* One of the list, with its state. */
void report_parcel(const struct report *r, const struct parcel *p);
/* How far it is, in little room: of `count` that move this one. */
void report_parcel_line(const struct parcel *p, size_t count, char out[static REPORT_PARCEL_LINE]);

#endif
