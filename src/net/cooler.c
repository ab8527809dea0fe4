#include "net/cooler.h"

#include "net/pump.h"
#include "platform/pages.h"

static void unlink_warm(struct link *l)
{
    struct link_hub *hub = l->hub;

    *(l->warm_before == NULL ? &hub->warm_first : &l->warm_before->warm_next) = l->warm_next;
    *(l->warm_next == NULL ? &hub->warm_last : &l->warm_next->warm_before) = l->warm_before;
    l->warm_before = l->warm_next = NULL;
    l->warm = false;
}

void cooler_forget(struct link *l)
{
    if (l->warm)
        unlink_warm(l);
}

static void append(struct link *l, int64_t now)
{
    struct link_hub *hub = l->hub;

    l->looked_at = now;
    l->warm_before = hub->warm_last;
    *(hub->warm_last == NULL ? &hub->warm_first : &hub->warm_last->warm_next) = l;
    hub->warm_last = l;
    l->warm = true;
}

void cooler_use(struct link *l, int64_t now)
{
    l->used_at = now;
    if (!l->warm)
        append(l, now);
}

/* Nothing stands in the buffers: no part of a record has come, all that did was read, and none that
 * goes out was begun. */
static bool is_empty(const struct link *l)
{
    unsigned now = br_ssl_engine_current_state(l->engine);
    size_t len;

    if (l->state != STATE_OPEN || now != (BR_SSL_RECVREC | BR_SSL_SENDAPP) || l->record_used ||
        l->ahead.len > 0)
        return false;
    return br_ssl_engine_recvrec_buf(l->engine, &len) == l->engine->ibuf;
}

int64_t cooler_due(const struct link_hub *hub)
{
    return hub->warm_first == NULL ? INT64_MAX : hub->warm_first->looked_at + COOLER_IDLE_NS;
}

void cooler_tick(struct link_hub *hub, int64_t now)
{
    struct link *l;
    bool cooled = false;

    if (cooler_due(hub) > now)
        return;
    while (cooler_due(hub) <= now + COOLER_SOON_NS) {
        l = hub->warm_first;
        unlink_warm(l);
        if (now - l->used_at < COOLER_IDLE_NS - COOLER_SOON_NS || !is_empty(l)) {
            append(l, now);
            continue;
        }
        pages_give_back(l->buffer, sizeof l->buffer);
        cooled = true;
    }
    if (cooled)
        pages_trim();
}
