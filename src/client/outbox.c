#include "client/outbox.h"

#include <stdio.h>
#include <string.h>

#include "client/client.h"
#include "client/unsent.h"
#include "platform/paths.h"

static enum err take(void *owner, const struct unsent *u)
{
    return mail_restore(owner, u);
}

/* Once in a run, before anything else is sent: their ids are lower than all that come. */
static void restore(struct client *c)
{
    struct mail *m = &c->mail;
    size_t broken;
    enum err e;

    m->opened = true;
    if (c->config->ephemeral || c->config->one_shot || c->config->state == NULL ||
        !paths_join(m->dir, c->config->state, "unsent"))
        return;
    m->kept = true;
    e = unsent_each(m->dir, c->server.fingerprint, take, c, &broken);
    if (e != ERR_OK || broken > 0)
        report_error(&c->report, "state", "some messages that waited to be sent can't be read", 0);
    if (m->count > 0)
        report_note(&c->report, "%zu message%s from before %s sent now.", m->count,
                    m->count == 1 ? "" : "s", m->count == 1 ? "is" : "are");
}

void outbox_enter(struct client *c)
{
    if (!c->mail.opened)
        restore(c);
    c->mail.again = 0;
    mail_resend(c, false);
}

bool outbox_warn(struct client *c)
{
    struct mail *m = &c->mail;
    size_t count = mail_waiting(m);
    char text[128];

    if (count == 0 || c->config->one_shot)
        return count > 0;
    if (!m->warned) {
        snprintf(text, sizeof text, "%zu message%s not accepted by the server yet: %s", count,
                 count == 1 ? " was" : "s were",
                 m->kept ? "sent when you come back" : "lost with this identity");
        report_error(&c->report, "unsent", text, 0);
    }
    m->warned = true;
    return true;
}

int64_t outbox_due(const struct client *c)
{
    return c->mail.again > 0 ? c->mail.again : INT64_MAX;
}

void outbox_tick(struct client *c, int64_t now)
{
    if (now < outbox_due(c))
        return;
    c->mail.again = 0;
    mail_resend(c, true);
}
