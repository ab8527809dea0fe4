#include "client/reconnect.h"

#include "client/backoff.h"
#include "client/client.h"
#include "client/entry.h"
#include "platform/now.h"

bool reconnect_away(const struct client *c)
{
    return c->reconnect.away && (c->reconnect.here || c->reconnect.never);
}

/* What the server still owed will not come: it is another session then. */
static void leave_session(struct client *c)
{
    if (c->videos_asked)
        report_error(&c->report, "lost", "no list of clips: the link is lost", 0);
    c->videos_asked = c->videos_partial = false;
    buf_free(&c->videos.out);
    c->opener.paused = false;
    talk_lost(c);
    catchup_lost(c);
    intermission_begin(c);
    caster_lost(c);
}

bool reconnect_later(struct client *c, const char *why)
{
    struct reconnect *r = &c->reconnect;

    if (c->state == CLIENT_ALONE || !(r->here || (kiosk_on(c) && !r->never)) ||
        !c->config->reconnect || c->leaving)
        return false;
    c->state = CLIENT_WAITING;
    c->patience = INT64_MAX;
    c->members_partial = false;
    r->due = now_ns() + backoff_wait(r->tries++, &c->random);
    if (r->away)
        return true;
    r->away = true;
    report_away(&c->report, why);
    leave_session(c);
    return true;
}

void reconnect_never(struct client *c)
{
    c->reconnect.here = false;
    c->reconnect.never = true;
}

void reconnect_tick(struct client *c, int64_t now)
{
    if (c->state == CLIENT_WAITING && now >= c->reconnect.due)
        entry_start(c);
}

bool reconnect_done(struct client *c)
{
    bool before = c->reconnect.here;

    c->reconnect = (struct reconnect){.here = true};
    return before;
}
