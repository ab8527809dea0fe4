/* What report.h tells of casts: ours, and those that are watched. */
#ifndef DEN_CLIENT_REPORT_LIVE_H
#define DEN_CLIENT_REPORT_LIVE_H

#include "client/report.h"
#include "wire/live.h"

struct casting;

/* The server has taken it / it is over. */
void report_cast(const struct report *r, const struct casting *k);
void report_cast_end(const struct report *r, const struct casting *k, const char *reason);
/* what: admitted, refused, left or put-out. */
void report_cast_viewer(const struct report *r, const char *cast, const char *name,
                        const char *what);
/* There is another key. */
void report_cast_key(const struct report *r, const char *cast, uint32_t epoch);
/* We are about to watch it. */
void report_live(const struct report *r, const struct wire_cast *m);
/* The casts of the room, at the head of the list of clips, which is begun by that. */
void report_videos_live(const struct report *r, struct report_videos *v, struct cursor list,
                        enum err *e);

#endif
