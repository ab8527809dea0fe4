#include "net/cooler.h"

#include "net/pump.h"
#include "platform/pages.h"

void cooler_forget(struct link *l)
{
    row_leave(l, ROW_WARM);
}

static void append(struct link *l, int64_t now)
{
    l->looked_at = now;
    row_join(l, ROW_WARM);
}

void cooler_use(struct link *l, int64_t now)
{
    l->used_at = now;
    if (!l->places[ROW_WARM].taken)
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
    const struct link *first = hub->rows[ROW_WARM].first;

    return first == NULL ? INT64_MAX : first->looked_at + COOLER_IDLE_NS;
}

void cooler_tick(struct link_hub *hub, int64_t now)
{
    struct link *l;
    bool cooled = false;

    if (cooler_due(hub) > now)
        return;
    while (cooler_due(hub) <= now + COOLER_SOON_NS) {
        l = hub->rows[ROW_WARM].first;
        cooler_forget(l);
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
