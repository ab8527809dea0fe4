/* The envelopes of casts.h: from who watches to the caster, and back. */
#include <string.h>

#include "proto/envelope.h"
#include "proto/envelope_outer.h"
#include "server/casts.h"
#include "server/room.h"
#include "server/watcher.h"

/* What it holds of anything but keys is too large to be one. */
static bool passes(const struct wire_pass *m)
{
    if (envelope_check(m->envelope.data, m->envelope.len) != ERR_OK)
        return false;
    return m->envelope.len - envelope_slots(m->envelope.data, m->envelope.len) * ENVELOPE_SLOT <=
           LIMIT_HELLO - LIMIT_HINTS * ENVELOPE_SLOT;
}

enum err casts_give(struct session *s, struct span payload)
{
    struct wire_pass m;
    enum err e = wire_get_give(payload, &m);

    if (e == ERR_OK && !passes(&m))
        e = ERR_FORMAT;
    if (e == ERR_OK)
        intake_pass(s, MESSAGE_GIVE, &m);
    return e;
}

enum err casts_ask(struct session *s, struct span payload)
{
    struct wire_pass m;
    enum err e = wire_get_ask(payload, &m);

    if (e == ERR_OK && (!passes(&m) || envelope_form_of(m.envelope.data) != ENVELOPE_ONE))
        e = ERR_FORMAT;
    if (e == ERR_OK)
        intake_pass(s, MESSAGE_ASK, &m);
    return e;
}

static void pass_ask(struct session *s, const struct wire_pass *m)
{
    struct watcher *w = watcher_find(s, m->number);
    struct wire_pass out = *m;
    struct buf b;
    size_t begin;

    if (w == NULL || (w->cast->flags & CAST_SEALED) == 0)
        return;
    w->asked = true;
    out.number = w->cast->number;
    out.viewer = w->viewer;
    memcpy(out.from, s->name, sizeof out.from);
    out.fingerprint = s->key.fingerprint;
    buf_init(&b, MESSAGE_HEADER + 2 * LIMIT_HELLO);
    begin = wire_asked_begin(&b, &out);
    buf_add(&b, m->envelope.data, m->envelope.len);
    message_end(&b, begin);
    session_send_buf(w->cast->caster, &b);
}

static void give_to(const struct watcher *w, const struct wire_pass *m)
{
    struct buf b;
    size_t begin;

    buf_init(&b, MESSAGE_HEADER + 2 * LIMIT_HELLO);
    begin = wire_given_begin(&b, w->stream);
    envelope_pass(&b, m->envelope.data, m->envelope.len, w->session->key.fingerprint);
    message_end(&b, begin);
    session_send_buf(w->session, &b);
}

/* One to which too much waits is ended by that, and with it others: so each is looked for anew. */
static void pass_give(struct session *s, const struct wire_pass *m)
{
    uint32_t least = m->viewer;
    struct live_cast *c;

    while ((c = casts_of(s, m->number)) != NULL) {
        struct watcher *next = NULL;

        for (struct watcher *w = c->watchers; w != NULL; w = w->next) {
            bool fits = m->viewer != 0 ? w->viewer == least : w->asked && w->viewer >= least;

            if (fits && (next == NULL || w->viewer < next->viewer))
                next = w;
        }
        if (next == NULL)
            return;
        least = next->viewer + 1;
        give_to(next, m);
        if (m->viewer != 0)
            return;
    }
}

/* Nobody hears of somebody before hearing that it came. */
void casts_pass(struct session *s, uint8_t type, const struct wire_pass *m)
{
    notices_tell(s->room);
    if (type == MESSAGE_ASK)
        pass_ask(s, m);
    else
        pass_give(s, m);
}

enum err casts_oust(struct session *s, struct span payload)
{
    uint32_t number, viewer;
    struct watcher *w = NULL;
    const struct live_cast *c;
    enum err e = wire_get_pair(payload, &number, &viewer);

    if (e != ERR_OK)
        return e;
    c = casts_of(s, number);
    if (c != NULL)
        w = watcher_of(c, viewer);
    if (w != NULL) {
        w->asked = false;
        watcher_end(w, END_OUSTED, "the caster does not show this to you");
    }
    return ERR_OK;
}
