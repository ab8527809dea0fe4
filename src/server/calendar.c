#include "server/calendar.h"

#include "base/log.h"

static void doubt(struct calendar *c, const char *why, int64_t seconds)
{
    log_note("%s %lld days: for %d hours no message is deleted for its age", why,
             (long long)(seconds / 86400), (int)(CALENDAR_DOUBT / 3600));
    c->doubt = c->passed + CALENDAR_DOUBT;
}

void calendar_start(struct calendar *c, int64_t wall, int64_t passed, int64_t written,
                    int64_t limit)
{
    *c = (struct calendar){.wall = wall, .passed = passed, .doubt = passed};
    if (written > 0 && limit > 0 && wall - written > limit)
        doubt(c, "by the clock the newest message is older than", wall - written);
}

/* Each look is compared with the one before, so small corrections do not add up. */
bool calendar_trusts(struct calendar *c, int64_t wall, int64_t passed)
{
    int64_t gained = wall - c->wall - (passed - c->passed);

    c->wall = wall;
    c->passed = passed;
    if (gained > CALENDAR_JUMP)
        doubt(c, "the clock went ahead by", gained);
    return passed >= c->doubt;
}
