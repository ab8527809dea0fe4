/* Whether what the wall clock says may be believed where age means deletion.
 *
 * A machine without a clock of its own starts in some other year and learns the right one later; a
 * person may mistype it. When the wall clock has gone ahead of the time that passed, or is at the
 * start far behind what was written last, nothing counts as old for some hours: so that there is time
 * to set it right. It goes on by itself then. */
#ifndef DEN_SERVER_CALENDAR_H
#define DEN_SERVER_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#define CALENDAR_JUMP INT64_C(86400)       /* seconds that it may gain unnoticed */
#define CALENDAR_DOUBT (INT64_C(4) * 3600) /* seconds for which it is not believed */

struct calendar {
    int64_t wall, passed; /* both clocks at one moment, in seconds */
    int64_t doubt;        /* until `passed` is this */
};

/* wall: seconds since 1970. passed: as now_since_boot. written: when the newest thing was, 0 if there
 * is none; limit: the age at which things go. */
void calendar_start(struct calendar *c, int64_t wall, int64_t passed, int64_t written,
                    int64_t limit);
/* Looks at the clocks again. False while the wall clock is not to be believed. */
bool calendar_trusts(struct calendar *c, int64_t wall, int64_t passed);

#endif
